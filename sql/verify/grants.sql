begin;

select 1 / pg_catalog.has_function_privilege('ets144_service',
    'service.operation_apply(text, text, text, jsonb)', 'execute')::integer;
select 1 / (not pg_catalog.has_function_privilege('ets144_service',
    'register.operation_apply(text, text, text, jsonb, text)', 'execute'))::integer;
select 1 / (not pg_catalog.has_table_privilege('ets144_service',
    'register.action_version', 'insert, update, delete'))::integer;
select 1 / (not pg_catalog.has_table_privilege('ets144_service',
    'service.access_token', 'select'))::integer;

select 1 / (not pg_catalog.has_function_privilege('ets144_service',
    'register.version_add(regclass, text, jsonb, text, text, boolean)', 'execute'))::integer;

rollback;
