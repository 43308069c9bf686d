-- Imports: many treaty actions from a file, entered under a single revision and judged as a whole,
-- or not at all. The result of each row stays readable.
begin;
set local role ets144_owner;

-- An import and its revision; without new actions revision equals revision_before.
create table register.import (
    reference text primary key check (reference ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    at timestamptz not null,
    as_of date not null,
    author text not null,
    digest bytea not null check (length(digest) = 32),
    revision_before bigint not null references register.revision_log,
    revision bigint not null references register.revision_log
);
create index import_revision on register.import (revision);
comment on column register.import.digest is 'SHA-256 of the file';

-- The action of each row of the file; `entered`: the register did not have it before.
create table register.import_row (
    import text not null references register.import,
    line integer not null check (line > 0),
    reference text not null references register.action,
    entered boolean not null,
    primary key (import, line)
);

call register.make_append_only('register.import');
call register.make_append_only('register.import_row');

-- A row without a reference is matched with a recorded action of equal content that no other row
-- is, so that a file may be imported again. Otherwise it is new and gets the State's next number,
-- in file order.
--   file       [{line, document}]; a row without a document could not be read
--   known      the register has the reference
--   otherwise  the register has the reference, with other content
create function register.import_rows(file jsonb)
    returns table (
        line integer, state text, number integer, reference text, content jsonb, reason text,
        known boolean, otherwise boolean)
    language sql stable
    rows 1000
begin atomic
    with given as materialized (
        select (entry.item ->> 'line')::integer as line, upper(said.document ->> 'state') as state,
               upper(said.document ->> 'reference') as reference,
               said.document ->> 'reason' as reason,
               register.action_content(said.document) as content
          from jsonb_array_elements(file) as entry (item)
         cross join lateral (select entry.item -> 'document' as document) as said
         where said.document is not null
    ),
    -- unnamed and existing are matched by place: the first equal row of the file with the first
    -- equal action of the register.
    unnamed as (
        select given.line, given.state, given.content,
               row_number() over (partition by given.state, given.content order by given.line)
                   as nth
          from given
         where given.reference is null
    ),
    existing as (
        select action.reference, action.state, said.content,
               row_number() over (partition by action.state, said.content
                                  order by action.number) as nth
          from register.action
          join register.action_version as held
            on held.reference = action.reference and upper_inf(held.recorded)
         cross join lateral (select register.content_of(to_jsonb(held)) as content) as said
         where action.state in (select unnamed.state from unnamed)
           and not held.voided
           and not exists (select from given where given.reference = action.reference)
    ),
    named as (
        select given.line, given.state, given.content, given.reason,
               coalesce(given.reference, existing.reference) as reference
          from given
          left join unnamed on unnamed.line = given.line
          left join existing
            on existing.state = unnamed.state and existing.content = unnamed.content
           and existing.nth = unnamed.nth
    ),
    highest as (
        select taken.state, max(taken.number) as number
          from (select action.state, action.number
                  from register.action
                 union all
                select named.state, substring(named.reference from '^[A-Z]{3}-([0-9]{1,9})$')::integer
                  from named) as taken
         group by taken.state
    ),
    numbered as (
        select named.line, named.state, named.content, named.reason, named.reference,
               coalesce(highest.number, 0)
               + count(*) filter (where named.reference is null)
                     over (partition by named.state order by named.line) as next_number
          from named
          left join highest on highest.state = named.state
    )
    select numbered.line, numbered.state,
           coalesce(substring(numbered.reference from '[0-9]+$')::bigint,
                    numbered.next_number)::integer,
           coalesce(numbered.reference, numbered.state || '-' || numbered.next_number),
           numbered.content, numbered.reason, held.reference is not null,
           coalesce(numbered.content <> register.content_of(to_jsonb(held)), false)
      from numbered
      left join register.action_version as held
        on held.reference = numbered.reference and upper_inf(held.recorded);
end;
comment on function register.import_rows is
    'The rows of a file, each with the action it is: the one its reference names, an equal '
    'recorded action, or a new one.';

create function register.import_row_breaches(rows jsonb)
    returns table (line integer, rule text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with given as materialized (
        select entry.line, entry.state, entry.number, entry.reference, entry.otherwise,
               min(entry.line) over (partition by entry.reference) as first_line
          from jsonb_to_recordset(rows) as entry (
                   line integer, state text, number integer, reference text, otherwise boolean)
    )
    -- T4001
    select given.line, 'state_exists', 'state', array[given.state]
      from given
     where not exists (select from register.state where state.code = given.state)

    union all
    -- T4005
    select given.line, 'reference_of_state', 'reference', array[given.reference, given.state]
      from given
     where given.reference <> given.state || '-' || given.number or given.number > 999999

    union all
    -- T4006
    select given.line, 'reference_once', 'reference',
           array[given.reference, given.first_line::text]
      from given
     where given.line > given.first_line

    union all
    -- T4007
    select given.line, 'reference_unchanged', 'reference', array[given.reference]
      from given
     where given.otherwise;
end;
comment on function register.import_row_breaches is
    'The breaches in the rows themselves, before the law of treaties is applied.';

-- The law is applied to a State only if all its rows could be entered, since a missing row makes
-- others unlawful; and only if the Convention was in force before, since a missing row could be its
-- fourth consent.
create function register.import_breaches_in_words(
    rows jsonb, row_breaches jsonb, unjudged text[], touched register.touched)
    returns table (line integer, field text, rule text, title_en text, title_fr text,
                   detail_en text, detail_fr text)
    language sql stable
    rows 10
begin atomic
    select breach.line, breach.field, rule.name, rule.title_en, rule.title_fr,
           format(rule.detail_en, variadic breach.arguments),
           format(rule.detail_fr, variadic breach.arguments)
      from jsonb_to_recordset(row_breaches) as breach (
               line integer, rule text, field text, arguments text[])
      join register.rule on rule.name = breach.rule

     union all
    select entry.line, fault.field, fault.rule, fault.title_en, fault.title_fr,
           fault.detail_en, fault.detail_fr
      from register.breaches_in_words(touched) as fault
      left join jsonb_to_recordset(rows) as entry (line integer, reference text)
        on entry.reference = fault.reference
     where unjudged is not null
       and split_part(coalesce(fault.reference, ''), '-', 1) <> all (unjudged)

     order by 1 nulls first, 2, 3;
end;
comment on function register.import_breaches_in_words is
    'The breaches of an import in words, in line order; a breach in an action recorded before has '
    'no line.';

-- A refusal is SQLSTATE T6001: DETAIL has the number of breaches and the first thousand of them. A
-- row without a document ({line, state}) could not be read: the import is refused, and the other
-- rows are checked all the same.
--
-- Nested loops are off because the planner takes a file for a hundred rows and would loop through
-- thousands for each of as many.
create function register.import_record(file jsonb, digest bytea, author text)
    returns register.write_result
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
    set enable_nestloop = off
as $$
declare
    most_faults constant integer := 1000;
    before constant bigint := register.write_lock();
    began constant timestamptz := (select r.at from register.revision as r);
    was_in_force constant boolean :=
        (select entry.in_force_on is not null
           from register.entry_into_force('infinity', 'infinity') as entry);
    new_reference constant text := register.uuid_v7();
    rows jsonb;
    row_breaches jsonb;
    unread text[];
    unjudged text[];
    found jsonb;
begin
    select coalesce(jsonb_agg(to_jsonb(entry)), '[]') into rows
      from register.import_rows(file) as entry;
    select coalesce(jsonb_agg(to_jsonb(breach)), '[]') into row_breaches
      from register.import_row_breaches(rows) as breach;
    select coalesce(array_agg(upper(entry.item ->> 'state')), '{}') into unread
      from jsonb_array_elements(file) as entry (item)
     where entry.item -> 'document' is null;

    select array_agg(doubtful.state) into unjudged
      from (select unnest(unread) as state
             union
            select wrong.state
              from jsonb_to_recordset(row_breaches) as breach (line integer)
              join jsonb_to_recordset(rows) as wrong (line integer, state text)
                on wrong.line = breach.line) as doubtful;
    -- An unreadable State may be any State, so then no breach of the law is reported.
    unjudged := case when unjudged is null then '{}'
                     when was_in_force and array_position(unjudged, null) is null then unjudged end;

    perform register.actions_enter(
                (select jsonb_agg(entry.item)
                   from jsonb_array_elements(rows) as entry (item)
                  where not (entry.item ->> 'known')::boolean
                    and entry.item ->> 'state' <> all (unjudged)),
                author, 'Imported.');
    -- New statistics make every session plan anew for many actions once this is committed.
    analyze register.action, register.action_version;

    select jsonb_build_object('count', count(*),
                              'faults', coalesce(jsonb_agg(to_jsonb(fault))
                                                     filter (where fault.nth <= most_faults), '[]'))
      into found
      from (select f.*, row_number() over () as nth
              from register.import_breaches_in_words(
                       rows, row_breaches, unjudged,
                       (select register.touched_by(began, r.at) from register.revision as r)) as f)
           as fault;
    if (found ->> 'count')::integer > 0 or cardinality(unread) > 0 then
        raise exception 'The file has rows that cannot be imported.'
            using errcode = 'T6001', constraint = 'rows_refused', detail = found::text;
    end if;

    if before < (select newest.number from register.revision as newest) then
        perform register.log_changes();
    end if;

    insert into register.import (reference, at, as_of, author, digest, revision_before, revision)
    select new_reference, clock_timestamp(), register.today(), import_record.author,
           import_record.digest, before, newest.number
      from register.revision as newest;
    insert into register.import_row (import, line, reference, entered)
    select new_reference, entry.line, entry.reference, not entry.known
      from jsonb_to_recordset(rows) as entry (line integer, reference text, known boolean);
    return register.current_write_result(new_reference, null, null);
end
$$;
comment on function register.import_record is
    'Imports a file of actions, all rows or none.';

commit;
