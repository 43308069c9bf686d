-- Where the record is weak, with what to do about it.
select found.code, anomaly.title, found.state, found.reference as action, found.recorded,
       found.expected, anomaly.remedy
  from register.anomalies_at(:'as_of'::date, :'known_at'::timestamptz) as found
  join (select a.code,
               case :'lang'::text when 'fr' then a.title_fr else a.title_en end as title,
               case :'lang'::text when 'fr' then a.remedy_fr else a.remedy_en end as remedy
          from register.anomaly as a) as anomaly on anomaly.code = found.code
 order by found.state, found.reference, found.code
