-- The schema that this database has, and whether it serves a build made for this one.
select service.schema_version() as version, service.schema_supports(:'built_for'::text) as serves
