-- The title of the feed of changes, of a State or of all, the State's code, and the place of the
-- entry `before`; null: the feed has no entry of that id.
select 'urn:uuid:' || register.uuid_of(
           concat_ws(' ', 'changes', coalesce(version.code, :'state'::text), :'lang'::text,
                     'by ' || :'author'::text, 'since ' || :'since'::text)) as id,
       case when :'state'::text is null then register.phrase('feed_title', :'lang'::text)
            else register.phrase(
                     'feed_title_of', :'lang'::text,
                     coalesce(register.in_language(:'lang'::text, version.name_en, version.name_fr),
                              :'state'::text))
            end as title,
       register.phrase('feed_author', :'lang'::text) as author, log.at as since,
       coalesce(version.code, :'state'::text) as state_code, place.at as before_at,
       place.number as before_number
  from register.revision_log as log
  left join register.named_state as version
    on version.code = (select register.state_code_of(:'state'::text)) and upper_inf(version.recorded)
   and version.valid @> register.today()
  left join register.change as place
    on place.id = :'before_id'::text and place.audience <> 'internal'
 where log.revision = 0
