-- The item of a State, given as `state` or `code` in any spelling: the columns of states.sql, also of a
-- State that the list leaves out. The row carries the moment that it is for.
select version.code, version.alpha2, version.numeric_code as numeric,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as name,
       held.member, held.member_since, held.member_until, held.status,
       register.in_language(:'lang'::text, term.name_en, term.name_fr) as status_name,
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
       moment.as_of as _as_of, moment.known_at as _known_at, moment.revision as _revision,
       moment.projected as _projected
  from register.resolve_moment(:'as_of'::date, :'known_at'::timestamptz,
                               coalesce(:'internal'::boolean, false)) as moment
 cross join lateral register.periods_on(moment.as_of, moment.known_at) as held
  join register.named_state as version
    on version.code = held.state and version.recorded @> moment.known_at
   and version.valid @> moment.as_of
  join register.vocabulary_term as term
    on term.vocabulary = 'statuses' and term.code = held.status
 where held.state = (select named.reference
                     from register.state_version as named
                    where named.recorded @> coalesce(:'known_at'::timestamptz, 'infinity')
                      and upper(coalesce(:'state'::text, :'code'::text))
                          in (named.reference, named.alpha2)
                    order by named.voided,
                             named.reference
                             = upper(coalesce(:'state'::text, :'code'::text)) desc,
                             register.day_range(named.existed_from, named.existed_until)
                             @> coalesce(:'as_of'::date, register.today()) desc,
                             named.existed_until desc nulls first
                    limit 1)
