-- The version of this schema, and whether it supports a build.
select service.schema_version() as version, service.schema_supports(:'built_for'::text) as serves
