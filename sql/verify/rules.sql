begin;

select 1 / count(*) from register.kind where code = 'ratification';
select 1 / count(*) from register.verification where code = 'confirmed';
select 1 / count(*) from register.rule where name = 'chapter_a_always_applies';

rollback;
