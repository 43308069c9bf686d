begin;

select line, state, outcome from register.reconcile('[]', '-infinity', '-infinity', false, 'en') where false;
select state, op from register.chart_operations('[]', '-infinity', '-infinity', false) where false;
select state, name, kind from register.state_name where false;

rollback;
