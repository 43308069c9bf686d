-- Privileges of the service and the administrator; everything else is refused.
begin;

grant usage on schema sqitch to ets144_owner;
grant select on sqitch.changes to ets144_owner;
alter function service.schema_version() owner to ets144_owner;
alter function service.schema_user(text) owner to ets144_owner;
alter function service.schema_supports(text) owner to ets144_owner;
alter function service.schema_use(text) owner to ets144_owner;
alter procedure service.schema_retire(text) owner to ets144_owner;
revoke execute on function service.schema_version(), service.schema_user(text),
    service.schema_supports(text), service.schema_use(text) from public;
revoke execute on procedure service.schema_retire(text) from public;

set local role ets144_owner;

-- Reading: the record and the functions on it. They run with the rights of the caller, who may not
-- write.
grant select on all tables in schema register to ets144_service, ets144_admin;
grant execute on all functions in schema register to ets144_service, ets144_admin;

-- Writing: through functions that run as their owner. Their building blocks are not granted to
-- anyone, and those that take the author as a text not to the service.
revoke execute on function
    register.write_lock(), register.open_revision(text, text),
    register.begin_revision(text, text), register.notify_listeners(text),
    register.internal_change_time(), register.close_write(),
    register.version_add(regclass, text, jsonb, text, text, boolean),
    register.digest_revision(), register.digest_internal_change(), register.digest_import(),
    register.log_changes(), register.log_status_changes(timestamptz, bigint, text[]),
    register.record_periods(text[], timestamptz),
    register.actions_enter(jsonb, text, text),
    register.operations_enter(register.operation[], text, text, boolean),
    register.changeset_store(register.operation[], text, text, text, bigint),
    register.changeset_apply(register.operation[], text, text, text, boolean),
    register.operation_apply(text, text, text, jsonb, text),
    register.proposal_log(text, text, text, text, text),
    register.proposal_apply(jsonb, text, text),
    register.proposal_judge(text, text, text, jsonb, text, text),
    register.proposal_store(text, text, text, jsonb, text, text, text),
    register.changeset_record(jsonb, text), register.changeset_revert(text, jsonb, text)
    from ets144_service, ets144_admin;
revoke execute on function register.import_record(jsonb, bytea, text) from ets144_service;
grant execute on function
    service.token_by_digest(bytea), service.token_owns(bytea, text, text, jsonb),
    service.schema_version(), service.schema_supports(text),
    service.schema_use(text),
    service.request_begin(bytea, text, bytea, text, jsonb),
    service.write_begin(bytea, text, bytea, text, boolean, jsonb),
    service.request_store_result(text), service.tokens_used(jsonb),
    service.tokens_seen(bytea, text, jsonb), service.token_issue(jsonb, bytea, bytea, jsonb),
    service.token_reissue(text, bytea, interval, date, bytea, jsonb),
    service.token_withdraw(text, bytea, jsonb),
    service.proposals_seen(bytea, jsonb, text),
    service.proposal_create(text, text, text, jsonb, text),
    service.proposal_approve(text, bytea, jsonb),
    service.proposal_end(text, text, text, bytea, jsonb),
    service.operation_apply(text, text, text, jsonb),
    service.changeset_record(jsonb), service.changeset_revert(text, jsonb),
    service.import_record(jsonb, bytea),
    service.webhook_list(bytea, boolean, text, jsonb),
    service.webhook_create(jsonb, text, integer, integer),
    service.webhook_first_secret(text), service.webhook_lock(text),
    service.webhook_change(text, jsonb), service.webhook_delete(text),
    service.webhook_rotate(text, text, boolean), service.webhook_test(text),
    service.webhook_redeliver(text, text),
    service.webhook_replay(text, text, timestamptz, integer),
    service.webhook_claim(integer, interval),
    service.webhook_finish_attempt(bigint, integer, text, integer, text, interval, interval),
    service.webhook_release(bigint[]), service.webhook_attempts(text, bigint, integer),
    service.webhook_dead_letters(text, timestamptz, integer, integer),
    service.webhook_progress(text), service.webhook_backlog()
    to ets144_service;
grant execute on function
    service.token_create(text, bytea, text[], timestamptz), service.token_list(),
    service.token_rotate(text, bytea, interval, timestamptz), service.token_expiry(date),
    service.token_revoke(text), service.schema_version()
    to ets144_admin;

commit;
