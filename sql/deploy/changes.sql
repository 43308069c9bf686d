-- The change feed: an entry for each effect of a write. The write's own transaction adds it, under
-- the write lock, so entries are in commit order. An entry has the content before and after; null:
-- absent.
--
-- A status also changes without a write, when a day comes. So a status entry has the State's whole
-- timeline, past and to come: a follower who holds the newest timeline of each State knows the
-- status of every State on any day.
begin;
set local role ets144_owner;

-- An entry's time is its revision's; an internal change has a time of its own, and the newest
-- public revision of that time. Its audience:
--   everyone
--   public    a change of visibility, as readers without access to internal content see it
--   internal  the same change as the secretariat sees it, and every change of internal content
-- Internal entries come last within a time, so that no gap in the public numbers reveals them. The
-- trace is that of the open write (W3C Trace Context).
create table register.change (
    at timestamptz not null,
    number integer not null check (number > 0),
    id text not null unique default register.uuid_v7(),
    revision bigint not null references register.revision_log,
    audience text not null check (audience in ('everyone', 'public', 'internal')),
    category text not null,
    event text not null,
    state text references register.state,
    reference text,
    version integer,
    before jsonb,
    after jsonb,
    reason text,
    author text not null,
    trace text default register.current_trace(),
    primary key (at, number),
    check (before is distinct from after)
);
create index change_in_category on register.change (category, at, number);
create index change_of_state on register.change (state, category, at, number);
create index change_by_author on register.change (author, at, number);

call register.make_append_only('register.change');

create function register.change_category(kind text) returns text
    language sql immutable parallel safe
    return case when kind in ('signature', 'signature_succession') then 'signature'
                when kind in ('ratification', 'acceptance', 'approval', 'accession', 'succession')
                    then 'instrument'
                when kind = 'chapter_acceptance' then 'chapter_acceptance'
                when kind in ('derogation', 'derogation_end') then 'derogation'
                else 'other_act' end;
comment on function register.change_category is
    'The category of Article 19 under which the depositary notifies a kind of action.';

create function register.version_as_json(version jsonb) returns jsonb
    language sql immutable
    return case when not (version ->> 'voided')::boolean then
               register.content_of(version)
                   - array['voided', 'territories_covered', 'territories_left_out']
               || case when version ? 'territories_covered'
                       then jsonb_build_object('territories', jsonb_build_object(
                                'covered', version -> 'territories_covered',
                                'left_out', version -> 'territories_left_out'))
                       else '{}' end
           end;
comment on function register.version_as_json is
    'The content of a version as the feed publishes it, in both languages; null: void or absent.';

create function register.state_as_json(version register.state_version) returns jsonb
    language sql immutable
    return case when not version.voided then
               register.version_as_json(to_jsonb(version)) - 'numeric_code'
               || jsonb_build_object(
                      'numeric', version.numeric_code,
                      'name_en', (version.names[cardinality(version.names)]).name_en,
                      'name_fr', (version.names[cardinality(version.names)]).name_fr) end;
comment on function register.state_as_json is
    'A State as the feed publishes it, with its last names; null: void or absent.';

create function register.entry_as_json(line jsonb) returns jsonb
    language sql immutable
    return (select case when last.period ->> 'in_force_on' is not null
                        then jsonb_build_object('in_force_on', last.period -> 'in_force_on',
                                                'consent', last.period -> 'consent') end
              from (select line -> 'periods' -> -1 as period) as last);
comment on function register.entry_as_json is
    'The entry into force for a State as the feed publishes it, from its whole timeline; null: '
    'never.';

-- For the public, a record made internal is voided and a record made public is new, and of neither
-- does it see the reason. It counts the changes that it sees: a record that once was internal has
-- other numbers for it from then on.
create function register.record_change(type text, reference text, number integer)
    returns table (audience text, version integer, before jsonb, after jsonb, reason text)
    language sql stable
    rows 2
begin atomic
    select seen.audience, seen.version, seen.before, seen.after,
           case when seen.audience <> 'public' or old.visibility = v.visibility then v.reason end
      from register.record_version as v
      left join register.record_version as old
        on old.type = record_change.type and old.reference = v.reference
       and old.version = v.version - 1
     cross join lateral (
               select register.version_as_json(old.content) as before,
                      register.version_as_json(v.content) as after, v.version as version
           ) as inside
     cross join lateral (
               select case when old.visibility = 'public' then inside.before end as before,
                      case when v.visibility = 'public' then inside.after end as after,
                      v.public_version as version
           ) as outside
     cross join lateral (
               select case when outside is not distinct from inside then 'everyone'
                           else 'internal' end as audience, inside.before as before,
                      inside.after as after, inside.version as version
                union all
               select 'public' as audience, outside.before as before, outside.after as after,
                      outside.version as version
                where outside is distinct from inside
           ) as seen
     where v.type = record_change.type and v.reference = record_change.reference
       and v.version = record_change.number;
end;
comment on function register.record_change is
    'What a version of a record changes, for each audience.';

create function register.latest_change(
    of_category text, of_state text, before_at timestamptz, before_number integer)
    returns setof register.change
    language sql stable
    rows 1
begin atomic
    (select c.*
       from register.change as c
      where c.state = of_state and c.category = of_category
        and (c.at, c.number) < (before_at, before_number)
      order by c.at desc, c.number desc
      limit 1)
    union all
    (select c.*
       from register.change as c
      where of_state is null and c.state is null and c.category = of_category
        and (c.at, c.number) < (before_at, before_number)
      order by c.at desc, c.number desc
      limit 1);
end;
comment on function register.latest_change is
    'The latest entry of a category about a State (null: about the Convention) before a position.';

create function register.log_status_changes(since timestamptz, opened bigint, of_states text[])
    returns void
    language plpgsql volatile
    set plan_cache_mode = force_generic_plan
as $$
begin
    perform register.record_periods(of_states, since);
    with line as materialized (
        select asked.state, said.after, newest.after as before,
               register.entry_as_json(newest.after) as entry_before,
               register.entry_as_json(said.after) as entry_after
          from (select distinct moved.state from unnest(of_states) as moved (state)) as asked
          -- A State that was voided has no periods.
          left join register.status_timelines(of_states, since) as l on l.state = asked.state
         cross join lateral (
                   select jsonb_build_object('periods', coalesce(l.periods, '[]')) as after
               ) as said
          left join lateral register.latest_change('status', asked.state, 'infinity', 0) as newest
            on true
    ),
    logged as (
        select 1 as place, null as state, 'entry_into_force' as category,
               (select newest.after
                  from register.latest_change('entry_into_force', null, 'infinity', 0) as newest)
                   as before,
               case when entry.in_force_on is not null
                    then jsonb_build_object('in_force_on', entry.in_force_on,
                                            'consent', entry.reference) end as after
          from register.entry_into_force('infinity', since) as entry
         union all
        select 2, line.state, 'entry_into_force', line.entry_before, line.entry_after
          from line
         union all
        select 3, line.state, 'status', line.before, line.after
          from line
         where line.before is not null or line.after <> '{"periods": []}'
    )
    insert into register.change
        (at, number, revision, audience, category, event, state, before, after, reason, author)
    select since,
           (select coalesce(max(c.number), 0) from register.change as c where c.at = since)
           + row_number() over (order by logged.place, logged.state),
           opened, 'everyone', logged.category, 'changed', logged.state, logged.before, logged.after,
           log.reason, log.author
      from logged
      join register.revision_log as log on log.revision = opened
     where logged.before is distinct from logged.after;
end
$$;
comment on function register.log_status_changes is
    'Records the periods that follow from a revision, and logs the Convention''s entry into force, '
    'each State''s, and each timeline that differs from its latest entry.';

-- The moment is written as a range: after an import the planner takes an equal moment for a large part
-- of the table, and would read all of it.
create function register.log_changes() returns void
    language plpgsql volatile
    set plan_cache_mode = force_generic_plan
as $$
declare
    since timestamptz;
    opened bigint;
    moved text[];       -- the States whose status may have changed
    consents boolean;   -- whether a consent changed, and perhaps the Convention's entry into force
begin
    select r.at, r.number into since, opened from register.revision as r;

    with logged as (
        select 1 as place, v.reference as state, null::integer as action, null::text as reference,
               null::integer as version, 'state' as category, 'everyone' as audience,
               register.state_as_json(old) as before, register.state_as_json(v) as after,
               v.reason, v.author
          from register.state_version as v
          left join register.state_version as old
            on old.reference = v.reference and old.version = v.version - 1
         where lower(v.recorded) between since and since
           and not exists (select
                             from register.change as c
                            where c.at = since and c.category = 'state'
                              and c.state = v.reference)
         union all
        select 1, split_part(v.reference, '-', 1), null, v.reference, v.version, 'membership',
               'everyone', register.version_as_json(to_jsonb(old)),
               register.version_as_json(to_jsonb(v)), v.reason, v.author
          from register.membership_version as v
          left join register.membership_version as old
            on old.reference = v.reference and old.version = v.version - 1
         where lower(v.recorded) between since and since
           and not exists (select
                             from register.change as c
                            where c.at = since and c.category = 'membership'
                              and c.reference = v.reference)
         union all
        -- An action that changes its category has an entry in both.
        select 2, action.state, action.number, v.reference, v.version, category.name, 'everyone',
               register.version_as_json(to_jsonb(old)), register.version_as_json(to_jsonb(v)),
               v.reason, v.author
          from register.action_version as v
          join register.action on action.reference = v.reference
          left join lateral (
                   select earlier.*
                     from register.action_version as earlier
                    where earlier.reference = v.reference and earlier.version = v.version - 1
                    limit 1
               ) as old on true
         cross join lateral (
                   select register.change_category(v.kind)
                    union
                   select register.change_category(old.kind)
                    where old.kind is not null
               ) as category (name)
         where lower(v.recorded) between since and since
           and not exists (select
                             from register.change as c
                            where c.at = since and c.reference = v.reference
                              and c.version = v.version)
         union all
        select v.place, v.state, null, v.reference, seen.version, v.type, seen.audience,
               seen.before, seen.after, seen.reason, v.author
          from register.record_version as v
         cross join lateral register.record_change(v.type, v.reference, v.version) as seen
         where lower(v.recorded) between since and since
           and not exists (select
                             from register.change as c
                            where c.at = since and c.reference = v.reference
                              and c.version = v.version)
    ),
    entered as (
        insert into register.change
            (at, number, revision, audience, category, event, state, reference, version, before,
             after, reason, author)
        select since,
               (select coalesce(max(c.number), 0) from register.change as c where c.at = since)
               + row_number() over (order by logged.audience = 'internal', logged.place, logged.state,
                                             logged.action, logged.reference, logged.category),
               opened, logged.audience, logged.category,
               case when logged.before is null then 'recorded'
                    when logged.after is null then 'voided'
                    else 'corrected' end,
               logged.state, logged.reference, logged.version, logged.before, logged.after,
               logged.reason, logged.author
          from logged
         where logged.before is distinct from logged.after
        returning state, category, before, after
    )
    select array_agg(distinct entered.state)
               filter (where entered.category in ('state', 'membership')
                         or register.affects_status(entered.before ->> 'kind')
                         or register.affects_status(entered.after ->> 'kind')),
           coalesce(bool_or(entered.category = 'instrument'), false)
      into moved, consents
      from entered;

    if consents then
        select moved || array_agg(s.code)
          into moved
          from register.state as s
         cross join register.entry_into_force('infinity', since - interval '1 microsecond') as was
         cross join register.entry_into_force('infinity', since) as is_now
         where (was.in_force_on, was.day) is distinct from (is_now.in_force_on, is_now.day);
    end if;
    if consents or moved is not null then
        perform register.log_status_changes(since, opened, moved);
    end if;
    -- What follows from a revision is recorded once: a later write begins another revision.
    update register.revision set opened_in = null where opened_in is not null;
end
$$;
comment on function register.log_changes is
    'Logs what this transaction recorded and has not logged yet; every write ends with it, under '
    'the write lock.';

create function register.audience_elsewhere(category text, internal text[]) returns text
    language sql immutable parallel safe
    return case when category = any (internal) then 'public' else 'internal' end;
comment on function register.audience_elsewhere is
    'The audience whose entries of a category a reader does not see, of whom `internal` names the '
    'types of record whose internal content the reader sees.';

create function register.newest_seen(internal text[]) returns timestamptz
    language sql stable
begin atomic
    select greatest((select max(log.at) from register.revision_log as log),
                    (select max(newest.at)
                       from unnest(internal) as seen (category)
                      cross join lateral (
                                select c.at
                                  from register.change as c
                                 where c.category = seen.category and c.audience = 'internal'
                                 order by c.at desc, c.number desc
                                 limit 1
                            ) as newest));
end;
comment on function register.newest_seen is
    'The time of the newest change that a reader sees, of whom `internal` names the types of record '
    'whose internal content the reader sees: another type''s internal changes do not show in it.';

-- Each branch walks along an index, however many entries there are.
create function register.changes_after(
    after_at timestamptz, after_number integer, internal text[], categories text[],
    states text[], most integer, of_author text default null)
    returns setof register.change
    language sql stable
    rows 100
begin atomic
    select found.*
      from (
        (select c.*
           from register.change as c
          where categories is null and states is null and of_author is null
            and (c.at, c.number) > (coalesce(after_at, '-infinity'), coalesce(after_number, 0))
            and c.audience <> register.audience_elsewhere(c.category, internal)
          order by c.at, c.number
          limit most)
         union all
        (select c.*
           from unnest(categories) as asked (category)
          cross join lateral (
                    select one.*
                      from register.change as one
                     where one.category = asked.category
                       and (one.at, one.number)
                           > (coalesce(after_at, '-infinity'), coalesce(after_number, 0))
                       and one.audience <> register.audience_elsewhere(one.category, internal)
                     order by one.at, one.number
                     limit most
                ) as c
          where states is null and of_author is null)
         union all
        (select c.*
           from register.change as c
          where states is null and c.author = of_author
            and (categories is null or c.category = any (categories))
            and (c.at, c.number) > (coalesce(after_at, '-infinity'), coalesce(after_number, 0))
            and c.audience <> register.audience_elsewhere(c.category, internal)
          order by c.at, c.number
          limit most)
         union all
        (select c.*
           from unnest(states) as asked (state)
          cross join unnest(coalesce(categories, (select array_agg(term.code)
                                                    from register.vocabulary_term as term
                                                   where term.vocabulary = 'changes')))
                as wanted (category)
          cross join lateral (
                    select one.*
                      from register.change as one
                     where one.state = asked.state and one.category = wanted.category
                       and (of_author is null or one.author = of_author)
                       and (one.at, one.number)
                           > (coalesce(after_at, '-infinity'), coalesce(after_number, 0))
                       and one.audience <> register.audience_elsewhere(one.category, internal)
                     order by one.at, one.number
                     limit most
                ) as c)
      ) as found
     order by found.at, found.number
     limit most;
end;
comment on function register.changes_after is
    'The entries after a position, in order, filtered by category, State and author (null: no filter); internal '
    'entries of the types of record in `internal` only.';

create function register.changes_before(
    before_at timestamptz, before_number integer, of_state text, most integer,
    of_author text default null, since timestamptz default null)
    returns setof register.change
    language sql stable
    rows 100
begin atomic
    select found.*
      from (
        (select c.*
           from register.change as c
          where of_state is null and of_author is null and c.at >= coalesce(since, '-infinity')
            and (c.at, c.number) < (coalesce(before_at, 'infinity'), coalesce(before_number, 0))
            and c.audience <> 'internal'
          order by c.at desc, c.number desc
          limit most)
         union all
        (select c.*
           from register.change as c
          where of_state is null and c.author = of_author
            and c.at >= coalesce(since, '-infinity')
            and (c.at, c.number) < (coalesce(before_at, 'infinity'), coalesce(before_number, 0))
            and c.audience <> 'internal'
          order by c.at desc, c.number desc
          limit most)
         union all
        (select c.*
           from register.vocabulary_term as asked
          cross join lateral (
                    select one.*
                      from register.change as one
                     where one.state = of_state and one.category = asked.code
                       and (of_author is null or one.author = of_author)
                       and one.at >= coalesce(since, '-infinity')
                       and (one.at, one.number)
                           < (coalesce(before_at, 'infinity'), coalesce(before_number, 0))
                       and one.audience <> 'internal'
                     order by one.at desc, one.number desc
                     limit most
                ) as c
          where asked.vocabulary = 'changes' and of_state is not null)
      ) as found
     order by found.at desc, found.number desc
     limit most;
end;
comment on function register.changes_before is
    'The public entries before a position, newest first, of a State and an author (null: of all), '
    'since a moment.';

commit;
