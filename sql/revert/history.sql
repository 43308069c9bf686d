begin;

drop function register.version_to_change;
drop function register.version_add;
drop function register.newest_version;
drop function register.content_for;
drop function register.content_of;
drop function register.text_array;
drop trigger history_is_kept on register.revision_log;
drop trigger history_is_not_truncated on register.revision_log;
drop procedure register.keep_history;
drop function register.identity_is_kept;
drop function register.history_is_kept;

commit;
