begin;

drop function register.action_breaches;

commit;
