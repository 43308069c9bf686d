begin;

select at, number, id, revision, audience, category, event, state, reference, version, before, after,
       reason, author
  from register.changes_after(null, null, '{}', null, null, 1) where false;
select pg_catalog.has_function_privilege('ets144_owner', 'register.log_changes()', 'execute');

rollback;
