-- The chart of signatures and ratifications: members first, each group in the order of its names.
-- An unconfirmed day is left empty. The totals count States that are bound or will be.
select chart.state,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as name,
       chart.member,
       signature.reference as "signature.action",
       case when signature.verification <> 'unconfirmed' then signature.date end
           as "signature.date",
       signature.not_before as "signature.not_before",
       signature.not_after as "signature.not_after",
       signature.verification as "signature.verification",
       consent.reference as "ratification.action", consent.kind as "ratification.kind",
       case when consent.verification <> 'unconfirmed' then consent.date end
           as "ratification.date",
       consent.not_before as "ratification.not_before",
       consent.not_after as "ratification.not_after",
       consent.verification as "ratification.verification",
       chart.in_force_on as entry_into_force, chart.note as notes,
       'R' = any (chart.letters) as reservations, 'D' = any (chart.letters) as declarations,
       'A' = any (chart.letters) as authorities,
       'T' = any (chart.letters) as territorial_application,
       'C' = any (chart.letters) as communications, 'O' = any (chart.letters) as objections,
       count(*) filter (where chart.status = 'signatory') over () as _signatures_only,
       count(*) filter (where chart.consent is not null and chart.status <> 'former_party')
           over () as _ratifications,
       register.day_in_words(case when signature.verification <> 'unconfirmed'
                                  then signature.date end, :'lang'::text) as _signature,
       register.day_in_words(case when consent.verification <> 'unconfirmed'
                                  then consent.date end, :'lang'::text) as _ratification,
       register.day_in_words(chart.in_force_on, :'lang'::text) as _entry_into_force,
       register.day_in_words(:'as_of'::date, :'lang'::text) as _as_of
  from register.chart_at(:'as_of'::date, :'known_at'::timestamptz, :'lang'::text) as chart
  join register.state_version as version
    on version.code = chart.state and version.recorded @> :'known_at'::timestamptz
  left join register.actions_known(:'known_at'::timestamptz) as signature
    on signature.reference = chart.signature
  left join register.actions_known(:'known_at'::timestamptz) as consent
    on consent.reference = chart.consent
 order by chart.member desc,
          register.in_language(:'lang'::text, version.name_en, version.name_fr)
              collate "und-x-icu",
          chart.state
