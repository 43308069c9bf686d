begin;

select pg_catalog.has_function_privilege('ets144_owner',
    'register.import_record(jsonb, bytea, text)', 'execute');
select import, line, reference, entered from register.import_row where false;

rollback;
