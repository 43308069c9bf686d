begin;

select line, state, outcome from register.reconcile('[]', '-infinity', '-infinity', 'en') where false;
select state, name, kind from register.state_name where false;

rollback;
