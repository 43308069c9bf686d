-- Where each State that is not a Party stands on the way, with its newest entry.
select outlook.state,
       case :'lang'::text when 'fr' then version.name_fr else version.name_en end as name,
       outlook.member, outlook.status, outlook.stage,
       case :'lang'::text when 'fr' then stage.name_fr else stage.name_en end as stage_name,
       outlook.date,
       case :'lang'::text when 'fr' then coalesce(outlook.next_step_fr, outlook.next_step_en)
                          else coalesce(outlook.next_step_en, outlook.next_step_fr) end
           as next_step,
       case :'lang'::text when 'fr' then coalesce(outlook.note_fr, outlook.note_en)
                          else coalesce(outlook.note_en, outlook.note_fr) end as note,
       outlook.visibility, to_json(outlook.sources) as sources, outlook.reference as entry
  from register.outlook_at(:'as_of'::date, :'known_at'::timestamptz,
                           coalesce(:'internal'::boolean, false)) as outlook
  join register.state_version as version
    on version.code = outlook.state and version.recorded @> :'known_at'::timestamptz
  join register.vocabulary_term as stage on stage.vocabulary = 'stages' and stage.code = outlook.stage
 where :'stage'::text is null
    or outlook.stage = any (string_to_array(:'stage'::text, ','))
 order by version.code
