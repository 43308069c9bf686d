-- What is recorded of a State, voided or not, by its code.
select version.reference as code, version.version, version.alpha2,
       version.numeric_code as numeric, to_json(version.names) as names, version.existed_from,
       version.existed_until,
       register.in_language(:'lang'::text, version.note_en, version.note_fr) as note,
       version.note_en, version.note_fr, version.verification,
       to_json(version.sources) as sources, version.voided,
       lower(version.recorded) as recorded_at, version.author as recorded_by
  from register.state_version as version
 where version.reference = (select register.written_reference(:'reference'::text))
   and version.recorded @> :'known_at'::timestamptz
