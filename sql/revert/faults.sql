begin;

drop function register.refuse_rule;
drop function register.demand_legality;
drop function register.refuse;
drop function register.faults;

commit;
