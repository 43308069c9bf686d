-- Changesets: operations that are judged together and recorded as one revision, or not at all. An
-- operation records, corrects or voids a record. A changeset is reverted by another changeset, whose
-- operations undo it; only there a voided record is restored. A write of a single record is a
-- changeset of one operation. register.changeset_apply() is the only way into the record.
begin;
set local role ets144_owner;

create table register.changeset (
    reference text primary key check (reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    at timestamptz not null,
    as_of date not null,
    author text not null,
    reason text,
    reverts text references register.changeset,
    revision_before bigint not null references register.revision_log,
    revision bigint not null references register.revision_log
);
comment on column register.changeset.reason is
    'Null only of a single record that was recorded without a reason';
comment on column register.changeset.revision is
    'Equal to revision_before if all that changed is internal';
create index changeset_at on register.changeset (at);
create index changeset_by_author on register.changeset (author, reference);
create index changeset_that_reverts on register.changeset (reverts) where reverts is not null;

-- version: the one that the operation made; of a correction that changed nothing, the one that it
-- left. internal: readers without access to internal content do not see the operation, which is of
-- a record that is or was internal.
create table register.changeset_operation (
    changeset text not null references register.changeset,
    place integer not null check (place > 0),
    op text not null check (op in ('record', 'correct', 'void', 'restore')),
    type text not null check (type in ('action', 'state', 'membership', 'call', 'reply', 'outlook',
                                       'note')),
    reference text not null,
    version integer not null check (version > 0),
    state text references register.state,
    changed boolean not null,
    internal boolean not null,
    primary key (changeset, place),
    unique (type, reference, changeset)
);
create index changeset_operation_of_state on register.changeset_operation (state, changeset);

call register.make_append_only('register.changeset');
call register.make_append_only('register.changeset_operation');

create function register.versions_of(type text) returns regclass
    language sql stable
    return case type when 'action' then 'register.action_version'
                     when 'call' then 'register.call_version'
                     when 'state' then 'register.state_version'
                     when 'membership' then 'register.membership_version'
                     when 'reply' then 'register.reply_version'
                     when 'outlook' then 'register.outlook_version'
                     when 'note' then 'register.note_version' end::regclass;
comment on function register.versions_of is
    'The table of the versions of a type of record.';

create function register.content_of_document(type text, document jsonb) returns jsonb
    language sql stable
    return case type when 'action' then register.action_content(document)
                     when 'call' then register.call_content(document)
                     when 'state' then register.state_content(document)
                     when 'membership' then register.membership_content(document)
                     when 'reply' then register.reply_content(document)
                     when 'outlook' then register.outlook_content(document)
                     when 'note' then register.note_content(document) end;
comment on function register.content_of_document is
    'The content of a document of a type of record.';

-- An operation as it is applied.
--   reference   of the record; of a new record, the one that it gets
--   number      of a new action or membership, within its State
--   version     the one that the author read; null: not asked for
--   present     the newest version; null: there is no such record
--   content     of the version to be added
--   unnamed     the local name in refers_to that no operation of the changeset has; null: none
create type register.operation as (
    place integer, op text, type text, name text, reference text, state text, number integer,
    version integer, present jsonb, content jsonb, unnamed text);

-- Operations may refer to each other by local names: refers_to "#deposit" is the action that the
-- operation of that name records.
create function register.operations_read(given jsonb) returns setof register.operation
    language sql volatile
    rows 100
as $$
    with said as materialized (
        select entry.place::integer, entry.item ->> 'op' as op, entry.item ->> 'type' as type,
               entry.item ->> 'name' as name,
               case when entry.item ->> 'type' in ('reply', 'outlook', 'note')
                    then lower(entry.item ->> 'reference')
                    else upper(entry.item ->> 'reference') end as reference,
               (entry.item ->> 'version')::integer as version,
               upper(entry.item -> 'document' ->> 'state') as state,
               coalesce(entry.item -> 'document', '{}') as document
          from jsonb_array_elements(given) with ordinality as entry (item, place)
    ),
    highest as materialized (
        select 'action' as type, action.state, max(action.number) as number
          from register.action
         where action.state in (select said.state from said)
         group by action.state
         union all
        select 'membership' as type, membership.state, max(membership.number) as number
          from register.membership
         where membership.state in (select said.state from said)
         group by membership.state
    ),
    numbered as (
        select said.*,
               case when said.op = 'record' and said.type in ('action', 'membership')
                    then coalesce(highest.number, 0)
                         + row_number() over (partition by said.op, said.type, said.state
                                                  order by said.place) end::integer as number
          from said
          left join highest on highest.type = said.type and highest.state = said.state
    ),
    identified as materialized (
        select numbered.place, numbered.op, numbered.type, numbered.name,
               case when numbered.op <> 'record' then numbered.reference
                    when numbered.type = 'action' then numbered.state || '-' || numbered.number
                    when numbered.type = 'membership'
                        then numbered.state || '-M' || numbered.number
                    when numbered.type = 'state' then upper(numbered.document ->> 'code')
                    when numbered.type = 'call' then upper(numbered.document ->> 'reference')
                    -- Of version 4 (RFC 9562), without a time: a published entry does not say since
                    -- when it was internal.
                    else gen_random_uuid()::text end as reference,
               numbered.number, numbered.version, numbered.document,
               case when numbered.document ->> 'refers_to' like '#%'
                    then numbered.document ->> 'refers_to' end as meant
          from numbered
    ),
    named as (
        select identified.name, min(identified.reference) as reference
          from identified
         where identified.op = 'record' and identified.type = 'action'
         group by identified.name
    )
    select identified.place, identified.op, identified.type, identified.name,
           identified.reference,
           case when identified.type in ('action', 'membership', 'state')
                then split_part(identified.reference, '-', 1)
                else coalesce(upper(identified.document ->> 'state'), entry.state) end,
           identified.number, identified.version, held.present,
           case identified.op
               when 'void' then register.content_of(held.present) || '{"voided": true}'
               else register.content_of_document(
                        identified.type,
                        identified.document
                        || case when identified.meant is null then '{}'
                                else jsonb_build_object('refers_to', named.reference) end) end,
           case when named.reference is null then identified.meant end
      from identified
      left join named on named.name = identified.meant
      left join register.record_state as entry
        on entry.type = identified.type and entry.reference = identified.reference
     cross join lateral (
               select register.latest_version(register.versions_of(identified.type),
                                              identified.reference)
           ) as held (present)
     order by identified.place
$$;
comment on function register.operations_read is
    'The operations of a changeset, [{op, type, name, reference, version, document}], each with the '
    'record that it is of.';

create function register.operation_is_internal(operation register.operation) returns boolean
    language sql immutable
    return coalesce('internal' in (operation.present ->> 'visibility',
                                   operation.content ->> 'visibility'), false);
comment on function register.operation_is_internal is
    'Whether an operation is of a record that is internal before or after it.';

create function register.operation_is_hidden(operation register.operation) returns boolean
    language sql immutable
    return coalesce(operation.content ->> 'visibility' = 'internal'
                    and coalesce(operation.present ->> 'visibility', 'internal') = 'internal',
                    false);
comment on function register.operation_is_hidden is
    'Whether an operation is of a record that is internal before and after it.';

create function register.operation_breaches(operations register.operation[])
    returns table (line integer, rule text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with given as materialized (
        select asked.*, asked::register.operation as operation,
               min(asked.place) over (partition by asked.type, asked.reference) as first_place,
               min(asked.place) over (partition by asked.name) as first_named
          from unnest(operations) as asked
    )
    -- T4100
    select given.place as line, 'operation_of_record' as rule, 'reference' as field,
           array[given.reference] as arguments
      from given
     where given.op <> 'record' and given.present is null

    union all
    -- T4101
    select given.place as line, 'operation_of_standing_record' as rule, 'reference' as field,
           array[given.reference] as arguments
      from given
     where given.op in ('correct', 'void') and (given.present ->> 'voided')::boolean

    union all
    -- T4102
    select given.place as line, 'record_changed_once' as rule,
           case given.op when 'record' then 'document/reference' else 'reference' end as field,
           array[given.reference, given.first_place::text] as arguments
      from given
     where given.place > given.first_place and given.reference is not null

    union all
    -- T4103
    select given.place as line, 'name_given_once' as rule, 'name' as field,
           array[given.name, given.first_named::text] as arguments
      from given
     where given.place > given.first_named and given.name is not null

    union all
    -- T4104
    select given.place as line, 'name_of_operation' as rule, 'document/refers_to' as field,
           array[given.unnamed] as arguments
      from given
     where given.unnamed is not null

    union all
    -- T4001
    select given.place as line, 'state_exists' as rule, 'document/state' as field,
           array[given.state] as arguments
      from given
     where given.op = 'record' and given.type not in ('call', 'state')
       and (given.type <> 'reply' or given.state is not null)
       and not exists (select
                         from register.state_version as held
                        where held.reference = given.state and upper_inf(held.recorded)
                          and not held.voided)
       and not exists (select
                         from given as new
                        where new.op in ('record', 'restore') and new.type = 'state'
                          and new.reference = given.state)

    union all
    -- T4080
    select given.place as line, 'call_reference_free' as rule, 'document/reference' as field,
           array[given.reference] as arguments
      from given
     where given.op = 'record' and given.type = 'call' and given.present is not null

    union all
    -- T4128
    select given.place as line, 'state_code_free' as rule, 'document/code' as field,
           array[given.reference] as arguments
      from given
     where given.op = 'record' and given.type = 'state' and given.present is not null

    union all
    -- The record was loaded without the sources of memberships, and a revert may bring such a version
    -- back.
    -- T4013
    select given.place as line, 'sources_match_verification' as rule, 'document/sources' as field,
           array[given.reference, verification.code, verification.sources_needed::text]
               as arguments
      from given
      join register.verification on verification.code = given.content ->> 'verification'
     where given.op in ('record', 'correct') and given.type in ('state', 'membership')
       and jsonb_array_length(given.content -> 'sources') < verification.sources_needed
       and not exists (select
                         from register.membership_version as earlier
                        where earlier.reference = given.reference
                          and register.content_of(to_jsonb(earlier)) = given.content)

    union all
    -- T4106
    select given.place as line, 'internal_apart' as rule, 'document/visibility' as field,
           array[given.reference] as arguments
      from given
     where register.operation_is_internal(given.operation)
       and exists (select
                     from given as other
                    where not register.operation_is_internal(other.operation))

    union all
    -- T4105
    select null::integer as line, 'changeset_changes_something' as rule, null::text as field,
           '{}'::text[] as arguments
     where not exists (select
                         from given
                        where given.op = 'record' or given.present is null
                           or given.content is distinct from register.content_of(given.present)
                           or (given.op in ('correct', 'void')
                               and (given.present ->> 'voided')::boolean));
end;
comment on function register.operation_breaches is
    'The breaches in the operations of a changeset themselves, before the law of treaties is '
    'applied; line: the place of the operation.';

-- Of an entry that a State's membership of the Parties ends, the day is compared with the register
-- as the changeset leaves it.
create function register.outlook_day_breaches(operations register.operation[])
    returns table (line integer, rule text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    -- T4092
    select asked.place, 'outlook_before_party', 'document/date', array[asked.state]
      from unnest(operations) as asked
      join register.periods_at('infinity') as held
        on held.state = asked.state and held.valid @> (asked.content ->> 'date')::date
     where asked.type = 'outlook' and asked.op in ('record', 'correct', 'restore')
       and held.status in ('party', 'party_denouncing');
end;
comment on function register.outlook_day_breaches is
    'The outlook entries of a changeset for a day on which their State is a Party.';

create function register.version_content(versions regclass, reference text, version integer)
    returns jsonb
    language plpgsql stable
as $$
declare
    content jsonb;
begin
    execute format('select register.content_of(pg_catalog.to_jsonb(v)) from %s as v
                     where v.reference = $1 and v.version = $2', versions)
       into content
      using reference, version;
    return content;
end
$$;
comment on function register.version_content is
    'The content of a version; null: there is no such version.';

-- Compares what an author read with what is held. A version is not stale if the newest one has the
-- same content again. The members are those in which the two differ; none, if there is no such
-- version.
create function register.stale_operations(operations register.operation[])
    returns table (line integer, reference text, version integer, newest_version integer,
                   changed_by text, changed_at text, members text[])
    language plpgsql stable
as $$
declare
    asked register.operation;
    was jsonb;
begin
    foreach asked in array operations loop
        if asked.op = 'record' or asked.present is null or asked.version is null
           or asked.version = (asked.present ->> 'version')::integer then
            continue;
        end if;
        was := register.version_content(register.versions_of(asked.type), asked.reference,
                                        asked.version);
        if was = register.content_of(asked.present) then
            continue;
        end if;
        line := asked.place;
        reference := asked.reference;
        version := asked.version;
        newest_version := asked.present ->> 'version';
        changed_by := asked.present ->> 'author';
        changed_at := register.utc_text(pg_catalog.lower((asked.present ->> 'recorded')::tstzrange));
        select coalesce(pg_catalog.array_agg(held.key order by held.key), '{}') into members
          from pg_catalog.jsonb_each(register.content_of(asked.present)) as held
         where held.value <> was -> held.key;
        return next;
    end loop;
end
$$;
comment on function register.stale_operations is
    'The operations on a version that is no longer the newest, with who changed the record since, '
    'when, and in which members.';

create function register.refuse_stale(operations register.operation[]) returns void
    language plpgsql stable
    set timezone = 'UTC'
as $$
declare
    found jsonb;
begin
    select jsonb_agg(to_jsonb(stale) order by stale.line) into found
      from register.stale_operations(operations) as stale;
    if found is not null then
        raise exception 'Records of the changeset were changed since they were read.'
            using errcode = 'T5003', constraint = 'versions_stale', detail = found::text;
    end if;
end
$$;
comment on function register.refuse_stale is
    'Raises an exception that names each stale operation, if there is any.';

-- Adds the versions of the operations, under one revision. Internal operations make no revision.
create function register.operations_enter(
    operations register.operation[], author text, reason text, internal boolean)
    returns void
    language plpgsql volatile
as $$
declare
    asked register.operation;
begin
    insert into register.state (code)
    select fresh.reference from unnest(operations) as fresh
     where fresh.op = 'record' and fresh.type = 'state';
    insert into register.membership (reference, state, number)
    select fresh.reference, fresh.state, fresh.number from unnest(operations) as fresh
     where fresh.op = 'record' and fresh.type = 'membership';
    perform register.actions_enter(
                (select coalesce(jsonb_agg(jsonb_build_object(
                            'reference', fresh.reference, 'state', fresh.state,
                            'number', fresh.number, 'content', fresh.content)
                            order by fresh.place), '[]')
                   from unnest(operations) as fresh
                  where fresh.op = 'record' and fresh.type = 'action'),
                author, reason);
    insert into register.call (reference)
    select fresh.reference from unnest(operations) as fresh
     where fresh.op = 'record' and fresh.type = 'call';
    insert into register.reply (reference, state)
    select fresh.reference, fresh.state from unnest(operations) as fresh
     where fresh.op = 'record' and fresh.type = 'reply';
    insert into register.outlook_entry (reference, state)
    select fresh.reference, fresh.state from unnest(operations) as fresh
     where fresh.op = 'record' and fresh.type = 'outlook';
    insert into register.note (reference, state)
    select fresh.reference, fresh.state from unnest(operations) as fresh
     where fresh.op = 'record' and fresh.type = 'note';
    foreach asked in array operations loop
        if not (asked.op = 'record' and asked.type = 'action')
           and asked.content is distinct from register.content_of(asked.present) then
            perform register.version_add(register.versions_of(asked.type), asked.reference,
                                         asked.content, author, reason, internal);
            if internal then
                perform register.log_changes(); -- each has a time of its own
            end if;
        end if;
    end loop;
end
$$;
comment on function register.operations_enter is
    'Enters the operations of a changeset without judging them.';

create function register.changeset_store(
    operations register.operation[], author text, reason text, reverts text,
    revision_before bigint)
    returns text
    language plpgsql volatile
as $$
declare
    new_reference constant text := register.uuid_v7();
begin
    insert into register.changeset
        (reference, at, as_of, author, reason, reverts, revision_before, revision)
    select new_reference, newest.at, register.today(), changeset_store.author,
           changeset_store.reason, changeset_store.reverts, changeset_store.revision_before,
           newest.number
      from register.revision as newest;
    insert into register.changeset_operation
        (changeset, place, op, type, reference, version, state, changed, internal)
    select new_reference, applied.place, applied.op, applied.type, applied.reference,
           coalesce((applied.present ->> 'version')::integer, 0) + made.changed::integer,
           applied.state, made.changed, register.operation_is_internal(applied)
      from unnest(operations) as applied
     cross join lateral (
               select applied.content is distinct from register.content_of(applied.present)
           ) as made (changed);
    return new_reference;
end
$$;
comment on function register.changeset_store is
    'Stores a changeset that was entered and judged, and returns its reference.';

-- A missing action makes others of its State unlawful; and, unless the Convention was in force before,
-- it could be the fourth consent.
create function register.states_unjudged(operations register.operation[], breaches jsonb)
    returns text[]
    language plpgsql stable
as $$
declare
    wrong text[];
begin
    select array_agg(asked.state) into wrong
      from jsonb_to_recordset(breaches) as breach (line integer)
      join unnest(operations) as asked on asked.place = breach.line
       and asked.type in ('action', 'state', 'membership');
    if wrong is null then
        return '{}';
    end if;
    return (select wrong
              from register.entry_into_force('infinity', 'infinity') as entry
             where entry.in_force_on is not null and array_position(wrong, null) is null);
end
$$;
comment on function register.states_unjudged is
    'The States to which the law is not applied because operations on them have breaches of their '
    'own; null: all.';

create function register.operation_faults(
    operations register.operation[], breaches jsonb, unjudged text[], touched register.touched)
    returns table (line integer, field text, rule text, title_en text, title_fr text,
                   detail_en text, detail_fr text)
    language sql stable
    rows 10
begin atomic
    select fault.line,
           case when fault.line is not null and fault.field not like 'document/%'
                     and fault.rule not in (select own.rule
                                              from jsonb_to_recordset(breaches) as own (rule text))
                then 'document/' || fault.field else fault.field end as field,
           fault.rule, fault.title_en, fault.title_fr, fault.detail_en, fault.detail_fr
      from register.import_breaches_in_words(
               (select jsonb_agg(jsonb_build_object('line', asked.place,
                                                    'reference', asked.reference))
                  from unnest(operations) as asked),
               breaches, unjudged, touched) as fault;
end;
comment on function register.operation_faults is
    'The breaches in the operations themselves, and those of the law in what they touched, in words; '
    'field: the place within the operation.';

-- A refusal is SQLSTATE T6002; its DETAIL has the number of breaches and the first thousand of them.
create function register.refuse_changeset(
    operations register.operation[], breaches jsonb, unjudged text[], touched register.touched)
    returns void
    language plpgsql stable
as $$
declare
    most_faults constant integer := 1000;
    found jsonb;
begin
    select jsonb_build_object('count', count(*),
                              'faults', coalesce(jsonb_agg(to_jsonb(fault) - 'nth')
                                                     filter (where fault.nth <= most_faults), '[]'))
      into found
      from (select one.*, row_number() over () as nth
              from register.operation_faults(operations, breaches, unjudged, touched) as one)
           as fault;
    if (found ->> 'count')::integer > 0 then
        raise exception 'The changeset has operations that cannot be recorded.'
            using errcode = 'T6002', constraint = 'operations_refused', detail = found::text;
    end if;
end
$$;
comment on function register.refuse_changeset is
    'Raises an exception that names each fault of a changeset, if there is any.';

-- The author of a single operation sent its document alone: the faults are those of the rules
-- themselves, and of the document's fields.
create function register.refuse_single(
    operations register.operation[], breaches jsonb, touched register.touched)
    returns void
    language plpgsql stable
as $$
declare
    found json;
begin
    if breaches = '[]' then
        perform register.assert_lawful(touched);
        return;
    end if;
    select json_agg(json_build_object(
               'rule', fault.rule, 'sqlstate', rule.sqlstate, 'article', rule.article,
               'field', regexp_replace(fault.field, '^document/', ''),
               'title_en', fault.title_en, 'title_fr', fault.title_fr,
               'detail_en', fault.detail_en, 'detail_fr', fault.detail_fr)
               order by rule.sqlstate)
      into found
      from register.operation_faults(operations, breaches, '{}', touched) as fault
      join register.rule on rule.name = fault.rule;
    perform register.raise_breaches(found);
end
$$;
comment on function register.refuse_single is
    'Raises the breaches of a changeset of a single operation, if there are any.';

-- The operations with a breach of their own are left out, and the law is applied to the others as
-- register.import_breaches_in_words() explains.
--   single  its author sent one record, not a changeset: how a refusal is told
create function register.changeset_apply(
    operations register.operation[], author text, reason text, reverts text, single boolean)
    returns register.write_result
    language plpgsql volatile
as $$
declare
    before constant bigint := register.write_lock();
    began constant timestamptz := (select r.at from register.revision as r);
    why constant text := nullif(btrim(reason), '');
    internal constant boolean :=
        not exists (select from unnest(operations) as asked
                     where not register.operation_is_hidden(asked::register.operation));
    breaches jsonb;
    unjudged text[];
    touched register.touched;
    stored text;
begin
    if why is null and not (single and operations[1].op = 'record') then
        -- T4018
        perform register.raise_breach('reason_given', 'reason');
    end if;
    perform register.refuse_stale(operations);
    select coalesce(jsonb_agg(to_jsonb(breach)), '[]') into breaches
      from register.operation_breaches(operations) as breach;
    unjudged := register.states_unjudged(operations, breaches);
    perform register.operations_enter(
                array(select asked::register.operation
                        from unnest(operations) as asked
                       where not exists (select
                                           from jsonb_to_recordset(breaches) as breach (line integer)
                                          where breach.line = asked.place)
                         -- Nor is what is of a new State that is left out.
                         and not exists (select
                                           from jsonb_to_recordset(breaches) as breach (line integer)
                                           join unnest(operations) as absent
                                             on absent.place = breach.line and absent.op = 'record'
                                            and absent.type = 'state'
                                          where absent.reference = asked.state)),
                author, why, internal);
    if breaches = '[]' then
        perform register.log_changes();
        select coalesce(jsonb_agg(to_jsonb(breach)), '[]') into breaches
          from register.outlook_day_breaches(operations) as breach;
    end if;
    touched := register.touched_by(began, (select r.at from register.revision as r));
    if single then
        perform register.refuse_single(operations, breaches, touched);
    else
        perform register.refuse_changeset(operations, breaches, unjudged, touched);
    end if;
    stored := register.changeset_store(operations, author, why, reverts, before);
    return register.current_write_result(stored, null, stored);
end
$$;
comment on function register.changeset_apply is
    'Applies the operations of a changeset, all or none: one judgement, one revision.';

create function register.changeset_record(document jsonb, author text)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
begin
    perform register.write_lock();
    return register.changeset_apply(
               array(select asked::register.operation
                       from register.operations_read(document -> 'operations') as asked),
               author, document ->> 'reason', null, false);
end
$$;
comment on function register.changeset_record is
    'Records a changeset: {reason, operations}.';

-- A correction that changes nothing is no changeset.
create function register.operation_apply(
    op text, type text, reference text, document jsonb, author text)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
declare
    revision_before constant bigint := register.write_lock();
    asked constant register.operation :=
        (select read::register.operation
           from register.operations_read(jsonb_build_array(jsonb_build_object(
                    'op', op, 'type', type, 'reference', reference, 'document', document)))
                as read);
    version constant integer := (asked.present ->> 'version')::integer;
    written register.write_result;
begin
    if op <> 'record' and asked.present is null then
        raise exception 'The register has no %.', reference
            using errcode = 'T5001', constraint = 'reference_unknown';
    end if;
    if op <> 'record' and (asked.present ->> 'voided')::boolean then
        raise exception '% was voided.', reference
            using errcode = 'T5002', constraint = 'reference_voided';
    end if;
    if op = 'correct' and asked.content = register.content_of(asked.present)
       and btrim(document ->> 'reason') <> '' then
        return register.current_write_result(asked.reference, version, null);
    end if;
    written := register.changeset_apply(array[asked], author, document ->> 'reason', null, true);
    written.reference := asked.reference;
    written.version := coalesce(version, 0) + 1;
    return written;
end
$$;
comment on function register.operation_apply is
    'Records, corrects or voids a single record: a changeset of one operation.';

create function register.operations_to_revert(changeset text) returns setof register.operation
    language sql stable
    rows 100
begin atomic
    select done.place,
           case when done.op in ('record', 'restore') then 'void'
                when done.op = 'void' then 'restore'
                else 'correct' end,
           done.type, null::text, done.reference, done.state, null::integer, done.version,
           held.present,
           case when done.op in ('record', 'restore')
                then register.content_of(held.present) || '{"voided": true}'
                else register.version_content(register.versions_of(done.type), done.reference,
                                              done.version - 1) end,
           null::text
      from register.changeset_operation as done
     cross join lateral (
               select register.latest_version(register.versions_of(done.type), done.reference)
           ) as held (present)
     where done.changeset = operations_to_revert.changeset and done.changed
     order by done.place;
end;
comment on function register.operations_to_revert is
    'The operations that undo those of a changeset.';

create function register.changeset_revert(reference text, document jsonb, author text)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set timezone = 'UTC'
    set datestyle = 'ISO'
as $$
begin
    perform register.write_lock();
    if not exists (select from register.changeset as c
                    where c.reference = changeset_revert.reference) then
        raise exception 'The register has no changeset %.', reference
            using errcode = 'T5001', constraint = 'reference_unknown';
    end if;
    return register.changeset_apply(
               array(select asked::register.operation
                       from register.operations_to_revert(changeset_revert.reference) as asked),
               author, document ->> 'reason', changeset_revert.reference, false);
end
$$;
comment on function register.changeset_revert is
    'Records the changeset that undoes an earlier changeset; refused if a record was changed since.';

-- The journal as a reader sees it. A changeset of internal operations has no others. internal: the
-- types of record whose internal content the reader sees.
create function register.changesets_seen(internal text[])
    returns table (reference text, recorded_at timestamptz, author text, reason text,
                   reverts text, revision bigint, operation_count bigint)
    language sql stable
    rows 1000
begin atomic
    select changeset.reference, changeset.at, changeset.author, changeset.reason,
           changeset.reverts,
           case when changeset.revision > changeset.revision_before then changeset.revision end,
           done.count
      from register.changeset
     cross join lateral (
               select count(*) as count, bool_or(one.internal and one.type <> all (changesets_seen.internal)) as hidden
                 from register.changeset_operation as one
                where one.changeset = changeset.reference
           ) as done
     where not done.hidden;
end;
comment on function register.changesets_seen is
    'The changesets that a reader sees.';

create function register.changeset_operations_seen(
    changeset text, internal text[], most integer default null)
    returns table (place integer, op text, type text, reference text, version integer, state text,
                   changed boolean)
    language sql stable
    rows 10
begin atomic
    select done.place, done.op, done.type, done.reference,
           case when done.type = any (register.internal_types())
                     and done.type <> all (changeset_operations_seen.internal)
                then register.public_version(register.versions_of(done.type), done.reference,
                                             done.version)
                else done.version end,
           done.state, done.changed
      from register.changeset_operation as done
     where done.changeset = changeset_operations_seen.changeset
       and (done.type = any (changeset_operations_seen.internal) or not done.internal)
     order by done.place
     limit most;
end;
comment on function register.changeset_operations_seen is
    'The operations of a changeset that a reader sees, the first so many (null: all).';

commit;
