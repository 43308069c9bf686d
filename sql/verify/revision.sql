begin;

select number, at from register.revision where false;
select revision, at, author, reason from register.revision_log where false;
select 1 / count(*) from register.revision;
select as_of, known_at, revision, projected from register.resolve_moment(null, null);
select register.written_reference('ITA-1');

rollback;
