-- Status: where every State is on a day, as the register held it at a moment. What follows from the
-- actions is kept as periods, so that any day at any moment is a look-up. A period is the days (legal
-- time) on which all that a State's row says is the same, and the time (knowledge time) in which the register
-- held it so. The periods of a State have no gap: the first has no first day, the last has no last
-- day.
--
-- Only record_periods() writes periods, in the transaction of the write that moves them, and
-- periods_of() alone works them out.
begin;
set local role ets144_owner;

create function register.members_at(as_of date, known_at timestamptz)
    returns table (state text)
    language sql stable
    rows 50
begin atomic
    select membership.state
      from register.memberships_at(known_at) as membership
     where membership.period @> as_of;
end;
comment on function register.members_at is
    'The member States of the Council of Europe on a day.';

create function register.affects_status(kind text) returns boolean
    language sql immutable parallel safe
    return kind not in ('declaration', 'communication');
comment on function register.affects_status is
    'Whether actions of a kind can change a State''s status.';

-- A State's status on a day.
--   chapters  those of A, B and C that bind it as a Party; empty before and after
create type register.state_status as (
    state text, member boolean, status text, signature text, consent text, in_force_on date,
    chapters text[], vote_only boolean, territories_covered text[],
    territories_left_out text[], in_derogation boolean, denunciation text,
    denunciation_effective_on date);

create table register.period (
    state text not null references register.state,
    valid daterange not null,
    recorded tstzrange not null,
    member boolean not null,
    member_since date,
    member_until date,
    status text not null,
    signature text references register.action,
    signature_date date,
    signature_not_before date,
    signature_not_after date,
    signature_verification text,
    signature_sources text[],
    consent text references register.action,
    consent_kind text,
    consent_date date,
    consent_not_before date,
    consent_not_after date,
    consent_verification text,
    consent_sources text[],
    in_force_on date,
    chapters text[] not null,
    vote_only boolean not null,
    territories_covered text[] not null,
    territories_left_out text[] not null,
    in_derogation boolean not null,
    denunciation text references register.action,
    denunciation_date date,
    denunciation_effective_on date,
    new_status boolean not null,
    -- So a moment is in the period that begins with it, and in no two.
    check (lower_inc(recorded) and not upper_inc(recorded) and not isempty(recorded)),
    constraint period_state_valid_recorded_excl
        exclude using gist (state with =, valid with &&, recorded with &&)
);

comment on column register.period.member_since is
    'The first day of the State''s last membership begun by then, also of one that has ended';
comment on column register.period.member_until is
    'The first day after that membership; null: it has no end';
comment on column register.period.new_status is
    'Whether membership, status or chapters are not those of the period before';

-- The periods held now are few, however many were held before; reading them needs no range index.
create index period_current on register.period (state) where upper_inf(recorded);
-- Finds the periods of a day, of every State: as many as there are States, however many periods a State
-- has.
create index period_on on register.period using gist (valid) where upper_inf(recorded);
-- Finds the last day of change, and the periods that a series counts.
create index period_turn on register.period (lower(valid)) where upper_inf(recorded);
create index period_new_status on register.period (state)
 where upper_inf(recorded) and new_status;
create index period_before on register.period using gist (recorded, valid)
 where not upper_inf(recorded);

-- The audit looks at the moments at which a period began or ended.
create index period_begun on register.period (lower(recorded));
create index period_ended on register.period (upper(recorded)) where not upper_inf(recorded);

call register.make_append_only('register.period');

-- As held from the moment on. An action counts from its day, and its effect from its effective date.
create function register.periods_of(of_states text[], known_at timestamptz)
    returns setof register.period
    language sql stable
    rows 10
begin atomic
    with asked as materialized (
        select version.reference as code, version.existed_until
          from register.state_version as version
         where version.reference = any (of_states) and version.recorded @> known_at
           and not version.voided
    ),
    convention as materialized (
        select entry.in_force_on, entry.day
          from register.entry_into_force('infinity', known_at) as entry
    ),
    effect as materialized (
        select e.*,
               case when e.effective_on is not null then greatest(e.day, e.effective_on) end
                   as effect_day,
               case when e.category in ('signature', 'consent') then e.category
                    when e.kind = 'denunciation' then e.kind end as sort
          from convention
         cross join lateral register.state_effects_at(
                   array(select asked.code from asked), convention.in_force_on, 'infinity',
                   known_at) as e
         where register.affects_status(e.kind)
    ),
    membership as materialized (
        select m.state, m.member_from, m.member_until, m.period
          from register.memberships_at(known_at, of_states) as m
    ),
    -- The days on which a State's status can change, and a day before all of them, each with the
    -- State's cycle: the number of its denunciations that took effect.
    turn as materialized (
        select days.state, days.day,
               sum(sum(days.ended)) over (partition by days.state order by days.day) as cycle
          from (select asked.code as state, date '-infinity' as day, 0 as ended
                  from asked
                 union all
                select asked.code, asked.existed_until, 0
                  from asked
                 union all
                select asked.code, convention.day, 0
                  from asked
                 cross join convention
                 union all
                select membership.state, unnest(array[membership.member_from,
                                                      membership.member_until]), 0
                  from membership
                 union all
                select effect.state, effect.day, 0
                  from effect
                 union all
                select effect.state, effect.effect_day, (effect.kind = 'denunciation')::integer
                  from effect) as days
         where days.day is not null
         group by days.state, days.day
    ),
    -- A former Party that has not signed or acceded again is shown by its last cycle.
    shown as materialized (
        select turn.state, turn.day, turn.cycle,
               case when turn.cycle > 0 and (begun.day <= turn.day) is not true
                    then turn.cycle - 1 else turn.cycle end as shown_cycle
          from turn
          left join (select effect.state, effect.cycle, min(effect.day) as day
                       from effect
                      where effect.sort in ('signature', 'consent')
                      group by effect.state, effect.cycle) as begun
            on begun.state = turn.state and begun.cycle = turn.cycle
    ),
    -- The signatures, consents and denunciations of each cycle, counted in their order.
    act as materialized (
        select effect.state, effect.cycle, effect.sort, effect.reference, effect.kind, effect.date,
               effect.not_before, effect.not_after, effect.verification, effect.sources,
               effect.bound_on, effect.effective_on,
               row_number() over (partition by effect.state, effect.cycle, effect.sort
                                      order by effect.day, effect.number) as nth
          from effect
         where effect.sort is not null
    ),
    -- What counts in a cycle, from the day on which it counts; a turn counts nothing itself.
    fact as (
        select effect.state, effect.cycle, effect.day, coalesce(effect.sort, effect.kind) as kind,
               effect.chapters, 1 as amount
          from effect
         where effect.kind <> 'chapter_acceptance'
         union all
        select effect.state, effect.cycle, effect.effect_day, effect.kind, effect.chapters, 1
          from effect
         where effect.kind = 'chapter_acceptance' and effect.effect_day is not null
         union all
        select limited.state, limited.cycle, greatest(limited.day, min(withdrawal.day)),
               'vote_only' as kind, '{}' as chapters, -1 as amount
          from effect as limited
          join effect as withdrawal
            on withdrawal.state = limited.state and withdrawal.refers_to = limited.reference
           and withdrawal.kind = 'declaration_withdrawal'
         where limited.kind = 'vote_only'
         group by limited.state, limited.cycle, limited.reference, limited.day
         union all
        select shown.state, shown.shown_cycle, shown.day, 'turn' as kind, '{}' as chapters,
               0 as amount
          from shown
    ),
    counted as (
        select fact.state, fact.cycle, fact.day, fact.kind,
               count(*) filter (where fact.kind = 'signature') over up_to as signatures,
               count(*) filter (where fact.kind = 'consent') over up_to as consents,
               count(*) filter (where fact.kind = 'denunciation') over up_to as denunciations,
               count(*) filter (where fact.kind = 'chapter_exclusion' and 'A' = any (fact.chapters))
                   over up_to > 0
               and count(*) filter (where fact.kind = 'chapter_acceptance'
                                      and 'A' = any (fact.chapters)) over up_to = 0 as without_a,
               count(*) filter (where fact.kind = 'chapter_exclusion' and 'B' = any (fact.chapters))
                   over up_to > 0
               and count(*) filter (where fact.kind = 'chapter_acceptance'
                                      and 'B' = any (fact.chapters)) over up_to = 0 as without_b,
               count(*) filter (where fact.kind = 'chapter_exclusion' and 'C' = any (fact.chapters))
                   over up_to > 0
               and count(*) filter (where fact.kind = 'chapter_acceptance'
                                      and 'C' = any (fact.chapters)) over up_to = 0 as without_c,
               coalesce(sum(fact.amount) filter (where fact.kind = 'vote_only') over up_to, 0) > 0
                   as vote_only,
               count(*) filter (where fact.kind = 'derogation') over up_to
               > count(*) filter (where fact.kind = 'derogation_end') over up_to as in_derogation
          from fact
        window up_to as (partition by fact.state, fact.cycle order by fact.day)
    ),
    judged as (
        select shown.state, shown.day, shown.shown_cycle, signature, consent, denunciation,
               due.bound_on,
               case when convention.day <= shown.day then denunciation.effective_on end
                   as denunciation_effective_on,
               -- A State that has ended is neither a signatory nor a Party.
               case
                   when shown.shown_cycle < shown.cycle then 'former_party'
                   when asked.existed_until <= shown.day
                       then case when due.bound_on < asked.existed_until then 'former_party'
                                 else 'no_action' end
                   when due.bound_on <= shown.day and denunciation.reference is not null
                       then 'party_denouncing'
                   when due.bound_on <= shown.day then 'party'
                   when consent.reference is not null then 'contracting_state'
                   when signature.reference is not null then 'signatory'
                   else 'no_action'
               end as status,
               array_remove(array[case when not counted.without_a then 'A' end,
                                  case when not counted.without_b then 'B' end,
                                  case when not counted.without_c then 'C' end], null) as chapters,
               counted.vote_only, counted.in_derogation
          from shown
          join asked on asked.code = shown.state
         cross join convention
          join counted
            on counted.state = shown.state and counted.cycle = shown.shown_cycle
           and counted.day = shown.day and counted.kind = 'turn'
          left join act as signature
            on signature.state = shown.state and signature.cycle = shown.shown_cycle
           and signature.sort = 'signature' and signature.nth = counted.signatures
          left join act as consent
            on consent.state = shown.state and consent.cycle = shown.shown_cycle
           and consent.sort = 'consent' and consent.nth = counted.consents
          left join act as denunciation
            on denunciation.state = shown.state and denunciation.cycle = shown.shown_cycle
           and denunciation.sort = 'denunciation' and denunciation.nth = counted.denunciations
         cross join lateral (
                   select case when convention.day <= shown.day then consent.bound_on end
               ) as due (bound_on)
    ),
    -- Article 16: the last effective action on each territory.
    said as materialized (
        select effect.state, effect.cycle, names.name, names.covered, since.day,
               row_number() over (partition by effect.state, effect.cycle, names.name
                                      order by effect.day, effect.number) as nth
          from effect
         cross join lateral (
                   select case when effect.kind = 'territorial_declaration' then effect.day
                               else effect.effect_day end
               ) as since (day)
         cross join lateral (
                   select covered.name, true
                     from unnest(effect.territories_covered) as covered (name)
                    union all
                   select left_out.name, false
                     from unnest(effect.territories_left_out) as left_out (name)
               ) as names (name, covered)
         where since.day is not null
    ),
    newest_said as (
        select line.state, line.cycle, line.name, line.day, line.turn,
               max(line.nth) over (partition by line.state, line.cycle, line.name order by line.day)
                   as nth
          from (select said.state, said.cycle, said.name, said.day, said.nth, false as turn
                  from said
                 union all
                select shown.state, shown.shown_cycle, known.name, shown.day, null as nth, true
                  from shown
                  join (select distinct said.state, said.cycle, said.name from said) as known
                    on known.state = shown.state and known.cycle = shown.shown_cycle) as line
    ),
    territories as (
        select newest_said.state, newest_said.day,
               array_agg(said.name order by said.name) filter (where said.covered) as covered,
               array_agg(said.name order by said.name) filter (where not said.covered) as left_out
          from newest_said
          join said
            on said.state = newest_said.state and said.cycle = newest_said.cycle
           and said.name = newest_said.name and said.nth = newest_said.nth
         where newest_said.turn
         group by newest_said.state, newest_said.day
    ),
    line as (
        select judged.state, judged.day,
               exists (select
                         from membership
                        where membership.state = judged.state
                          and membership.period @> judged.day) as member,
               joined.member_from as member_since, joined.member_until,
               judged.status, own.signature, own.consent, own.bound_on,
               case when party.is_so then judged.chapters else '{}' end as chapters,
               party.is_so and judged.vote_only as vote_only,
               coalesce(territories.covered, '{}') as covered,
               coalesce(territories.left_out, '{}') as left_out,
               party.is_so and judged.in_derogation as in_derogation, own.denunciation,
               own.denunciation_effective_on
          from judged
          left join judged as own
            on own.state = judged.state and own.day = judged.day and judged.status <> 'no_action'
         cross join lateral (
                   select judged.status in ('party', 'party_denouncing')) as party (is_so)
          left join territories
            on territories.state = judged.state and territories.day = judged.day
          left join lateral (
                   select begun.member_from, begun.member_until
                     from membership as begun
                    where begun.state = judged.state and begun.member_from <= judged.day
                    order by begun.member_from desc
                    limit 1
               ) as joined on true
    ),
    compared as (
        select line.*, to_jsonb(line) - 'day' as content,
               lag(to_jsonb(line) - 'day') over (partition by line.state order by line.day)
                   as content_before
          from line
    )
    select turned.state,
           daterange(nullif(turned.day, '-infinity'),
                     lead(turned.day) over (partition by turned.state order by turned.day)),
           tstzrange(known_at, null), turned.member, turned.member_since, turned.member_until,
           turned.status,
           (turned.signature).reference, (turned.signature).date, (turned.signature).not_before,
           (turned.signature).not_after, (turned.signature).verification,
           (turned.signature).sources,
           (turned.consent).reference, (turned.consent).kind, (turned.consent).date,
           (turned.consent).not_before, (turned.consent).not_after,
           (turned.consent).verification, (turned.consent).sources,
           turned.bound_on, turned.chapters, turned.vote_only, turned.covered, turned.left_out,
           turned.in_derogation, (turned.denunciation).reference, (turned.denunciation).date,
           turned.denunciation_effective_on,
           turned.member is distinct from lag(turned.member) over before
           or turned.status is distinct from lag(turned.status) over before
           or turned.chapters is distinct from lag(turned.chapters) over before
      from compared as turned
     where turned.content is distinct from turned.content_before
    window before as (partition by turned.state order by turned.day);
end;
comment on function register.periods_of is
    'The periods of States, past and to come, worked out from the actions known at a moment.';

create function register.period_content(period register.period) returns jsonb
    language sql immutable
    return to_jsonb(period) - 'recorded';
comment on function register.period_content is
    'A period without the time in which the register held it: equal contents are the same period.';

-- Columns are compared singly: as JSON, the periods of a State with many would take most of a write.
create function register.record_periods(of_states text[], since timestamptz) returns void
    language plpgsql volatile
    set plan_cache_mode = force_generic_plan
    set enable_nestloop = off
as $$
declare
    lines constant register.period[] := array(select p from register.periods_of(of_states, since) as p);
    -- Equal but for the time in which the register held them: the same period.
    kept constant register.period[] := array(
        select held
          from register.period as held
          join unnest(lines) as line on line.state = held.state and line.valid = held.valid
         where held.state = any (of_states) and upper_inf(held.recorded)
           and (line.member, line.member_since, line.member_until, line.status, line.signature,
                line.signature_date,
                line.signature_not_before, line.signature_not_after,
                line.signature_verification, line.signature_sources, line.consent,
                line.consent_kind, line.consent_date, line.consent_not_before,
                line.consent_not_after, line.consent_verification, line.consent_sources,
                line.in_force_on, line.chapters, line.vote_only, line.territories_covered,
                line.territories_left_out, line.in_derogation, line.denunciation,
                line.denunciation_date, line.denunciation_effective_on, line.new_status)
               is not distinct from
               (held.member, held.member_since, held.member_until, held.status, held.signature,
                held.signature_date,
                held.signature_not_before, held.signature_not_after,
                held.signature_verification, held.signature_sources, held.consent,
                held.consent_kind, held.consent_date, held.consent_not_before,
                held.consent_not_after, held.consent_verification, held.consent_sources,
                held.in_force_on, held.chapters, held.vote_only, held.territories_covered,
                held.territories_left_out, held.in_derogation, held.denunciation,
                held.denunciation_date, held.denunciation_effective_on, held.new_status));
begin
    update register.period as held
       set recorded = tstzrange(lower(held.recorded), since)
     where held.state = any (of_states) and upper_inf(held.recorded)
       and (held.state, held.valid) not in (select same.state, same.valid from unnest(kept) as same);
    insert into register.period
    select line.*
      from unnest(lines) as line
     where (line.state, line.valid) not in (select same.state, same.valid from unnest(kept) as same);
end
$$;
comment on function register.record_periods is
    'Records the periods of States from a moment on, and ends those that do not hold any longer.';

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

-- The day is compared in each branch, because the planner pushes no join condition into them.
create function register.periods_on(as_of date, known_at timestamptz)
    returns setof register.period
    language sql stable
    rows 50
begin atomic
    select held.*
      from register.period as held
     where upper_inf(held.recorded) and held.valid @> as_of and lower(held.recorded) <= known_at
    union all
    select held.*
      from register.period as held
     where not upper_inf(held.recorded) and held.recorded @> known_at and held.valid @> as_of;
end;
comment on function register.periods_on is
    'The period of every State that a day is in, as the register held it at a moment.';

create function register.status_at(as_of date, known_at timestamptz)
    returns setof register.state_status
    language sql stable
    rows 50
begin atomic
    select held.state, held.member, held.status, held.signature, held.consent, held.in_force_on,
           held.chapters, held.vote_only, held.territories_covered, held.territories_left_out,
           held.in_derogation, held.denunciation, held.denunciation_effective_on
      from register.periods_on(as_of, known_at) as held;
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
