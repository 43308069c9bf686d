begin;

select rule, detail_en, detail_fr from register.breaches_in_words() where false;
select (register.touched_by(now(), now())).states where false;

rollback;
