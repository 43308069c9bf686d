-- The versions of what is recorded of a State, oldest first.
select version.version, version.revision, lower(version.recorded) as recorded_at,
       case when upper(version.recorded) <= :'known_at'::timestamptz
            then upper(version.recorded) end as superseded_at,
       version.author as recorded_by, version.reason, version.voided, version.alpha2,
       version.numeric_code as numeric, to_json(version.names) as names, version.existed_from,
       version.existed_until, version.note_en, version.note_fr, version.verification,
       to_json(version.sources) as sources
  from register.state_version as version
 where version.reference = :'reference'::text
   and lower(version.recorded) <= :'known_at'::timestamptz
 order by version.version
