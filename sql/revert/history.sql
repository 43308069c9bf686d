begin;

drop function register.version_add;
drop function register.latest_version;
drop function register.content_from_document;
drop function register.content_of;
drop function register.text_array;
drop trigger reject_change on register.revision_log;
drop trigger reject_truncate on register.revision_log;
drop procedure register.make_append_only;
drop function register.reject_any_change;
drop function register.reject_change;

commit;
