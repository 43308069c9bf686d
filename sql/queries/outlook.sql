-- Where each State that is not a Party stands on the way, with its newest entry.
select standing.state,
       case :'lang'::text when 'fr' then version.name_fr else version.name_en end as name,
       standing.member, standing.status, standing.stage,
       case :'lang'::text when 'fr' then stage.name_fr else stage.name_en end as stage_name,
       standing.date,
       case :'lang'::text when 'fr' then coalesce(standing.next_step_fr, standing.next_step_en)
                          else coalesce(standing.next_step_en, standing.next_step_fr) end
           as next_step,
       case :'lang'::text when 'fr' then coalesce(standing.note_fr, standing.note_en)
                          else coalesce(standing.note_en, standing.note_fr) end as note,
       standing.visibility, to_json(standing.sources) as sources, standing.reference as entry
  from register.outlook_at(:'as_of'::date, :'known_at'::timestamptz,
                           coalesce(:'internal'::boolean, false)) as standing
  join register.state_version as version
    on version.code = standing.state and version.recorded @> :'known_at'::timestamptz
  join register.term as stage on stage.vocabulary = 'stages' and stage.code = standing.stage
 where :'stage'::text is null
    or standing.stage = any (string_to_array(:'stage'::text, ','))
 order by version.code
