begin;

drop function register.resolve_moment;
drop function register.internal_change_time;
drop function register.revision_time;
drop function register.begin_revision;
drop function register.open_revision;
drop function register.notify_listeners;
drop function register.written_reference;
drop function register.current_trace;
drop table register.open_write;
drop function register.close_write;
drop function register.write_lock;
drop table register.write_queue;
drop function register.today;
drop table register.revision_log;
drop table register.revision;

commit;
