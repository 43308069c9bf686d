-- Roles and privileges. Roles belong to the cluster, so they may exist already.
--   ets144_owner    owns every table and function; has no login
--   ets144_service  the service: reads, and writes through functions only; owns nothing
--   ets144_admin    deploys data and creates tokens
begin;

do $$
declare
    wanted record;
begin
    for wanted in
        select *
          from (values ('ets144_owner', false), ('ets144_service', true), ('ets144_admin', true))
            as role (name, logs_in)
    loop
        if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
            execute pg_catalog.format('create role %I %s', wanted.name,
                                      case when wanted.logs_in then 'login' else 'nologin' end);
        end if;
    end loop;
    if not pg_catalog.pg_has_role(current_user, 'ets144_owner', 'member') then
        execute pg_catalog.format('grant ets144_owner to %I', current_user);
    end if;
    -- The administrator may become the owner, for instance to load the record, but does not inherit
    -- it.
    alter role ets144_admin noinherit;
    grant ets144_owner to ets144_admin;
end
$$;

-- JIT is off: compiling the register's short statements takes a thousand times as long as running
-- them.
do $$
begin
    execute pg_catalog.format('alter database %I set jit = off', current_database());
end
$$;

-- Session settings per role, because behind a pooler the service cannot set them in each session.
do $$
declare
    setting record;
begin
    for setting in
        select role.name as role, wanted.name, wanted.value
          from (values ('timezone', 'UTC', true), ('datestyle', 'ISO', true),
                       ('plan_cache_mode', 'force_generic_plan', true),
                       ('statement_timeout', '10s', false),
                       ('idle_in_transaction_session_timeout', '10s', false))
            as wanted (name, value, of_both)
          join (values ('ets144_service'), ('ets144_admin')) as role (name)
            on wanted.of_both or role.name = 'ets144_service'
    loop
        execute pg_catalog.format('alter role %I in database %I set %s = %L', setting.role,
                                  current_database(), setting.name, setting.value);
    end loop;
end
$$;

-- Every connected role may notify every channel and take any advisory lock, so only the register's
-- roles may connect. The owner makes temporary tables when it loads the record.
do $$
declare
    name constant text := pg_catalog.quote_ident(current_database());
begin
    execute 'revoke connect, temporary on database ' || name || ' from public';
    execute 'grant connect on database ' || name || ' to ets144_service, ets144_admin';
    execute 'grant temporary on database ' || name || ' to ets144_owner';
end
$$;

create extension if not exists btree_gist with schema public;

create schema register authorization ets144_owner;
create schema service authorization ets144_owner;
comment on schema register is 'The law of ETS No. 144 and the record of what States did.';
comment on schema service is 'What the HTTP service stores for itself: tokens, request keys and webhooks.';

grant usage on schema register to ets144_service, ets144_admin;
grant usage on schema service to ets144_service, ets144_admin;
alter default privileges for role ets144_owner revoke execute on functions from public;

commit;
