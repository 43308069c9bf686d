-- The version of this schema.
select service.schema_version() as version
