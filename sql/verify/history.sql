begin;

select pg_catalog.has_function_privilege('ets144_owner',
    'register.version_add(regclass, text, jsonb, text, text, boolean)', 'execute');
select register.text_array('["a"]');
select 1 / (count(*) = 2)::integer
  from pg_catalog.pg_trigger
 where tgname in ('reject_change', 'reject_truncate')
   and tgrelid = 'register.revision_log'::regclass;

rollback;
