begin;

drop function register.fact_void;
drop function register.fact_correct;
drop function register.fact_record;
drop function register.change_one;

commit;
