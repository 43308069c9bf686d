begin;

select rule, detail_en, detail_fr from register.faults() where false;

rollback;
