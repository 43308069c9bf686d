-- The list of States: every member on the day, and every other State with an action known then. Each
-- row carries the moment that it is for. A State alone is state.sql.
-- What a join with many estimated rows would give is written out, because the planner expects a single
-- row of periods: names are joined in full, which no nested loop does, and `offset 0` keeps that join
-- from being simplified; what depends on parameters alone is computed once, in `moment`.
with moment as materialized (
    select m.as_of, m.known_at, m.known_at::text as known_at_text, m.revision, m.projected,
           ltrim(:'sort'::text, '-') as sort, coalesce(:'sort'::text like '-%', false) as descending
      from register.resolve_moment(:'as_of'::date, :'known_at'::timestamptz,
                                   coalesce(:'internal'::boolean, false)) as m
),
term as materialized (
    select status.code, status.place,
           register.in_language(:'lang'::text, status.name_en, status.name_fr) as name
      from register.vocabulary_term as status
     where status.vocabulary = 'statuses'
)
select held.code, held.alpha2, held.numeric_code as numeric, held.name, held.member, held.member_since,
       held.member_until, held.status,
       term.name as status_name,
       held.signature as "signature.action", held.signature_date as "signature.date",
       held.signature_not_before as "signature.not_before",
       held.signature_not_after as "signature.not_after",
       held.signature_verification as "signature.verification",
       register.json_list(held.signature_sources) as "signature.sources",
       held.consent as "consent.action", held.consent_kind as "consent.kind",
       held.consent_date as "consent.date", held.consent_not_before as "consent.not_before",
       held.consent_not_after as "consent.not_after",
       held.consent_verification as "consent.verification",
       register.json_list(held.consent_sources) as "consent.sources",
       held.in_force_on, register.json_list(held.chapters) as chapters, held.vote_only,
       register.json_list(held.territories_covered) as "territories.covered",
       register.json_list(held.territories_left_out) as "territories.left_out",
       held.in_derogation,
       held.denunciation as "denunciation.action", held.denunciation_date as "denunciation.date",
       held.denunciation_effective_on as "denunciation.effective_on",
       moment.as_of as _as_of, moment.known_at_text as _known_at, moment.revision as _revision,
       moment.projected as _projected
  from moment
 cross join (
           select period.*, version.code, version.alpha2, version.numeric_code,
                  register.in_language(:'lang'::text, version.name_en, version.name_fr) as name
             from (select p.*
                     from moment
                    cross join lateral register.periods_on(moment.as_of, moment.known_at) as p)
                  as period
             full join (select v.*
                          from moment
                          join register.named_state as v
                            on v.recorded @> moment.known_at and v.valid @> moment.as_of)
                  as version on version.code = period.state
            where period.state is not distinct from version.code
           offset 0
       ) as held
  join term on term.code = held.status
 cross join lateral (
           select case moment.sort
                      when 'code' then held.code
                      when 'name' then held.code
                      when 'status' then term.place::text
                      when 'signature'
                          then coalesce(held.signature_date, held.signature_not_after)::text
                      when 'consent' then coalesce(held.consent_date, held.consent_not_after)::text
                      when 'in_force_on' then held.in_force_on::text
                  end as key,
                  case when moment.sort = 'name' then held.name end as name
       ) as sorting
 where (held.member or held.signature is not null or held.consent is not null
        or exists (select
                     from register.action
                    cross join lateral register.action_version_at(action.reference, moment.known_at)
                              as known
                    where action.state = held.state and not known.voided))
   and (:'status'::text is null
        or held.status = any (string_to_array(:'status'::text, ',')))
   and (:'chapter'::text is null or :'chapter'::text = any (held.chapters))
   and (:'member'::boolean is null or held.member = :'member'::boolean)
 order by case when not moment.descending then sorting.name end collate "und-x-icu",
          case when moment.descending then sorting.name end collate "und-x-icu" desc,
          case when not moment.descending then sorting.key end nulls last,
          case when moment.descending then sorting.key end desc nulls last,
          held.code
