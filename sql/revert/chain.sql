begin;

drop trigger digest_internal_change on register.outlook_version;
drop function register.digest_internal_change;
drop trigger digest_revision on register.revision_log;
drop function register.digest_revision;
drop function register.internal_content;
drop function register.revision_digests;
drop function register.revision_content;
drop function register.revision_internal;
drop function register.reason_is_internal;
drop function register.internal_recorded;
drop function register.revision_recorded;
drop function register.revision_changes;
drop function register.change_item;
drop function register.revision_versions;
drop function register.version_item;
drop trigger reject_truncate on service.access_token;
drop trigger log_token_event on service.access_token;
drop trigger lock_token_log on service.access_token;
drop function service.log_token_event;
drop function service.lock_token_log;
drop function service.token_event_digest;
drop table register.internal_digest;
drop table register.revision_digest;
drop table service.access_token_log;

commit;
