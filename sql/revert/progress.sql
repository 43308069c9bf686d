begin;

drop function register.outlook_at;
drop function register.call_progress;
drop function register.has_done;

commit;
