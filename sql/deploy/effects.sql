-- Effects: the actions known at a moment, and the dates on which each takes effect.
begin;
set local role ets144_owner;

create function register.actions_known(known_at timestamptz, of_states text[] default null)
    returns table (
        reference text, state text, number integer, version integer, kind text, category text,
        effect text, months integer, place integer, day date, counted_from date, earliest date,
        latest date, date date, not_before date, not_after date, received_on date,
        published_effective_date date, articles text[], chapters text[],
        territories_covered text[], territories_left_out text[], refers_to text,
        verification text, sources text[], article text)
    language sql stable
    rows 100
begin atomic
    select action.reference, action.state, action.number, version.version, version.kind,
           kind.category, kind.effect, kind.months, kind.place,
           coalesce(version.date, version.not_after),
           coalesce(version.received_on, version.date, version.not_after),
           case when version.verification = 'unconfirmed'
                then coalesce(version.not_before, version.date, '-infinity')
                else coalesce(version.date, '-infinity') end,
           case when version.verification = 'unconfirmed'
                then coalesce(version.not_after, version.date, 'infinity')
                else coalesce(version.date, 'infinity') end,
           version.date, version.not_before, version.not_after, version.received_on,
           version.published_effective_date, version.articles, version.chapters,
           version.territories_covered, version.territories_left_out, version.refers_to,
           version.verification, version.sources, kind.article
      from (select every.reference, every.state, every.number
              from register.action as every
             where of_states is null
             union all
            select asked.reference, asked.state, asked.number
              from register.action as asked
             where asked.state = any (of_states)) as action
     cross join lateral register.action_version_at(action.reference, known_at) as version
      left join register.kind on kind.code = version.kind
     where not version.voided;
end;
comment on function register.actions_known is
    'The actions of States (null: of every State) known at a moment and not voided, with the day '
    'each counts from and the first and last day on which it can have happened.';

-- The references have the States and numbers, so the many other actions are not read.
create function register.entry_into_force(as_of date, known_at timestamptz)
    returns table (in_force_on date, reference text, consents bigint, day date)
    language sql stable
    rows 1
begin atomic
    with consent as (
        select v.reference, coalesce(v.date, v.not_after) as day
          from register.action_version as v
         where upper_inf(v.recorded) and lower(v.recorded) <= known_at and not v.voided
           and v.kind in ('ratification', 'acceptance', 'approval')
         union all
        select v.reference, coalesce(v.date, v.not_after) as day
          from register.action_version as v
         where not upper_inf(v.recorded) and v.recorded @> known_at and not v.voided
           and v.kind in ('ratification', 'acceptance', 'approval')
    ),
    first_consent as (
        select distinct on (made.state) made.state, consent.day, consent.reference
          from consent
         cross join lateral (
                   select split_part(consent.reference, '-', 1) as state,
                          split_part(consent.reference, '-', 2)::integer as number
               ) as made
         where consent.day <= as_of
         order by made.state, consent.day, made.number
    ),
    numbered as (
        select first_consent.day, first_consent.reference,
               row_number() over (order by first_consent.day, first_consent.state) as nth,
               count(*) over () as consents
          from first_consent
    )
    select register.first_of_month_after(3, fourth.day), fourth.reference,
           (select coalesce(max(numbered.consents), 0) from numbered), fourth.day
      from (values (4)) as needed (consents)
      left join numbered as fourth on fourth.nth = needed.consents;
end;
comment on function register.entry_into_force is
    'The Convention''s entry into force (Article 12(1)): the three-month rule from the fourth '
    'member State''s consent, of which reference and day are answered; counts only what was done '
    'up to as_of.';

-- An action with its effective dates. A State's cycle counts its denunciations that had taken
-- effect by the action's day: an action of an earlier cycle no longer binds.
--   bound_on                 the day the Convention enters into force for the State, in that cycle
--   computed_effective_date  by the Convention's rule
--   effective_on             the published day if there is one, but never before the State is bound
--   rule, article            the date rule that gave the effective day, and its article
create type register.effect as (
    reference text, state text, number integer, version integer, kind text, category text,
    place integer, cycle integer, day date, earliest date, latest date, bound_on date,
    computed_effective_date date, effective_on date, date date, not_before date,
    not_after date, received_on date, published_effective_date date, chapters text[],
    territories_covered text[], territories_left_out text[], refers_to text,
    verification text, sources text[], counted_from date, months integer, rule text,
    article text);

-- In PL/pgSQL, because a session keeps its plan; so is states_touched().
create function register.state_effects_at(
    of_states text[], convention_in_force_on date, as_of date, known_at timestamptz)
    returns setof register.effect
    language plpgsql stable
    rows 100
as $$
begin
    return query
    with known as materialized (
        select k.*,
               case when k.kind = 'denunciation'
                    then coalesce(k.published_effective_date,
                                  register.first_of_month_after(6, k.counted_from)) end
                   as ends_on
          from register.actions_known(known_at, of_states) as k
         where k.day <= as_of
    ),
    -- The effective days of each State's denunciations, sorted: width_bucket() then counts those up
    -- to a day with a binary search.
    ending as (
        select known.state, array_agg(known.ends_on order by known.ends_on) as days
          from known
         where known.ends_on is not null
         group by known.state
    ),
    placed as (
        select known.*,
               coalesce(width_bucket(known.day, ending.days), 0)
               - coalesce((known.ends_on <= known.day)::integer, 0) as cycle
          from known
          left join ending on ending.state = known.state
    ),
    bound as (
        select placed.state, placed.cycle,
               min(greatest(coalesce(placed.published_effective_date,
                                     case when placed.kind = 'succession' then placed.day
                                          else register.first_of_month_after(3, placed.day) end),
                            convention_in_force_on)) as bound_on
          from placed
         where placed.category = 'consent' and convention_in_force_on is not null
         group by placed.state, placed.cycle
    ),
    -- The date by the action's own rule, as if the State were bound already.
    ruled as (
        select placed.*, bound.bound_on,
               case
                   when placed.category = 'consent' and placed.kind <> 'succession'
                       then register.first_of_month_after(3, placed.day)
                   when placed.effect = 'months'
                       then register.first_of_month_after(placed.months, placed.counted_from)
                   when placed.effect = 'bound' then placed.day
                   when placed.effect = 'day' then placed.counted_from
               end as by_rule
          from placed
          left join bound on bound.state = placed.state and bound.cycle = placed.cycle
    ),
    counted as (
        select ruled.*,
               case when ruled.bound_on is not null and ruled.by_rule is not null
                    then greatest(ruled.by_rule,
                                  case when ruled.category = 'consent'
                                       then convention_in_force_on
                                       else ruled.bound_on end) end as computed_effective_date
          from ruled
    ),
    computed as (
        select counted.*,
               case when counted.computed_effective_date is not null
                    then greatest(coalesce(counted.published_effective_date,
                                           counted.computed_effective_date),
                                  counted.bound_on) end as effective_on
          from counted
    )
    select computed.reference, computed.state, computed.number, computed.version, computed.kind,
           computed.category, computed.place, computed.cycle, computed.day, computed.earliest,
           computed.latest, computed.bound_on, computed.computed_effective_date,
           computed.effective_on,
           computed.date, computed.not_before, computed.not_after, computed.received_on,
           computed.published_effective_date, computed.chapters, computed.territories_covered,
           computed.territories_left_out, computed.refers_to, computed.verification,
           computed.sources,
           case when computed.category = 'consent' then computed.day
                else computed.counted_from end,
           case when computed.category = 'consent' and computed.kind <> 'succession' then 3
                else computed.months end,
           case when computed.computed_effective_date is null then null
                when computed.effective_on <> computed.computed_effective_date then 'published'
                when computed.by_rule < computed.computed_effective_date
                    then case when computed.category = 'consent' then 'entry_into_force'
                              else 'with_consent' end
                when computed.kind = 'succession' then 'on_its_day'
                when computed.effect = 'months' and computed.months = 6 then 'six_months'
                when computed.effect = 'months' or computed.category = 'consent'
                    then 'three_months'
                when computed.effect = 'bound' then 'with_consent'
                else 'on_its_day' end,
           case when computed.computed_effective_date is null then null
                when computed.kind = 'accession' then '13(2)'
                when computed.category <> 'consent' then computed.article
                when computed.by_rule < computed.computed_effective_date then '12(1)'
                when computed.kind = 'succession' then null
                else '12(2)' end
      from computed;
end
$$;
comment on function register.state_effects_at is
    'The actions of States (null: of every State) up to a day, with their effective dates, given '
    'the day the Convention enters into force as far as known on that day.';

create function register.effects_at(
    as_of date, known_at timestamptz, of_states text[] default null)
    returns setof register.effect
    language sql stable
    rows 100
begin atomic
    select effect.*
      from register.entry_into_force(as_of, known_at) as entry
     cross join lateral register.state_effects_at(of_states, entry.in_force_on, as_of, known_at)
               as effect;
end;
comment on function register.effects_at is
    'The actions of States (null: of every State) up to a day, with their effective dates.';

-- All that follows from the record of a State is of its own rows and of the Convention's entry into
-- force, which alone depends on other States.
create function register.states_touched(before timestamptz, after timestamptz) returns text[]
    language plpgsql stable
as $$
begin
    return (
    select case when (was.in_force_on, was.day) is not distinct from (is_now.in_force_on, is_now.day)
                then array(
                         select split_part(v.reference, '-', 1) as state
                           from register.action_version as v
                          where lower(v.recorded) > least(before, after)
                            and lower(v.recorded) <= greatest(before, after)
                          union
                         -- The successors of a State rest on its acts.
                         select split_part(v.reference, '-', 1) as state
                           from register.action_version as v
                          where upper_inf(v.recorded)
                            and v.kind in ('signature_succession', 'succession')
                            and exists (select
                                          from register.action_version as meant
                                         where meant.reference = v.refers_to
                                           and lower(meant.recorded) > least(before, after)
                                           and lower(meant.recorded) <= greatest(before, after))
                          union
                         select v.reference as state
                           from register.state_version as v
                          where lower(v.recorded) > least(before, after)
                            and lower(v.recorded) <= greatest(before, after)
                          union
                         select split_part(m.reference, '-', 1) as state
                           from register.membership_version as m
                          where lower(m.recorded) > least(before, after)
                            and lower(m.recorded) <= greatest(before, after)) end
      from register.entry_into_force('infinity', before) as was
     cross join register.entry_into_force('infinity', after) as is_now);
end
$$;
comment on function register.states_touched is
    'The States whose actions, memberships or names were changed between two moments, the earlier not '
    'counted; null: every State, because the Convention''s entry into force moved.';

commit;
