-- Loads the record: `psql -v data=DIRECTORY -f sql/load.sql`, as one who may be ets144_owner.
-- Repeatable: adds what is missing, corrects what the load itself wrote last, and only reports what
-- was corrected over the API since. One transaction and one revision, or none at all.
--
-- The files are taken as text first, into tables of their names, so that a broken date is reported
-- by file and line as a broken rule is. Every bad row is named, and then nothing is loaded.
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
    code text, alpha2 text, numeric_code text, name_en text, name_fr text
) on commit drop;
create temporary table "memberships.csv" (
    line integer generated always as identity (start with 2),
    state text, member_from text, member_until text, verification text, note text
) on commit drop;
create temporary table "actions.csv" (
    line integer generated always as identity (start with 2),
    reference text, state text, kind text, date text, not_before text, not_after text,
    published_effective_date text, articles text, chapters text, territories text,
    summary_en text, summary_fr text, vehicle_en text, vehicle_fr text, original_language text,
    verification text, sources text
) on commit drop;

\copy "states.csv" (code, alpha2, numeric_code, name_en, name_fr) from 'states.csv' with (format csv, header true)
\copy "memberships.csv" (state, member_from, member_until, verification, note) from 'memberships.csv' with (format csv, header true)
\copy "actions.csv" (reference, state, kind, date, not_before, not_after, published_effective_date, articles, chapters, territories, summary_en, summary_fr, vehicle_en, vehicle_fr, original_language, verification, sources) from 'actions.csv' with (format csv, header true)

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

-- Stops with every bad row, if there is one.
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
                                  'with two names', code, alpha2, numeric_code)
  from "states.csv"
 where (code ~ '^[A-Z]{3}$' and alpha2 ~ '^[A-Z]{2}$' and numeric_code ~ '^\d{3}$'
        and name_en <> '' and name_fr <> '') is not true
union all
select 'states.csv', line, format('%s stands twice', code)
  from (select line, code, row_number() over (partition by code order by line) as nth
          from "states.csv") as numbered
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
select 'actions.csv', line, format('%s stands twice', reference)
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
         where (present.alpha2, present.numeric_code, present.name_en, present.name_fr)
               is distinct from
               (staged.alpha2, staged.numeric_code, staged.name_en, staged.name_fr)
    loop
        opened := register.revision_open(author, reason);
        since := register.revision_time(opened);
        insert into register.state (code) values (given.code) on conflict do nothing;
        update register.state_version as present
           set recorded = tstzrange(lower(present.recorded), since)
         where present.code = given.code and upper_inf(present.recorded);
        insert into register.state_version
            (code, recorded, revision, alpha2, numeric_code, name_en, name_fr)
        values (given.code, tstzrange(since, null), opened, given.alpha2, given.numeric_code,
                given.name_en, given.name_fr);
    end loop;

    for given in
        select staged.*
          from "memberships.csv" as staged
          left join register.membership as present
            on present.state = staged.state and present.member_from = staged.member_from::date
           and upper_inf(present.recorded)
         where (present.member_from, present.member_until, present.verification, present.note)
               is distinct from
               (staged.member_from::date, staged.member_until::date, staged.verification,
                staged.note)
    loop
        opened := register.revision_open(author, reason);
        since := register.revision_time(opened);
        update register.membership as present
           set recorded = tstzrange(lower(present.recorded), since)
         where present.state = given.state and present.member_from = given.member_from::date
           and upper_inf(present.recorded);
        begin
            insert into register.membership
                (state, recorded, revision, member_from, member_until, verification, note)
            values (given.state, tstzrange(since, null), opened, given.member_from::date,
                    given.member_until::date, given.verification, given.note);
        exception
            when check_violation or exclusion_violation then
                insert into bad_row
                values ('memberships.csv', given.line,
                        format('the period of %s is empty or overlaps another', given.state));
        end;
    end loop;
end
$$;

do $$
declare
    author constant text := 'load';
    given record;
    present register.action_version;
    content register.action_version;
begin
    for given in
        select staged.*,
               jsonb_strip_nulls(jsonb_build_object(
                   'kind', staged.kind, 'date', staged.date, 'not_before', staged.not_before,
                   'not_after', staged.not_after,
                   'published_effective_date', staged.published_effective_date,
                   'articles', string_to_array(staged.articles, ' '),
                   'chapters', string_to_array(staged.chapters, ' '),
                   'territories', jsonb_build_object(
                       'covered', array(select substr(name, 2)
                                          from unnest(string_to_array(staged.territories, ' '))
                                               as name
                                         where name like '+%'),
                       'left_out', array(select substr(name, 2)
                                           from unnest(string_to_array(staged.territories, ' '))
                                                as name
                                          where name like '-%')),
                   'summary_en', staged.summary_en, 'summary_fr', staged.summary_fr,
                   'vehicle_en', staged.vehicle_en, 'vehicle_fr', staged.vehicle_fr,
                   'original_language', staged.original_language,
                   'verification', staged.verification,
                   'sources', string_to_array(staged.sources, ' '))) as document
          from "actions.csv" as staged
         order by staged.line
    loop
        select v.* into present
          from register.action_version as v
         where v.reference = given.reference
         order by lower(v.recorded) desc
         limit 1;
        content := register.version_of(given.document);
        if present.reference is null then
            perform register.action_enter(given.reference, given.state,
                                          split_part(given.reference, '-', 2)::integer,
                                          given.document, author, 'Loaded from sql/data.');
        elsif register.content_of(content) = register.content_of(present) then
            continue;
        elsif present.author = author then
            perform register.version_add(given.reference, content, author,
                                         'Corrected in sql/data.');
        else
            raise notice 'actions.csv:%: % was changed by % and is left as it is', given.line,
                         given.reference, present.author;
        end if;
    end loop;
end
$$;

-- The law -------------------------------------------------------------------------------------

insert into bad_row
select coalesce(staged.file, 'register'), coalesce(staged.line, 0),
       format('%s (%s)', fault.detail_en, fault.rule)
  from register.faults() as fault
  left join (select 'actions.csv' as file, line, reference from "actions.csv") as staged
    on staged.reference = fault.reference;

select pg_temp.stop_if_bad() \g /dev/null

select format('revision %s: %s States, %s treaty actions', revision.number,
              (select count(*) from register.state), (select count(*) from register.action))
       as loaded
  from register.revision
\gset
commit;
\echo :loaded
