-- Anomalies, each with its remedy.
select found.code,
       register.in_language(:'lang'::text, anomaly.name_en, anomaly.name_fr) as title,
       found.state, found.reference as action, found.recorded, found.expected,
       register.in_language(:'lang'::text, found.note_en, found.note_fr) as note,
       register.in_language(:'lang'::text, anomaly.remedy_en, anomaly.remedy_fr) as remedy
  from register.anomalies_at(:'as_of'::date, :'known_at'::timestamptz) as found
  join register.anomaly on anomaly.code = found.code
 order by found.state, found.reference, found.code
