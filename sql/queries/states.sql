-- The status of States: every member on the day, and every other State with an action known then.
-- Serves the list and, with `state` or `code` in any spelling, that State. The CTEs are computed once
-- for all rows. Each row carries the moment that it is for. A sub-select compares the code, because
-- PostgreSQL can push that comparison down into the functions, but no comparison with `moment`. The
-- planner expects many rows of `moment` without `limit 1`.
with moment as materialized (
    select m.as_of, m.known_at, m.revision, m.projected,
           register.state_code_of(coalesce(:'state'::text, :'code'::text)) as code
      from register.resolve_moment(:'as_of'::date, :'known_at'::timestamptz,
                                   coalesce(:'internal'::boolean, false)) as m
     limit 1
),
status as materialized (
    select held.*
      from moment
     cross join lateral register.periods_at(moment.known_at) as held
     where held.valid @> moment.as_of
       and (coalesce(:'state'::text, :'code'::text) is null
            or held.state = (select moment.code from moment))
)
select version.code, version.alpha2, version.numeric_code as numeric,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as name,
       status.member, status.status,
       register.in_language(:'lang'::text, term.name_en, term.name_fr) as status_name,
       status.signature as "signature.action", status.signature_date as "signature.date",
       status.signature_not_before as "signature.not_before",
       status.signature_not_after as "signature.not_after",
       status.signature_verification as "signature.verification",
       to_json(status.signature_sources) as "signature.sources",
       status.consent as "consent.action", status.consent_kind as "consent.kind",
       status.consent_date as "consent.date", status.consent_not_before as "consent.not_before",
       status.consent_not_after as "consent.not_after",
       status.consent_verification as "consent.verification",
       to_json(status.consent_sources) as "consent.sources",
       status.in_force_on, to_json(status.chapters) as chapters, status.vote_only,
       to_json(status.territories_covered) as "territories.covered",
       to_json(status.territories_left_out) as "territories.left_out",
       status.in_derogation,
       status.denunciation as "denunciation.action", status.denunciation_date as "denunciation.date",
       status.denunciation_effective_on as "denunciation.effective_on",
       moment.as_of as _as_of, moment.known_at as _known_at, moment.revision as _revision,
       moment.projected as _projected
  from moment
 cross join status
  join register.state_version as version
    on version.code = status.state and version.recorded @> moment.known_at
  join register.vocabulary_term as term
    on term.vocabulary = 'statuses' and term.code = status.status
 cross join lateral (
           select case ltrim(:'sort'::text, '-')
                      when 'name' then version.code
                      when 'status' then term.place::text
                      when 'signature'
                          then coalesce(status.signature_date, status.signature_not_after)::text
                      when 'consent' then coalesce(status.consent_date, status.consent_not_after)::text
                      when 'in_force_on' then status.in_force_on::text
                      else version.code
                  end as key,
                  case when ltrim(:'sort'::text, '-') = 'name'
                       then register.in_language(:'lang'::text, version.name_en, version.name_fr)
                  end as name,
                  coalesce(:'sort'::text like '-%', false) as descending
       ) as sorting
 where (coalesce(:'state'::text, :'code'::text) is not null or status.member
        or exists (select
                     from register.action
                    cross join lateral register.action_version_at(action.reference, moment.known_at)
                              as known
                    where action.state = status.state and not known.voided))
   and (:'status'::text is null
        or status.status = any (string_to_array(:'status'::text, ',')))
   and (:'chapter'::text is null or :'chapter'::text = any (status.chapters))
   and (:'member'::boolean is null or status.member = :'member'::boolean)
 order by case when not sorting.descending then sorting.name end collate "und-x-icu",
          case when sorting.descending then sorting.name end collate "und-x-icu" desc,
          case when not sorting.descending then sorting.key end nulls last,
          case when sorting.descending then sorting.key end desc nulls last,
          version.code
