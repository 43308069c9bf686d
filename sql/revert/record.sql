begin;

drop table register.action_version;
drop table register.action;
drop table register.membership;
drop table register.state_version;
drop table register.state;
drop trigger history_is_kept on register.revision_log;
drop trigger history_is_not_truncated on register.revision_log;
drop function register.identity_is_kept;
drop function register.history_is_kept;

commit;
