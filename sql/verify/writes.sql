begin;

select pg_catalog.has_function_privilege('ets144_owner',
    'register.action_record(jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.action_correct(text, jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.action_void(text, text, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.call_record(jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.call_correct(text, jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.call_void(text, text, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.outlook_record(jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.outlook_correct(text, jsonb, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.outlook_void(text, text, text)', 'execute');

rollback;
