-- The versions of a membership, oldest first, as recorded.
select version.version, version.revision, lower(version.recorded) as recorded_at,
       case when upper(version.recorded) <= :'known_at'::timestamptz
            then upper(version.recorded) end as superseded_at,
       version.author as recorded_by, version.reason, version.voided, version.member_from,
       version.member_until, version.note_en, version.note_fr, version.sources_disagree,
       version.verification, to_json(version.sources) as sources
  from register.membership_version as version
 where version.reference = :'reference'::text
   and lower(version.recorded) <= :'known_at'::timestamptz
 order by version.version
