-- Anomalies, each with its remedy and the newest note on it.
select found.code,
       register.in_language(:'lang'::text, anomaly.name_en, anomaly.name_fr) as title,
       found.state, found.reference as action, found.recorded, found.expected,
       register.in_language(:'lang'::text, found.note_en, found.note_fr) as note,
       register.in_language(:'lang'::text, anomaly.remedy_en, anomaly.remedy_fr) as remedy,
       case when noted.reference is not null
            then json_build_object(
                     'reference', noted.reference, 'outcome', noted.outcome,
                     'text', register.in_language(:'lang'::text, noted.text_en, noted.text_fr),
                     'owner', noted.owner, 'visibility', noted.visibility) end as noted
  from register.anomalies_at(:'as_of'::date, :'known_at'::timestamptz) as found
  join register.anomaly on anomaly.code = found.code
  left join register.anomaly_notes_at(:'known_at'::timestamptz,
                                      coalesce(:'internal'::boolean, false)) as noted
    on noted.state = found.state and noted.anomaly = found.code
   and noted.action is not distinct from found.reference
 where (:'state'::text is null
        or found.state = (select register.state_code_of(:'state'::text, :'as_of'::date,
                                                  :'known_at'::timestamptz)))
   and (:'code'::text is null or found.code = any (string_to_array(:'code'::text, ',')))
   and (:'owner'::text is null or noted.owner = :'owner'::text)
   and (:'open'::boolean is null
        or (noted.outcome is distinct from 'accepted') = :'open'::boolean)
 order by found.state, found.reference, found.code
