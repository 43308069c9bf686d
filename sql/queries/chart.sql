-- The chart of signatures and ratifications: members first, each group in the order of its names.
-- An unconfirmed day is left empty. The totals count States that are bound or will be.
with chart as materialized (
    select c.state, c.member, c.status, c.consent, c.in_force_on, c.letters, c.note
      from register.chart_at(:'as_of'::date, :'known_at'::timestamptz, :'lang'::text) as c
)
select chart.state,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as name,
       chart.member,
       held.signature as "signature.action",
       case when held.signature_verification <> 'unconfirmed' then held.signature_date end
           as "signature.date",
       held.signature_not_before as "signature.not_before",
       held.signature_not_after as "signature.not_after",
       held.signature_verification as "signature.verification",
       held.consent as "ratification.action", held.consent_kind as "ratification.kind",
       case when held.consent_verification <> 'unconfirmed' then held.consent_date end
           as "ratification.date",
       held.consent_not_before as "ratification.not_before",
       held.consent_not_after as "ratification.not_after",
       held.consent_verification as "ratification.verification",
       chart.in_force_on as entry_into_force, chart.note as notes,
       'R' = any (chart.letters) as reservations, 'D' = any (chart.letters) as declarations,
       'A' = any (chart.letters) as authorities,
       'T' = any (chart.letters) as territorial_application,
       'C' = any (chart.letters) as communications, 'O' = any (chart.letters) as objections,
       count(*) filter (where chart.status = 'signatory') over () as _signatures_only,
       count(*) filter (where chart.consent is not null and chart.status <> 'former_party')
           over () as _ratifications,
       register.day_in_words(case when held.signature_verification <> 'unconfirmed'
                                  then held.signature_date end, :'lang'::text) as _signature,
       register.day_in_words(case when held.consent_verification <> 'unconfirmed'
                                  then held.consent_date end, :'lang'::text) as _ratification,
       register.day_in_words(chart.in_force_on, :'lang'::text) as _entry_into_force,
       register.day_in_words(:'as_of'::date, :'lang'::text) as _as_of
  from chart
  join register.periods_on(:'as_of'::date, :'known_at'::timestamptz) as held
    on held.state = chart.state
  join register.named_state as version
    on version.code = chart.state and version.recorded @> :'known_at'::timestamptz
   and version.valid @> :'as_of'::date
 order by chart.member desc,
          register.in_language(:'lang'::text, version.name_en, version.name_fr)
              collate "und-x-icu",
          chart.state
