-- Where the record is weak, with what to do about it.
select found.code,
       case :'lang'::text when 'fr' then anomaly.name_fr else anomaly.name_en end as title,
       found.state, found.reference as action, found.recorded, found.expected,
       case :'lang'::text when 'fr' then found.note_fr else found.note_en end as note,
       case :'lang'::text when 'fr' then anomaly.remedy_fr else anomaly.remedy_en end as remedy
  from register.anomalies_at(:'as_of'::date, :'known_at'::timestamptz) as found
  join register.anomaly on anomaly.code = found.code
 order by found.state, found.reference, found.code
