-- The builds of the service that this schema supports. A build names the change it was made for,
-- the last change of its plan. Later changes that only add (expand) go on supporting it; a change
-- that takes away what older builds use (contract) begins with service.schema_retire(), which fails
-- as long as such a build is connected.
begin;
set local role ets144_owner;

create table service.schema_oldest (
    one boolean primary key default true check (one),
    change text not null
);
comment on table service.schema_oldest is 'The oldest change whose builds are supported.';

-- These functions read Sqitch's table with the deployer's rights, until grants.sql gives them to
-- the owner.
reset role;

create function service.schema_version() returns text
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select change.change from sqitch.changes as change order by change.committed_at desc limit 1
$$;
comment on function service.schema_version is
    'The last change deployed here.';

create function service.schema_user(wanted text) returns text
    language sql immutable
    return format('ets144 listener %s', wanted);
comment on function service.schema_user is
    'The name of the session of a connected service that was built for a change.';

create function service.schema_supports(wanted text) returns boolean
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
          from sqitch.changes as change
          join service.schema_oldest as oldest on true
          join sqitch.changes as first on first.change = oldest.change
         where change.change = schema_supports.wanted
           and change.committed_at >= first.committed_at)
$$;
comment on function service.schema_supports is
    'Whether this schema supports a build made for a change: the change was deployed and not '
    'retired.';

-- A connected service is known by the name of its session and by its role, which no other role can
-- take; nobody waits for a lock that a stranger could hold. A retirement under way locks the table
-- of the oldest change: either it sees the session, or this function waits and sees the retirement.
create function service.schema_use(wanted text) returns boolean
    language plpgsql security definer
    set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('application_name', service.schema_user(wanted), false);
    lock table service.schema_oldest in access share mode;
    return service.schema_supports(wanted);
end
$$;
comment on function service.schema_use is
    'Whether this schema supports a build; from now on the session says which, so that nobody '
    'retires the build''s change meanwhile.';

-- For the beginning of a change that takes away what older builds use.
create procedure service.schema_retire(before text)
    language plpgsql
    set search_path = pg_catalog, pg_temp
as $$
declare
    older text;
begin
    lock table service.schema_oldest in access exclusive mode;
    perform pg_stat_clear_snapshot();
    for older in
        select change.change
          from sqitch.changes as change
          join sqitch.changes as first on first.change = schema_retire.before
         where change.committed_at < first.committed_at
    loop
        if exists (select
                     from pg_stat_activity as session
                    where session.datname = current_database()
                      and session.application_name = service.schema_user(older)
                      and pg_has_role(session.usesysid, 'ets144_service', 'member')) then
            raise exception using
                errcode = 'object_in_use',
                message = format('a service built for the schema "%s" is connected', older),
                hint = format('Stop every service built for a schema before "%s".', before);
        end if;
    end loop;
    insert into service.schema_oldest (change) values (before)
        on conflict (one) do update set change = excluded.change;
end
$$;
comment on procedure service.schema_retire is
    'Retires every change before this one; fails while a service built for such a change is '
    'connected.';

commit;
