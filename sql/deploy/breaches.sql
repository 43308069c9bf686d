-- Legality: a predicate on the register, not on the order of entry. Finds every breach in the
-- current actions, with a labelled select for each rule. The real record has no breach.
--
-- The actions of a State break rules by themselves, by its memberships and by the day on which the
-- Convention enters into force. So a write is judged by the States that it touches, and a write that
-- moves this day by all States (register.states_touched()).
--
-- An order of days is broken only if it is broken for every day on which the actions can have
-- happened.
begin;
set local role ets144_owner;

create function register.action_breaches(of_states text[] default null)
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with now as (
        select log.at from register.revision_log as log order by log.revision desc limit 1
    ),
    convention as materialized (
        select now.at, entry.in_force_on
          from now
         cross join lateral register.entry_into_force('infinity', now.at) as entry
    ),
    effect as materialized (
        select e.*,
               -- Crossed bounds are a separate breach; here they mean the days between them.
               daterange(least(e.earliest, e.latest), greatest(e.earliest, e.latest), '[]') as days
          from convention
         cross join lateral register.state_effects_at(
                   of_states, convention.in_force_on, 'infinity', convention.at) as e
    ),
    -- What the rules need to know of a State's other actions in the same cycle.
    cycle as materialized (
        select effect.state, effect.cycle,
               min(effect.earliest) filter (where effect.category = 'signature') as signed_from,
               min(effect.earliest) filter (where effect.category = 'signature'
                                                or effect.kind in ('accession', 'succession'))
                   as came_from,
               min(effect.day) filter (where effect.category = 'consent') as consented_on,
               range_agg(effect.days) filter (where effect.category = 'consent') as deposit,
               range_agg(effect.days) filter (where effect.category in ('signature', 'consent'))
                   as occasion,
               array_agg(effect.earliest order by effect.earliest)
                   filter (where effect.kind = 'derogation') as derogated_from
          from effect
         group by effect.state, effect.cycle
    ),
    -- Each action with its cycle, and its place among the State's actions of the same sort.
    act as materialized (
        select effect.*, cycle.signed_from, cycle.came_from, cycle.consented_on, cycle.deposit,
               cycle.occasion,
               row_number() over alike as nth,
               first_value(effect.reference) over alike as first_alike
          from effect
          join cycle on cycle.state = effect.state and cycle.cycle = effect.cycle
        window alike as (partition by effect.state, effect.cycle,
                                      case when effect.category in ('signature', 'consent')
                                           then effect.category else effect.kind end
                         order by effect.day, effect.number)
    ),
    known as materialized (
        select k.* from now cross join lateral register.actions_known(now.at, of_states) as k
    ),
    member as (
        select membership.state, membership.period
          from now
         cross join lateral register.memberships_at(now.at, of_states) as membership
    ),
    existence as materialized (
        select version.reference as state, version.existed_from, version.existed_until
          from register.state_version as version
         where upper_inf(version.recorded)
           and (of_states is null or version.reference = any (of_states))
           and coalesce(version.existed_from, version.existed_until) is not null
    ),
    chapter as materialized (
        select act.state, act.cycle, act.reference, act.kind, act.earliest, act.latest,
               named.letter,
               rank() over (partition by act.state, act.cycle, act.kind, named.letter
                            order by act.day, act.number) as nth
          from act
         cross join lateral unnest(act.chapters) as named (letter)
         where act.kind in ('chapter_exclusion', 'chapter_acceptance')
    ),
    left_out as materialized (
        select chapter.state, chapter.cycle, chapter.letter,
               min(chapter.earliest) as left_out_from
          from chapter
         where chapter.kind = 'chapter_exclusion'
         group by chapter.state, chapter.cycle, chapter.letter
    ),
    -- Each territory named, and whether the previous action covered it.
    territory as materialized (
        select act.state, act.reference, act.kind, act.day, act.consented_on, named.name,
               named.covered,
               last_value(named.covered) over (
                   partition by act.state, act.cycle, named.name
                   order by act.day, act.number
                   groups between unbounded preceding and 1 preceding) as covered_before
          from act
         cross join lateral (
                   select covered.name, true from unnest(act.territories_covered) as covered (name)
                    union all
                   select left_out.name, false from unnest(act.territories_left_out)
                       as left_out (name)
               ) as named (name, covered)
    ),
    -- Each declaration that can be withdrawn, with its withdrawals in order.
    declared as materialized (
        select act.reference, act.state, act.kind, act.latest,
               min(act.earliest) filter (where act.kind <> 'declaration_withdrawal') over one
                   as declared_from,
               count(*) filter (where act.kind = 'declaration_withdrawal')
                   over (one order by act.day, act.number) as nth
          from act
         where act.kind in ('declaration', 'authority_declaration', 'vote_only',
                            'declaration_withdrawal')
        window one as (partition by act.state,
                                    case when act.kind = 'declaration_withdrawal'
                                         then act.refers_to
                                         else act.reference end)
    )

    -- The form of the record ------------------------------------------------------------------

    -- T4004, Article 17
    select 'no_reservation' as rule, known.reference, 'kind' as field,
           array[known.reference] as arguments
      from known
     where known.kind = 'reservation'

    union all
    -- T4002
    select 'kind_exists', known.reference, 'kind', array[known.kind]
      from known
     where known.category is null and known.kind <> 'reservation'

    union all
    -- T4003
    select 'verification_exists', known.reference, 'verification', array[known.verification]
      from known
     where not exists (select
                         from register.verification
                        where verification.code = known.verification)

    union all
    -- T4010
    select 'day_given', known.reference, 'date', array[known.reference]
      from known
     where known.day is null

    union all
    -- T4011
    select 'days_in_order', known.reference, 'date', array[known.reference]
      from known
     where known.not_before > known.not_after or known.date < known.not_before
        or known.date > known.not_after

    union all
    -- T4012
    select 'known_day_is_dated', known.reference, 'verification',
           array[known.reference, known.verification]
      from known
     where known.verification <> 'unconfirmed' and known.date is null

    union all
    -- T4013
    select 'sources_match_verification', known.reference, 'sources',
           array[known.reference, known.verification, verification.sources_needed::text]
      from known
      join register.verification on verification.code = known.verification
     where cardinality(known.sources) < verification.sources_needed

    union all
    -- T4014
    select 'day_not_in_future', known.reference,
           case when known.received_on > register.today() then 'received_on'
                when known.date > register.today() then 'date'
                else 'not_after' end,
           array[known.reference]
      from known
     where known.received_on > register.today() or known.not_after > register.today()
        or (known.date > register.today() and known.received_on is null)

    union all
    -- T4015, Article 11
    select 'open_for_signature', known.reference, 'date', array[known.reference]
      from known
     where known.latest < date '1992-02-05'

    union all
    -- T4016
    select 'effect_not_before_act', known.reference, 'published_effective_date',
           array[known.reference]
      from known
     where known.published_effective_date < known.earliest

    union all
    -- T4017
    select 'reference_exists', known.reference, 'refers_to',
           array[known.reference, known.refers_to]
      from known
     where known.refers_to is not null
       and known.kind not in ('signature_succession', 'succession')
       and not exists (select
                         from known as meant
                        where meant.reference = known.refers_to and meant.state = known.state)

    union all
    -- T4127
    select 'act_of_existing_state', known.reference, 'date', array[known.reference, known.state]
      from known
      join existence on existence.state = known.state
     where known.latest < existence.existed_from or known.earliest >= existence.existed_until

    -- Succession of States: the law of treaties beside the Convention ---------------------------

    union all
    -- T4130
    select 'succession_to_act', act.reference, 'refers_to', array[act.reference, act.state]
      from act
     cross join now
     where act.kind in ('signature_succession', 'succession')
       and not exists (select
                         from register.action_version_at(act.refers_to, now.at) as meant
                         join register.kind on kind.code = meant.kind
                        where not meant.voided and kind.category = act.category
                          and split_part(meant.reference, '-', 1) <> act.state
                          and case when meant.verification = 'unconfirmed'
                                   then coalesce(meant.not_before, meant.date, '-infinity')
                                   else meant.date end <= act.latest)

    -- Article 11: signature and consent of member States --------------------------------------

    union all
    -- T4020, Article 11
    select 'signature_by_member', act.reference, 'state', array[act.reference, act.state]
      from act
     where act.kind = 'signature'
       and not exists (select
                         from member
                        where member.state = act.state and member.period && act.days)

    union all
    -- T4021, Article 11
    select 'one_signature', act.reference, 'kind',
           array[act.reference, act.state, act.first_alike]
      from act
     where act.category = 'signature' and act.nth > 1

    union all
    -- T4022, Article 11
    select 'signature_before_consent', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.kind in ('ratification', 'acceptance', 'approval')
       and (act.signed_from <= act.latest) is not true

    union all
    -- T4023, Article 11
    select 'ratification_by_member', act.reference, 'state', array[act.reference, act.state]
      from act
     where act.kind in ('ratification', 'acceptance', 'approval')
       and not exists (select
                         from member
                        where member.state = act.state and member.period && act.days)

    union all
    -- T4026, Article 12
    select 'no_second_consent', act.reference, 'kind',
           array[act.reference, act.state, act.first_alike]
      from act
     where act.category = 'consent' and act.nth > 1

    -- Article 13: accession of other States ---------------------------------------------------

    union all
    -- T4024, Article 13(1)
    select 'accession_by_non_member', act.reference, 'kind', array[act.reference, act.state]
      from act
     where act.kind = 'accession'
       and exists (select
                     from member
                    where member.state = act.state and member.period @> act.days)

    union all
    -- T4025, Article 13(1)
    select 'accession_after_entry_into_force', act.reference, 'date',
           array[act.reference, act.state]
      from act
     cross join convention
     where act.kind = 'accession'
       and (convention.in_force_on is null or act.latest < convention.in_force_on)

    -- Article 1 and 6(2): chapters ------------------------------------------------------------

    union all
    -- T4030, Article 1(1)
    select 'chapter_a_always_applies', act.reference, 'chapters', array[act.reference]
      from act
     where act.kind = 'chapter_exclusion' and 'A' = any (act.chapters)

    union all
    -- T4031, Article 1
    select 'chapters_named', known.reference, 'chapters', array[known.reference]
      from known
     where case when known.kind in ('chapter_exclusion', 'chapter_acceptance')
                then cardinality(known.chapters) = 0
                  or not known.chapters <@ array['A', 'B', 'C']
                  or cardinality(known.chapters)
                     <> (select count(distinct chapter) from unnest(known.chapters) as chapter)
                else cardinality(known.chapters) > 0 end

    union all
    -- T4032, Article 1(1)
    select 'chapter_exclusion_at_deposit', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'chapter_exclusion' and (act.deposit && act.days) is not true

    union all
    -- T4033, Article 1(2)
    select 'chapter_acceptance_of_left_out', chapter.reference, 'chapters',
           array[chapter.reference, chapter.state, chapter.letter]
      from chapter
      left join left_out
        on left_out.state = chapter.state and left_out.cycle = chapter.cycle
       and left_out.letter = chapter.letter
     where chapter.kind = 'chapter_acceptance'
       and ((left_out.left_out_from <= chapter.latest) is not true or chapter.nth > 1)

    union all
    -- T4034, Article 6(2)
    select 'vote_only_at_deposit', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'vote_only' and (act.deposit && act.days) is not true

    union all
    -- T4035, Article 6(2)
    select 'vote_only_needs_chapter_c', act.reference, 'kind', array[act.reference, act.state]
      from act
      join left_out
        on left_out.state = act.state and left_out.cycle = act.cycle and left_out.letter = 'C'
     where act.kind = 'vote_only'

    -- Articles 15 and 16: authorities and territories -----------------------------------------

    union all
    -- T4040, Article 15
    select 'authority_declaration_at_deposit', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'authority_declaration' and (act.deposit && act.days) is not true

    union all
    -- T4041, Article 16(1)
    select 'territorial_declaration_in_time', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'territorial_declaration' and (act.occasion && act.days) is not true

    union all
    -- T4042, Article 16
    select 'territories_named', known.reference, 'territories', array[known.reference]
      from known
     where case known.kind
               when 'territorial_declaration'
                   then cardinality(known.territories_covered)
                        + cardinality(known.territories_left_out) = 0
                     or known.territories_covered && known.territories_left_out
               when 'territorial_extension'
                   then cardinality(known.territories_covered) = 0
                     or cardinality(known.territories_left_out) > 0
               when 'territorial_withdrawal'
                   then cardinality(known.territories_left_out) = 0
                     or cardinality(known.territories_covered) > 0
               else cardinality(known.territories_covered)
                    + cardinality(known.territories_left_out) > 0
           end

    union all
    -- T4043, Article 16(2)
    select 'territorial_extension_of_uncovered', territory.reference, 'territories',
           array[territory.reference, territory.state, territory.name]
      from territory
     where territory.kind = 'territorial_extension' and territory.covered
       and ((territory.consented_on <= territory.day) is not true or territory.covered_before)

    union all
    -- T4044, Article 16(3)
    select 'territorial_withdrawal_of_covered', territory.reference, 'territories',
           array[territory.reference, territory.state, territory.name]
      from territory
     where territory.kind = 'territorial_withdrawal' and not territory.covered
       and territory.covered_before is not true

    -- Article 9(4): derogations ---------------------------------------------------------------

    union all
    -- T4050, Article 9(4)
    select 'derogation_by_party', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.kind = 'derogation' and (act.bound_on is null or act.latest < act.bound_on)

    union all
    -- T4051, Article 9(4)
    select 'derogation_end_after_derogation', act.reference, 'date',
           array[act.reference, act.state]
      from act
      join cycle on cycle.state = act.state and cycle.cycle = act.cycle
     where act.kind = 'derogation_end'
       and coalesce(width_bucket(act.latest, cycle.derogated_from), 0) < act.nth

    -- Declarations and their withdrawal -------------------------------------------------------

    union all
    -- T4060
    select 'withdrawal_names_declaration', declared.reference, 'refers_to',
           array[declared.reference, declared.state]
      from declared
     where declared.kind = 'declaration_withdrawal'
       and ((declared.declared_from <= declared.latest) is not true or declared.nth > 1)

    -- Article 18: denunciation ----------------------------------------------------------------

    union all
    -- T4070, Article 18
    select 'denunciation_by_party', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.kind = 'denunciation' and (act.bound_on is null or act.latest < act.bound_on)

    union all
    -- T4071, Article 18
    select 'one_denunciation', act.reference, 'kind',
           array[act.reference, act.state, act.first_alike]
      from act
     where act.kind = 'denunciation' and act.nth > 1

    union all
    -- T4072, Article 18
    select 'nothing_after_denunciation', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.cycle > 0 and act.category <> 'signature'
       and act.kind not in ('accession', 'succession', 'communication')
       and (act.came_from <= act.latest) is not true;
end;
comment on function register.action_breaches is
    'The breaches of the Convention in the current actions of States (null: of every State), with a '
    'labelled select for each rule.';

commit;
