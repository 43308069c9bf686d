-- The versions of a reply, oldest first, as recorded.
select version.version, version.revision, lower(version.recorded) as recorded_at,
       case when upper(version.recorded) <= :'known_at'::timestamptz
            then upper(version.recorded) end as superseded_at,
       version.author as recorded_by, version.reason, version.voided, version.call, version.body,
       version.date, version.text_en, version.text_fr, version.verification,
       to_json(version.sources) as sources
  from register.reply_version as version
 where version.reference = :'reference'::text
   and lower(version.recorded) <= :'known_at'::timestamptz
 order by version.version
