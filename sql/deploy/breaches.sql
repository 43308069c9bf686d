-- Legality: a predicate on the register, not on the order of entry. Every breach in the actions that
-- stand now, one labelled select for each rule. The real record has none.
--
-- An order of days is broken only if it is broken for every day the actions can have happened on.
begin;
set local role ets144_owner;

create function register.action_breaches()
    returns table (rule text, reference text, field text, arguments text[])
    language sql stable
    rows 10
begin atomic
    with now as (
        select log.at from register.revision_log as log order by log.revision desc limit 1
    ),
    act as materialized (
        select e.* from now cross join lateral register.effects_at('infinity', now.at) as e
    ),
    known as materialized (
        select k.* from now cross join lateral register.actions_known(now.at) as k
    ),
    convention as (
        select entry.in_force_on
          from now
         cross join lateral register.entry_into_force('infinity', now.at) as entry
    ),
    member as (
        select membership.state,
               daterange(membership.member_from, membership.member_until) as period
          from register.membership
         where upper_inf(membership.recorded)
    ),
    consent as (
        select act.* from act where act.category = 'consent'
    ),
    territory as (
        select act.state, act.cycle, act.reference, act.kind, act.day, act.number, names.name,
               names.covered
          from act
         cross join lateral (
                   select covered.name, true from unnest(act.territories_covered) as covered (name)
                    union all
                   select left_out.name, false from unnest(act.territories_left_out)
                       as left_out (name)
               ) as names (name, covered)
    )

    -- The form of the record ------------------------------------------------------------------

    select 'no_reservation' as rule, known.reference, 'kind' as field,
           array[known.reference] as arguments
      from known
     where known.kind = 'reservation'

    union all
    select 'kind_exists', known.reference, 'kind', array[known.kind]
      from known
     where known.category is null and known.kind <> 'reservation'

    union all
    select 'verification_exists', known.reference, 'verification', array[known.verification]
      from known
     where not exists (select
                         from register.verification
                        where verification.code = known.verification)

    union all
    select 'day_given', known.reference, 'date', array[known.reference]
      from known
     where known.day is null

    union all
    select 'days_in_order', known.reference, 'date', array[known.reference]
      from known
     where known.not_before > known.not_after or known.date < known.not_before
        or known.date > known.not_after

    union all
    select 'known_day_is_dated', known.reference, 'verification',
           array[known.reference, known.verification]
      from known
     where known.verification <> 'unconfirmed' and known.date is null

    union all
    select 'sources_match_verification', known.reference, 'sources',
           array[known.reference, known.verification, verification.sources_needed::text]
      from known
      join register.verification on verification.code = known.verification
     where cardinality(known.sources) < verification.sources_needed

    union all
    select 'day_not_in_future', known.reference,
           case when known.received_on > register.today() then 'received_on'
                when known.date > register.today() then 'date'
                else 'not_after' end,
           array[known.reference]
      from known
     where known.received_on > register.today() or known.not_after > register.today()
        or (known.date > register.today() and known.received_on is null)

    union all
    select 'open_for_signature', known.reference, 'date', array[known.reference]
      from known
     where known.latest < date '1992-02-05'

    union all
    select 'effect_not_before_act', known.reference, 'published_effective_date',
           array[known.reference]
      from known
     where known.published_effective_date < known.earliest

    union all
    select 'reference_exists', known.reference, 'refers_to',
           array[known.reference, known.refers_to]
      from known
     where known.refers_to is not null
       and not exists (select
                         from known as meant
                        where meant.reference = known.refers_to and meant.state = known.state)

    -- Article 11: signature and consent of member States --------------------------------------

    union all
    select 'signature_by_member', act.reference, 'state', array[act.reference, act.state]
      from act
     where act.kind = 'signature'
       and not exists (select
                         from member
                        where member.state = act.state
                          and member.period && daterange(act.earliest, act.latest, '[]'))

    union all
    select 'one_signature', act.reference, 'kind',
           array[act.reference, act.state, earlier.reference]
      from act
      join act as earlier
        on earlier.state = act.state and earlier.cycle = act.cycle
       and earlier.kind = 'signature'
       and (earlier.day, earlier.number) < (act.day, act.number)
     where act.kind = 'signature'

    union all
    select 'signature_before_consent', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.kind in ('ratification', 'acceptance', 'approval')
       and not exists (select
                         from act as signature
                        where signature.state = act.state and signature.cycle = act.cycle
                          and signature.kind = 'signature' and signature.earliest <= act.latest)

    union all
    select 'ratification_by_member', act.reference, 'state', array[act.reference, act.state]
      from act
     where act.kind in ('ratification', 'acceptance', 'approval')
       and not exists (select
                         from member
                        where member.state = act.state
                          and member.period && daterange(act.earliest, act.latest, '[]'))

    union all
    select 'no_second_consent', act.reference, 'kind',
           array[act.reference, act.state, earlier.reference]
      from consent as act
      join consent as earlier
        on earlier.state = act.state and earlier.cycle = act.cycle
       and (earlier.day, earlier.number) < (act.day, act.number)

    -- Article 13: accession of other States ---------------------------------------------------

    union all
    select 'accession_by_non_member', act.reference, 'kind', array[act.reference, act.state]
      from act
     where act.kind = 'accession'
       and exists (select
                     from member
                    where member.state = act.state
                      and member.period @> daterange(act.earliest, act.latest, '[]'))

    union all
    select 'accession_after_entry_into_force', act.reference, 'date',
           array[act.reference, act.state]
      from act
     cross join convention
     where act.kind = 'accession'
       and (convention.in_force_on is null or act.latest < convention.in_force_on)

    -- Article 1 and 6(2): chapters ------------------------------------------------------------

    union all
    select 'chapter_a_always_applies', act.reference, 'chapters', array[act.reference]
      from act
     where act.kind = 'chapter_exclusion' and 'A' = any (act.chapters)

    union all
    select 'chapters_named', known.reference, 'chapters', array[known.reference]
      from known
     where case when known.kind in ('chapter_exclusion', 'chapter_acceptance')
                then cardinality(known.chapters) = 0
                  or not known.chapters <@ array['A', 'B', 'C']
                  or cardinality(known.chapters)
                     <> (select count(distinct chapter) from unnest(known.chapters) as chapter)
                else cardinality(known.chapters) > 0 end

    union all
    select 'chapter_exclusion_at_deposit', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'chapter_exclusion'
       and not exists (select
                         from consent
                        where consent.state = act.state and consent.cycle = act.cycle
                          and consent.earliest <= act.latest and act.earliest <= consent.latest)

    union all
    select 'chapter_acceptance_of_left_out', act.reference, 'chapters',
           array[act.reference, act.state, chapter]
      from act
     cross join lateral unnest(act.chapters) as chapter
     where act.kind = 'chapter_acceptance'
       and (not exists (select
                          from act as left_out
                         where left_out.state = act.state and left_out.cycle = act.cycle
                           and left_out.kind = 'chapter_exclusion'
                           and chapter = any (left_out.chapters)
                           and left_out.earliest <= act.latest)
            or exists (select
                         from act as accepted
                        where accepted.state = act.state and accepted.cycle = act.cycle
                          and accepted.kind = 'chapter_acceptance'
                          and chapter = any (accepted.chapters)
                          and (accepted.day, accepted.number) < (act.day, act.number)))

    union all
    select 'vote_only_at_deposit', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'vote_only'
       and not exists (select
                         from consent
                        where consent.state = act.state and consent.cycle = act.cycle
                          and consent.earliest <= act.latest and act.earliest <= consent.latest)

    union all
    select 'vote_only_needs_chapter_c', act.reference, 'kind', array[act.reference, act.state]
      from act
     where act.kind = 'vote_only'
       and exists (select
                     from act as left_out
                    where left_out.state = act.state and left_out.cycle = act.cycle
                      and left_out.kind = 'chapter_exclusion' and 'C' = any (left_out.chapters))

    -- Articles 15 and 16: authorities and territories -----------------------------------------

    union all
    select 'authority_declaration_at_deposit', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'authority_declaration'
       and not exists (select
                         from consent
                        where consent.state = act.state and consent.cycle = act.cycle
                          and consent.earliest <= act.latest and act.earliest <= consent.latest)

    union all
    select 'territorial_declaration_in_time', act.reference, 'date', array[act.reference]
      from act
     where act.kind = 'territorial_declaration'
       and not exists (select
                         from act as occasion
                        where occasion.state = act.state and occasion.cycle = act.cycle
                          and occasion.category in ('signature', 'consent')
                          and occasion.earliest <= act.latest
                          and act.earliest <= occasion.latest)

    union all
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
    select 'territorial_extension_of_uncovered', territory.reference, 'territories',
           array[territory.reference, territory.state, territory.name]
      from territory
     where territory.kind = 'territorial_extension' and territory.covered
       and (not exists (select
                          from consent
                         where consent.state = territory.state
                           and consent.cycle = territory.cycle
                           and consent.day <= territory.day)
            or (select earlier.covered
                  from territory as earlier
                 where earlier.state = territory.state and earlier.cycle = territory.cycle
                   and earlier.name = territory.name
                   and (earlier.day, earlier.number) < (territory.day, territory.number)
                 order by earlier.day desc, earlier.number desc
                 limit 1))

    union all
    select 'territorial_withdrawal_of_covered', territory.reference, 'territories',
           array[territory.reference, territory.state, territory.name]
      from territory
     where territory.kind = 'territorial_withdrawal' and not territory.covered
       and not coalesce((select earlier.covered
                           from territory as earlier
                          where earlier.state = territory.state
                            and earlier.cycle = territory.cycle
                            and earlier.name = territory.name
                            and (earlier.day, earlier.number) < (territory.day, territory.number)
                          order by earlier.day desc, earlier.number desc
                          limit 1), false)

    -- Article 9(4): derogations ---------------------------------------------------------------

    union all
    select 'derogation_by_party', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.kind = 'derogation' and (act.bound_on is null or act.latest < act.bound_on)

    union all
    select 'derogation_end_after_derogation', act.reference, 'date',
           array[act.reference, act.state]
      from act
     where act.kind = 'derogation_end'
       and (select count(*) filter (where other.kind = 'derogation'
                                      and other.earliest <= act.latest)
                   <= count(*) filter (where other.kind = 'derogation_end'
                                         and other.reference <> act.reference
                                         and (other.day, other.number) < (act.day, act.number))
              from act as other
             where other.state = act.state and other.cycle = act.cycle)

    -- Declarations and their withdrawal -------------------------------------------------------

    union all
    select 'withdrawal_names_declaration', act.reference, 'refers_to',
           array[act.reference, act.state]
      from act
     where act.kind = 'declaration_withdrawal'
       and (not exists (select
                          from act as declared
                         where declared.reference = act.refers_to
                           and declared.state = act.state
                           and declared.kind in ('declaration', 'authority_declaration',
                                                 'vote_only')
                           and declared.earliest <= act.latest)
            or exists (select
                         from act as withdrawn
                        where withdrawn.kind = 'declaration_withdrawal'
                          and withdrawn.refers_to = act.refers_to
                          and (withdrawn.day, withdrawn.number) < (act.day, act.number)))

    -- Article 18: denunciation ----------------------------------------------------------------

    union all
    select 'denunciation_by_party', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.kind = 'denunciation' and (act.bound_on is null or act.latest < act.bound_on)

    union all
    select 'one_denunciation', act.reference, 'kind',
           array[act.reference, act.state, earlier.reference]
      from act
      join act as earlier
        on earlier.state = act.state and earlier.cycle = act.cycle
       and earlier.kind = 'denunciation'
       and (earlier.day, earlier.number) < (act.day, act.number)
     where act.kind = 'denunciation'

    union all
    select 'nothing_after_denunciation', act.reference, 'date', array[act.reference, act.state]
      from act
     where act.cycle > 0 and act.kind not in ('signature', 'accession', 'communication')
       and not exists (select
                         from act as anew
                        where anew.state = act.state and anew.cycle = act.cycle
                          and anew.kind in ('signature', 'accession')
                          and anew.earliest <= act.latest);
end;

commit;
