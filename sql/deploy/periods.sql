-- Periods: what follows from the actions, kept so that any day at any moment is a look-up. A period
-- is the days (legal time) on which a State's status is the same, and the time (knowledge time) in
-- which the register held it so. The periods of a State have no gap: the first has no first day, the
-- last has no last day.
--
-- Only record_periods() writes here, in the transaction of the write that moves them, and
-- periods_of() alone works them out.
begin;
set local role ets144_owner;

create table register.period (
    state text not null references register.state,
    valid daterange not null,
    recorded tstzrange not null,
    member boolean not null,
    status text not null,
    signature text references register.action,
    consent text references register.action,
    in_force_on date,
    chapters text[] not null,
    vote_only boolean not null,
    territories_covered text[] not null,
    territories_left_out text[] not null,
    in_derogation boolean not null,
    denunciation text references register.action,
    denunciation_effective_on date,
    constraint period_state_valid_recorded_excl
        exclude using gist (state with =, valid with &&, recorded with &&)
);

-- The periods held now are few, however many were held before; reading them needs no range index.
create index period_current on register.period (state) where upper_inf(recorded);
create index period_before on register.period using gist (recorded, valid)
 where not upper_inf(recorded);

call register.make_append_only('register.period');

-- As held from the moment on.
create function register.periods_of(of_states text[], known_at timestamptz)
    returns setof register.period
    language sql stable
    rows 10
begin atomic
    with convention as materialized (
        select entry.in_force_on, entry.day
          from register.entry_into_force('infinity', known_at) as entry
    ),
    -- The days on which a State's status can change, and a day before all of them.
    turn as materialized (
        select asked.code as state, days.day
          from unnest(of_states) as asked (code)
         cross join convention
         cross join lateral (
                   select date '-infinity' as day
                    union
                   select convention.day
                    union
                   select unnest(array[membership.member_from, membership.member_until])
                     from register.membership
                    where membership.state = asked.code and membership.recorded @> known_at
                    union
                   select unnest(array[effect.day, effect.effective_on])
                     from register.state_effects_at(asked.code, convention.in_force_on, 'infinity',
                                                    known_at) as effect
                    where register.affects_status(effect.kind)
               ) as days
         where days.day is not null
    ),
    worked_out as (
        select turn.day, s as status, lag(s) over line as earlier
          from turn
         cross join convention
         cross join lateral register.state_status_at(
                   turn.state,
                   case when convention.day <= turn.day then convention.in_force_on end,
                   turn.day, known_at) as s
        window line as (partition by turn.state order by turn.day)
    )
    select (turned.status).state,
           daterange(nullif(turned.day, '-infinity'),
                     lead(turned.day) over (partition by (turned.status).state
                                                order by turned.day)),
           tstzrange(known_at, null), (turned.status).member, (turned.status).status,
           (turned.status).signature, (turned.status).consent, (turned.status).in_force_on,
           (turned.status).chapters, (turned.status).vote_only,
           (turned.status).territories_covered, (turned.status).territories_left_out,
           (turned.status).in_derogation, (turned.status).denunciation,
           (turned.status).denunciation_effective_on
      from worked_out as turned
     where turned.status is distinct from turned.earlier;
end;
comment on function register.periods_of is
    'The periods of States, past and to come, worked out from the actions known at a moment.';

create function register.period_content(period register.period) returns jsonb
    language sql immutable
    return to_jsonb(period) - 'recorded';
comment on function register.period_content is
    'A period without the time in which the register held it: equal contents are the same period.';

create function register.record_periods(of_states text[], since timestamptz) returns void
    language plpgsql volatile
    set plan_cache_mode = force_generic_plan
as $$
declare
    lines constant register.period[] := array(select p from register.periods_of(of_states, since) as p);
begin
    update register.period as held
       set recorded = tstzrange(lower(held.recorded), since)
     where held.state = any (of_states) and upper_inf(held.recorded)
       and not exists (select
                         from unnest(lines) as line
                        where register.period_content(line) = register.period_content(held));
    insert into register.period
    select line.*
      from unnest(lines) as line
     where not exists (select
                         from register.period as held
                        where held.state = line.state and upper_inf(held.recorded)
                          and held.valid = line.valid);
end
$$;
comment on function register.record_periods is
    'Records the periods of States as they are from a moment on, and ends those that are no more.';

create function register.periods_at(known_at timestamptz)
    returns setof register.period
    language sql stable
    rows 300
begin atomic
    select held.*
      from register.period as held
     where upper_inf(held.recorded) and lower(held.recorded) <= known_at
    union all
    select held.*
      from register.period as held
     where not upper_inf(held.recorded) and held.recorded @> known_at;
end;
comment on function register.periods_at is
    'The periods of every State as the register held them at a moment.';

create function register.status_at(as_of date, known_at timestamptz)
    returns setof register.state_status
    language sql stable
    rows 50
begin atomic
    select held.state, held.member, held.status, held.signature, held.consent, held.in_force_on,
           held.chapters, held.vote_only, held.territories_covered, held.territories_left_out,
           held.in_derogation, held.denunciation, held.denunciation_effective_on
      from register.periods_at(known_at) as held
     where held.valid @> as_of;
end;
comment on function register.status_at is
    'The status of every State that the register knew, no_action included.';

-- A timeline begins with the first period that has a first day; before it a State is not a member
-- and has done nothing.
create function register.timeline_as_json(periods register.period[]) returns jsonb
    language sql immutable
    return (select coalesce(jsonb_agg(jsonb_build_object(
                       'from', lower(period.valid), 'member', period.member,
                       'status', period.status, 'in_force_on', period.in_force_on,
                       'chapters', period.chapters, 'vote_only', period.vote_only,
                       'territories', jsonb_build_object('covered', period.territories_covered,
                                                         'left_out', period.territories_left_out),
                       'in_derogation', period.in_derogation, 'signature', period.signature,
                       'consent', period.consent, 'denunciation', period.denunciation,
                       'denunciation_effective_on', period.denunciation_effective_on)
                       order by period.valid), '[]')
              from unnest(periods) as period
             where not lower_inf(period.valid));
comment on function register.timeline_as_json is
    'The periods of a State, past and to come, as the feed publishes them.';

create function register.status_timelines(of_states text[], known_at timestamptz)
    returns table (state text, periods jsonb)
    language sql stable
    rows 10
begin atomic
    select held.state, register.timeline_as_json(array_agg(held))
      from register.periods_at(known_at) as held
     where held.state = any (of_states)
     group by held.state;
end;
comment on function register.status_timelines is
    'The timelines of States as the register held them at a moment.';

commit;
