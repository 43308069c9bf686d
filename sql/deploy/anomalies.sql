-- Anomalies: a published date and the rule's date differ, or a fact is not confirmed. An anomaly
-- breaks no rule; it is work for the secretariat.
begin;
set local role ets144_owner;

create function register.anomalies_at(
    as_of date, known_at timestamptz, of_states text[] default null)
    returns table (code text, state text, reference text, recorded text, expected text,
                   note_en text, note_fr text)
    language sql stable
    rows 50
begin atomic
    with effect as materialized (
        select e.* from register.effects_at(as_of, known_at, of_states) as e
    )
    select 'effective_date_differs', effect.state, effect.reference,
           effect.published_effective_date::text, effect.computed_effective_date::text,
           null::text, null::text
      from effect
     where effect.published_effective_date <> effect.computed_effective_date

    union all
    select 'effective_before_bound', effect.state, effect.reference,
           effect.published_effective_date::text, effect.bound_on::text, null, null
      from effect
     where effect.published_effective_date < effect.bound_on

    union all
    select 'day_unconfirmed', effect.state, effect.reference, effect.date::text,
           coalesce(effect.not_before::text, '') || '/' || coalesce(effect.not_after::text, ''),
           null, null
      from effect
     where effect.verification = 'unconfirmed'

    union all
    select 'signature_day_unknown', signature.state, signature.reference, signature.date::text,
           coalesce(signature.not_before::text, '') || '/'
           || coalesce(signature.not_after::text, ''), null, null
      from effect as signature
     where signature.category = 'signature' and signature.date is null
       and exists (select
                     from effect as consent
                    where consent.state = signature.state and consent.cycle = signature.cycle
                      and consent.category = 'consent')

    union all
    select 'text_missing', effect.state, effect.reference, null, null, null, null
      from effect
     where effect.category in ('deposit', 'other')
       and (select cardinality(version.articles)
              from register.action_version as version
             where version.reference = effect.reference and version.version = effect.version) = 0

    union all
    select 'sources_disagree', membership.state, null, membership.member_from::text,
           null, membership.note_en, membership.note_fr
      from register.memberships_at(known_at, of_states) as membership
     where membership.member_from <= as_of and membership.sources_disagree;
end;
comment on function register.anomalies_at is
    'The anomalies of States (null: of every State) on a day, as known at a moment, each with the two '
    'values that disagree.';

commit;
