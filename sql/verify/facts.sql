begin;

select pg_catalog.has_function_privilege(
    'ets144_owner', 'register.fact_record(text, jsonb, text)', 'execute');

rollback;
