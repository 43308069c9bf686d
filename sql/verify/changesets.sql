begin;

select pg_catalog.has_function_privilege('ets144_owner',
    'register.changeset_record(jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.operation_apply(text, text, text, jsonb, text)', 'execute');
select changeset, place, op, type, reference, version from register.changeset_operation where false;

rollback;
