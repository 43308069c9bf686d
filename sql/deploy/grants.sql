-- What the service and the administrator may do; everything else is refused.
begin;

grant usage on schema sqitch to ets144_owner;
grant select on sqitch.changes to ets144_owner;
alter function service.schema_version() owner to ets144_owner;
revoke execute on function service.schema_version() from public;

set local role ets144_owner;

-- Reading: the record and the functions that tell what follows from it.
grant select on all tables in schema register to ets144_service, ets144_admin;
grant execute on function
    register.today(), register.moment(date, timestamptz), register.revision_time(bigint),
    register.first_of_month_after(integer, date), register.actions_known(timestamptz),
    register.entry_into_force(date, timestamptz), register.effects_at(date, timestamptz),
    register.members_at(date, timestamptz), register.status_at(date, timestamptz),
    register.breaches(), register.faults()
    to ets144_service, ets144_admin;

-- Writing: through these, which run as their owner.
alter function register.write_lock() security definer;
alter function register.write_lock() set search_path = pg_catalog, pg_temp;
grant execute on function
    register.write_lock(), register.action_record(jsonb, text),
    register.action_correct(text, jsonb, text), register.action_void(text, text, text)
    to ets144_service;
grant execute on function
    service.token_by_digest(bytea), service.schema_version(),
    service.request_claim(text, text, bytea),
    service.request_settle(text, text, bytea, text, bigint)
    to ets144_service;
grant execute on function
    service.token_create(text, bytea, text[], timestamptz), service.token_list(),
    service.token_revoke(text), service.schema_version()
    to ets144_admin;

commit;
