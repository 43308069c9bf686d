-- Notes, State by State. With `reference`: that note, voided or not.
select note.reference, note.version, note.state, note.anomaly as "subject.anomaly",
       note.action as "subject.action", note.difference as "subject.difference",
       note.register_value as "subject.register", note.chart_value as "subject.chart",
       note.outcome, register.in_language(:'lang'::text, note.text_en, note.text_fr) as text,
       note.text_en, note.text_fr, note.owner, note.visibility, note.voided, note.recorded_at,
       note.recorded_by, note.state as _key
  from register.notes_known(:'known_at'::timestamptz, coalesce(:'internal'::boolean, false)) as note
 where case when :'reference'::text is null then not note.voided
            else note.reference = (select register.written_reference(:'reference'::text)) end
   and (:'state'::text is null or note.state = (select register.state_code_of(:'state'::text, null,
                                                                       :'known_at'::timestamptz)))
   and (:'anomaly'::text is null
        or note.anomaly = any (string_to_array(:'anomaly'::text, ',')))
   and (:'owner'::text is null or note.owner = :'owner'::text)
   and (:'outcome'::text is null or note.outcome = :'outcome'::text)
   and (:'after_key'::text is null
        or (note.state, note.reference) > (:'after_key'::text, :'after_reference'::text))
 order by note.state, note.reference
 limit :'limit'::integer
