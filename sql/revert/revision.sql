begin;

drop function register.resolve_moment;
drop function register.internal_change_time;
drop function register.revision_time;
drop function register.begin_revision;
drop function register.write_lock;
drop function register.today;
drop table register.revision_log;
drop table register.revision;

commit;
