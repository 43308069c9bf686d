begin;

drop function register.moment;
drop function register.internal_change;
drop function register.revision_time;
drop function register.revision_open;
drop function register.write_lock;
drop function register.today;
drop table register.revision_log;
drop table register.revision;

commit;
