-- Loads the record: `psql -v data=DIRECTORY -f sql/load.sql`, as a member of ets144_owner.
-- Repeatable: adds missing rows, corrects rows that the load itself wrote last, and only reports
-- rows that were corrected over the API since. A single transaction and revision, or nothing.
--
-- Files are first copied as text into tables of their names, so that a broken date is reported by
-- file and line, as a broken rule is. Every bad row is reported, and then nothing is loaded.
\set ON_ERROR_STOP on
\set QUIET on
\set VERBOSITY terse
\cd :data

begin;
set local client_min_messages = notice;
set local jit = off;
set local role ets144_owner;

create temporary table "states.csv" (
    line integer generated always as identity (start with 2),
    code text, alpha2 text, numeric_code text, name_en text, name_fr text, subject_en text,
    subject_fr text, agreement_fr text not null
) on commit drop;
create temporary table "state_names.csv" (
    line integer generated always as identity (start with 2),
    state text, name text, kind text
) on commit drop;
create temporary table "memberships.csv" (
    line integer generated always as identity (start with 2),
    state text, member_from text, member_until text, verification text, note_en text,
    note_fr text, sources_disagree text
) on commit drop;
create temporary table "actions.csv" (
    line integer generated always as identity (start with 2),
    reference text, state text, kind text, date text, not_before text, not_after text,
    published_effective_date text, articles text, chapters text, territories text,
    summary_en text, summary_fr text, vehicle_en text, vehicle_fr text, original_language text,
    verification text, sources text
) on commit drop;
create temporary table "calls.csv" (
    line integer generated always as identity (start with 2),
    reference text, body text, date text, title_en text, title_fr text, clause text,
    asks_for text, asks_en text, asks_fr text, verification text, sources text
) on commit drop;

\copy "states.csv" (code, alpha2, numeric_code, name_en, name_fr, subject_en, subject_fr, agreement_fr) from 'states.csv' with (format csv, header true, force_not_null (agreement_fr))
\copy "state_names.csv" (state, name, kind) from 'state_names.csv' with (format csv, header true)
\copy "memberships.csv" (state, member_from, member_until, verification, note_en, note_fr, sources_disagree) from 'memberships.csv' with (format csv, header true)
\copy "actions.csv" (reference, state, kind, date, not_before, not_after, published_effective_date, articles, chapters, territories, summary_en, summary_fr, vehicle_en, vehicle_fr, original_language, verification, sources) from 'actions.csv' with (format csv, header true)
\copy "calls.csv" (reference, body, date, title_en, title_fr, clause, asks_for, asks_en, asks_fr, verification, sources) from 'calls.csv' with (format csv, header true)

create temporary table bad_row (file text, line integer, fault text) on commit drop;

create function pg_temp.is_date(value text) returns boolean
    language plpgsql
as $$
begin
    return value is null or (value ~ '^\d{4}-\d{2}-\d{2}$' and value::date is not null);
exception
    when datetime_field_overflow or invalid_datetime_format then
        return false;
end
$$;

-- Stops with a report of every bad row.
create function pg_temp.stop_if_bad() returns void
    language plpgsql
as $$
declare
    sentence text;
begin
    select e'nothing was loaded:\n'
           || string_agg(format('%s:%s: %s', b.file, b.line, b.fault), e'\n'
                         order by b.file, b.line, b.fault)
      into sentence
      from bad_row as b;
    if sentence is not null then
        raise exception '%', sentence;
    end if;
end
$$;

-- The form of each row ------------------------------------------------------------------------

insert into bad_row
select 'states.csv', line, format('"%s" / "%s" / "%s" is not a code, an alpha-2 code and a number, '
                                  'with two names, their subjects and an agreement', code, alpha2, numeric_code)
  from "states.csv"
 where (code ~ '^[A-Z]{3}$' and alpha2 ~ '^[A-Z]{2}$' and numeric_code ~ '^\d{3}$'
        and name_en <> '' and name_fr <> '' and subject_en <> '' and subject_fr <> ''
        and agreement_fr in ('', 'e', 's', 'es')) is not true
union all
select 'states.csv', line, format('%s occurs twice', code)
  from (select line, code, row_number() over (partition by code order by line) as nth
          from "states.csv") as numbered
 where nth > 1
union all
select 'state_names.csv', line, format('"%s" of "%s" is not a name or code of a State', name, state)
  from "state_names.csv"
 where (name <> '' and kind in ('treaty_office_code', 'code', 'name')
        and exists (select from "states.csv" where code = state)) is not true
union all
select 'state_names.csv', line, format('%s occurs twice', name)
  from (select line, name, row_number() over (partition by name, kind order by line) as nth
          from "state_names.csv") as numbered
 where nth > 1
union all
select 'memberships.csv', line, format('"%s" is not a day', value)
  from "memberships.csv" cross join unnest(array[member_from, member_until]) as value
 where not pg_temp.is_date(value)
union all
select 'memberships.csv', line, format('the state is "%s", which states.csv does not have', state)
  from "memberships.csv"
 where state is null or not exists (select from "states.csv" where code = state)
union all
select 'memberships.csv', line, 'member_from is missing'
  from "memberships.csv"
 where member_from is null
union all
select 'memberships.csv', line, 'sources_disagree is neither true nor false'
  from "memberships.csv"
 where (sources_disagree in ('true', 'false')) is not true
union all
select 'calls.csv', line, 'a reference, body, day, two titles and what is asked are needed'
  from "calls.csv"
 where (reference ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$' and body <> '' and title_en <> '' and title_fr <> ''
        and asks_for <> '' and asks_en <> '' and asks_fr <> '' and verification <> ''
        and date is not null and pg_temp.is_date(date)) is not true
union all
select 'calls.csv', line, format('%s occurs twice', reference)
  from (select line, reference, row_number() over (partition by reference order by line) as nth
          from "calls.csv") as numbered
 where nth > 1
union all
select 'actions.csv', line, format('"%s" is not a day', value)
  from "actions.csv"
 cross join unnest(array[date, not_before, not_after, published_effective_date]) as value
 where not pg_temp.is_date(value)
union all
select 'actions.csv', line, format('the state is "%s", which states.csv does not have', state)
  from "actions.csv"
 where state is null or not exists (select from "states.csv" where code = state)
union all
select 'actions.csv', line, format('"%s" is not a reference of %s', reference, state)
  from "actions.csv"
 where (reference ~ ('^' || state || '-[1-9]\d{0,8}$')) is not true
union all
select 'actions.csv', line, format('%s occurs twice', reference)
  from (select line, reference, row_number() over (partition by reference order by line) as nth
          from "actions.csv") as numbered
 where nth > 1
union all
select 'actions.csv', line, 'kind or verification is missing'
  from "actions.csv"
 where kind is null or verification is null
union all
select 'actions.csv', line, format('"%s" is not a territory with + or - before it', value)
  from "actions.csv" cross join unnest(string_to_array(territories, ' ')) as value
 where value !~ '^[+-][A-Za-z][A-Za-z-]*$';

select pg_temp.stop_if_bad() \g /dev/null

-- Entering ------------------------------------------------------------------------------------

do $$
declare
    author constant text := 'load';
    reason constant text := 'Loaded from sql/data.';
    given record;
    opened bigint;
    since timestamptz;
begin
    for given in
        select staged.*
          from "states.csv" as staged
          left join register.state_version as present
            on present.code = staged.code and upper_inf(present.recorded)
         where (present.alpha2, present.numeric_code, present.name_en, present.name_fr,
                present.subject_en, present.subject_fr, present.agreement_fr)
               is distinct from
               (staged.alpha2, staged.numeric_code, staged.name_en, staged.name_fr,
                staged.subject_en, staged.subject_fr, staged.agreement_fr)
    loop
        opened := register.begin_revision(author, reason);
        since := register.revision_time(opened);
        insert into register.state (code) values (given.code) on conflict do nothing;
        update register.state_version as present
           set recorded = tstzrange(lower(present.recorded), since)
         where present.code = given.code and upper_inf(present.recorded);
        insert into register.state_version
            (code, recorded, revision, alpha2, numeric_code, name_en, name_fr, subject_en,
             subject_fr, agreement_fr)
        values (given.code, tstzrange(since, null), opened, given.alpha2, given.numeric_code,
                given.name_en, given.name_fr, given.subject_en, given.subject_fr,
                given.agreement_fr);
    end loop;

    for given in
        select staged.*
          from "memberships.csv" as staged
          left join register.membership as present
            on present.state = staged.state and present.member_from = staged.member_from::date
           and upper_inf(present.recorded)
         where (present.member_from, present.member_until, present.verification, present.note_en,
                present.note_fr, present.sources_disagree)
               is distinct from
               (staged.member_from::date, staged.member_until::date, staged.verification,
                staged.note_en, staged.note_fr, staged.sources_disagree::boolean)
    loop
        opened := register.begin_revision(author, reason);
        since := register.revision_time(opened);
        update register.membership as present
           set recorded = tstzrange(lower(present.recorded), since)
         where present.state = given.state and present.member_from = given.member_from::date
           and upper_inf(present.recorded);
        begin
            insert into register.membership
                (state, recorded, revision, member_from, member_until, verification, note_en,
                 note_fr, sources_disagree)
            values (given.state, tstzrange(since, null), opened, given.member_from::date,
                    given.member_until::date, given.verification, given.note_en, given.note_fr,
                    given.sources_disagree::boolean);
        exception
            when check_violation or exclusion_violation then
                insert into bad_row
                values ('memberships.csv', given.line,
                        format('the period of %s is empty or overlaps another', given.state));
        end;
    end loop;
end
$$;

-- Names have no history.
delete from register.state_name;
insert into register.state_name (state, name, kind)
select state, name, kind from "state_names.csv";

-- Corrects a row that the load itself wrote last, and leaves other rows as they are.
create function pg_temp.correct(
    file text, line integer, versions regclass, reference text, content jsonb)
    returns void
    language plpgsql
as $$
declare
    author constant text := 'load';
    present constant jsonb := register.latest_version(versions, reference);
begin
    if content = register.content_of(present) then
        return;
    end if;
    if present ->> 'author' = author then
        perform register.version_add(versions, reference, content, author,
                                     'Corrected in sql/data.');
    else
        raise notice '%:%: % was changed by % and is left as it is', file, line, reference,
                     present ->> 'author';
    end if;
end
$$;

create temporary view "actions" as
select line, reference, state,
       jsonb_strip_nulls(jsonb_build_object(
           'kind', kind, 'date', date, 'not_before', not_before, 'not_after', not_after,
           'published_effective_date', published_effective_date,
           'articles', string_to_array(articles, ' '),
           'chapters', string_to_array(chapters, ' '),
           'territories', jsonb_build_object(
               'covered', array(select substr(name, 2)
                                  from unnest(string_to_array(territories, ' ')) as name
                                 where name like '+%'),
               'left_out', array(select substr(name, 2)
                                   from unnest(string_to_array(territories, ' ')) as name
                                  where name like '-%')),
           'summary_en', summary_en, 'summary_fr', summary_fr,
           'vehicle_en', vehicle_en, 'vehicle_fr', vehicle_fr,
           'original_language', original_language, 'verification', verification,
           'sources', string_to_array(sources, ' '))) as document
  from "actions.csv";

create temporary view "calls" as
select line, reference,
       jsonb_strip_nulls(jsonb_build_object(
           'reference', reference, 'body', body, 'date', date, 'title_en', title_en,
           'title_fr', title_fr, 'clause', clause, 'asks_for', string_to_array(asks_for, ' '),
           'asks_en', asks_en, 'asks_fr', asks_fr, 'verification', verification,
           'sources', string_to_array(sources, ' '))) as document
  from "calls.csv";

-- Known references are corrected; other rows are new.
select pg_temp.correct('actions.csv', given.line, 'register.action_version', given.reference,
                       register.action_content(given.document))
  from "actions" as given
  join register.action using (reference)
 order by given.line \g /dev/null

select register.actions_enter(
           coalesce(jsonb_agg(jsonb_build_object(
                        'reference', given.reference, 'state', given.state,
                        'number', split_part(given.reference, '-', 2)::integer,
                        'content', register.action_content(given.document))), '[]'),
           'load', 'Loaded from sql/data.')
  from "actions" as given
 where not exists (select from register.action where action.reference = given.reference) \g /dev/null

select pg_temp.correct('calls.csv', given.line, 'register.call_version', given.reference,
                       register.call_content(given.document))
  from "calls" as given
  join register.call using (reference)
 order by given.line \g /dev/null

insert into register.call (reference)
select given.reference
  from "calls" as given
 where not exists (select from register.call where call.reference = given.reference);

select register.version_add('register.call_version', given.reference,
                            register.call_content(given.document), 'load', 'Loaded from sql/data.')
  from "calls" as given
 where not exists (select from register.call_version as held where held.reference = given.reference)
 order by given.line \g /dev/null

-- The law -------------------------------------------------------------------------------------

insert into bad_row
select coalesce(staged.file, 'register'), coalesce(staged.line, 0),
       format('%s (%s)', fault.detail_en, fault.rule)
  from register.breaches_in_words() as fault
  left join (select 'actions.csv' as file, line, reference from "actions.csv"
              union all
             select 'calls.csv', line, reference from "calls.csv") as staged
    on staged.reference = fault.reference;

select pg_temp.stop_if_bad() \g /dev/null

select register.log_changes() \g /dev/null

select format('revision %s: %s States, %s treaty actions, %s calls', revision.number,
              (select count(*) from register.state), (select count(*) from register.action),
              (select count(*) from register.call))
       as loaded
  from register.revision
\gset
commit;
\echo :loaded
