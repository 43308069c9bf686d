begin;

drop function register.first_of_month_after;

commit;
