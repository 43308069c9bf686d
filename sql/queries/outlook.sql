-- The stage of each State that is not a Party, with its newest outlook entry.
select outlook.state,
       register.in_language(:'lang'::text, version.name_en, version.name_fr) as name,
       outlook.member, outlook.status, outlook.stage,
       register.in_language(:'lang'::text, stage.name_en, stage.name_fr) as stage_name,
       outlook.date,
       register.in_language(:'lang'::text, outlook.next_step_en, outlook.next_step_fr)
           as next_step,
       register.in_language(:'lang'::text, outlook.note_en, outlook.note_fr) as note,
       outlook.visibility, to_json(outlook.sources) as sources, outlook.reference as entry
  from register.outlook_at(:'as_of'::date, :'known_at'::timestamptz,
                           coalesce(:'internal'::boolean, false)) as outlook
  join register.named_state as version
    on version.code = outlook.state and version.recorded @> :'known_at'::timestamptz
   and version.valid @> :'as_of'::date
  join register.vocabulary_term as stage on stage.vocabulary = 'stages' and stage.code = outlook.stage
 where :'stage'::text is null
    or outlook.stage = any (string_to_array(:'stage'::text, ','))
 order by version.code
