begin;

select pg_catalog.has_function_privilege('ets144_owner',
    'register.actions_enter(jsonb, text, text)', 'execute');
select pg_catalog.has_function_privilege('ets144_owner',
    'register.action_content(jsonb)', 'execute');

rollback;
