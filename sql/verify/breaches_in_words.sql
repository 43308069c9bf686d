begin;

select rule, detail_en, detail_fr from register.breaches_in_words() where false;

rollback;
