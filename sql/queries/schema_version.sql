-- The schema this database has.
select service.schema_version() as schema_version
