-- Looks names without a schema up in pg_catalog alone, until the transaction ends.
select pg_catalog.set_config('search_path', 'pg_catalog', true) as search_path
