begin;

select rule from register.breaches() where false;
select rule, detail_en, detail_fr from register.faults() where false;

rollback;
