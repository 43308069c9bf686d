-- Status: where a State is on a day, worked out from its actions as the register held them at a
-- moment.
begin;
set local role ets144_owner;

create function register.members_at(as_of date, known_at timestamptz)
    returns table (state text)
    language sql stable
    rows 50
begin atomic
    select membership.state
      from register.membership
     where membership.recorded @> known_at
       and daterange(membership.member_from, membership.member_until) @> as_of;
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

create function register.state_status_at(
    of_state text, convention_in_force_on date, as_of date, known_at timestamptz)
    returns setof register.state_status
    language sql stable
    rows 50
begin atomic
    with effects as materialized (
        select e.*
          from register.state_effects_at(of_state, convention_in_force_on, as_of, known_at) as e
    ),
    -- A State's cycle on the day: the number of its denunciations that took effect.
    ended as (
        select effects.state, count(*)::integer as cycle
          from effects
         where effects.kind = 'denunciation' and effects.effective_on <= as_of
         group by effects.state
    ),
    -- A State's last signature, consent and denunciation of each cycle it acted in.
    last_act as materialized (
        select distinct on (effects.state, effects.cycle, sort.name)
               effects.state, effects.cycle, sort.name as sort, effects.reference,
               effects.bound_on, effects.effective_on
          from effects
         cross join lateral (
                   select case when effects.category in ('signature', 'consent')
                               then effects.category
                               when effects.kind = 'denunciation' then effects.kind
                               else 'other' end as name
               ) as sort
         order by effects.state, effects.cycle, sort.name, effects.day desc, effects.number desc
    ),
    -- A former Party that has not signed or acceded again is shown by its last cycle. MATERIALIZED
    -- is required: if PostgreSQL 15 inlines this CTE, the lateral join reuses its first result for
    -- every day.
    shown as materialized (
        select version.code as state, coalesce(ended.cycle, 0) as cycle,
               case when ended.cycle > 0
                     and not exists (select
                                       from last_act
                                      where last_act.state = version.code
                                        and last_act.cycle = ended.cycle
                                        and last_act.sort in ('signature', 'consent'))
                    then ended.cycle - 1
                    else coalesce(ended.cycle, 0) end as shown_cycle
          from register.state_version as version
          left join ended on ended.state = version.code
         where version.recorded @> known_at and (of_state is null or version.code = of_state)
    ),
    picked as (
        select shown.state, shown.cycle, shown.shown_cycle,
               signature.reference as signature, consent.reference as consent, consent.bound_on,
               denunciation.reference as denunciation,
               denunciation.effective_on as denunciation_effective_on
          from shown
          left join last_act as signature
            on signature.state = shown.state and signature.cycle = shown.shown_cycle
           and signature.sort = 'signature'
          left join last_act as consent
            on consent.state = shown.state and consent.cycle = shown.shown_cycle
           and consent.sort = 'consent'
          left join last_act as denunciation
            on denunciation.state = shown.state and denunciation.cycle = shown.shown_cycle
           and denunciation.sort = 'denunciation'
    ),
    judged as (
        select picked.*,
               case
                   when picked.shown_cycle < picked.cycle then 'former_party'
                   when picked.bound_on <= as_of and picked.denunciation is not null
                       then 'party_denouncing'
                   when picked.bound_on <= as_of then 'party'
                   when picked.consent is not null then 'contracting_state'
                   when picked.signature is not null then 'signatory'
                   else 'no_action'
               end as status
          from picked
    ),
    -- Article 16: the last effective action on each territory.
    territory as (
        select distinct on (said.state, said.name) said.state, said.name, said.covered
          from (select effects.state, effects.cycle, effects.kind, effects.day, effects.number,
                       effects.effective_on, names.name, names.covered
                  from effects
                 cross join lateral (
                           select covered.name, true from unnest(effects.territories_covered)
                               as covered (name)
                            union all
                           select left_out.name, false from unnest(effects.territories_left_out)
                               as left_out (name)
                       ) as names (name, covered)) as said
          join judged on judged.state = said.state and judged.shown_cycle = said.cycle
         where said.kind = 'territorial_declaration' or said.effective_on <= as_of
         order by said.state, said.name, said.day desc, said.number desc
    )
    select judged.state,
           exists (select
                     from register.members_at(as_of, known_at) as member
                    where member.state = judged.state),
           judged.status, judged.signature, judged.consent, judged.bound_on,
           case when judged.status in ('party', 'party_denouncing') then
               array(select chapter.letter
                       from (values ('A'), ('B'), ('C')) as chapter (letter)
                      where not exists (
                                select
                                  from effects as left_out
                                 where left_out.state = judged.state
                                   and left_out.cycle = judged.cycle
                                   and left_out.kind = 'chapter_exclusion'
                                   and chapter.letter = any (left_out.chapters))
                         or exists (
                                select
                                  from effects as accepted
                                 where accepted.state = judged.state
                                   and accepted.cycle = judged.cycle
                                   and accepted.kind = 'chapter_acceptance'
                                   and accepted.effective_on <= as_of
                                   and chapter.letter = any (accepted.chapters))
                      order by chapter.letter)
           else '{}' end,
           judged.status in ('party', 'party_denouncing') and exists (
               select
                 from effects as limited
                where limited.state = judged.state and limited.cycle = judged.cycle
                  and limited.kind = 'vote_only'
                  and not exists (
                          select
                            from effects as withdrawal
                           where withdrawal.state = judged.state
                             and withdrawal.kind = 'declaration_withdrawal'
                             and withdrawal.refers_to = limited.reference)),
           array(select territory.name
                   from territory
                  where territory.state = judged.state and territory.covered
                  order by territory.name),
           array(select territory.name
                   from territory
                  where territory.state = judged.state and not territory.covered
                  order by territory.name),
           judged.status in ('party', 'party_denouncing') and (
               select count(*) filter (where derogating.kind = 'derogation')
                      > count(*) filter (where derogating.kind = 'derogation_end')
                 from effects as derogating
                where derogating.state = judged.state and derogating.cycle = judged.cycle),
           judged.denunciation, judged.denunciation_effective_on
      from judged;
end;
comment on function register.state_status_at is
    'The status of a State (null: of every State) on a day, given the day the Convention enters '
    'into force as far as known on that day.';

commit;
