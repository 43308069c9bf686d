begin;

drop function register.changeset_operations_seen;
drop function register.changesets_seen;
drop function register.changeset_revert;
drop function register.operations_to_revert;
drop function register.operation_apply;
drop function register.changeset_record;
drop function register.changeset_apply;
drop function register.refuse_single;
drop function register.refuse_changeset;
drop function register.operation_faults;
drop function register.states_unjudged;
drop function register.changeset_store;
drop function register.operations_enter;
drop function register.refuse_stale;
drop function register.stale_operations;
drop function register.version_content;
drop function register.outlook_day_breaches;
drop function register.operation_breaches;
drop function register.operation_is_internal;
drop function register.operations_read;
drop type register.operation;
drop function register.content_of_document;
drop function register.versions_of;
drop table register.changeset_operation;
drop table register.changeset;

commit;
