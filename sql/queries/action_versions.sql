-- The versions of an action, oldest first, as recorded.
select version.version, version.revision, lower(version.recorded) as recorded_at,
       case when upper(version.recorded) <= :'known_at'::timestamptz
            then upper(version.recorded) end as superseded_at,
       version.author as recorded_by, version.reason, version.voided, version.kind, version.date,
       version.not_before, version.not_after, version.received_on,
       version.published_effective_date, to_json(version.articles) as articles,
       to_json(version.chapters) as chapters,
       to_json(version.territories_covered) as "territories.covered",
       to_json(version.territories_left_out) as "territories.left_out",
       version.refers_to, version.summary_en, version.summary_fr, version.vehicle_en,
       version.vehicle_fr, version.original_language, version.verification,
       to_json(version.sources) as sources
  from register.action_version as version
 where version.reference = :'reference'::text
   and lower(version.recorded) <= :'known_at'::timestamptz
 order by version.version
