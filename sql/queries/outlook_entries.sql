-- Outlook entries, newest first: of a State, or with `reference` that entry, voided or not.
select entry.reference, entry.state, entry.version, entry.stage,
       register.in_language(:'lang'::text, stage.name_en, stage.name_fr) as stage_name,
       entry.date,
       register.in_language(:'lang'::text, entry.next_step_en, entry.next_step_fr) as next_step,
       register.in_language(:'lang'::text, entry.note_en, entry.note_fr) as note,
       entry.visibility, to_json(entry.sources) as sources, entry.voided,
       entry.recorded_at, entry.recorded_by
  from register.outlook_known(coalesce(:'as_of'::date, 'infinity'), :'known_at'::timestamptz,
                              coalesce(:'internal'::boolean, false)) as entry
  join register.vocabulary_term as stage on stage.vocabulary = 'stages' and stage.code = entry.stage
 where case when :'reference'::text is null then not entry.voided
            else entry.reference = (select register.written_reference(:'reference'::text)) end
   and (:'state'::text is null or entry.state = :'state'::text)
 order by entry.date desc, entry.recorded_at desc
