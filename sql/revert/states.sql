begin;

drop function register.state_breaches;
drop function register.membership_content;
drop function register.state_content;
drop function register.used_names;

commit;
