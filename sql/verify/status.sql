begin;

select state from register.members_at('2000-01-01', now()) where false;
select state, status from register.status_at('2000-01-01', now()) where false;
select state, valid from register.periods_on('2000-01-01', now()) where false;
select state, periods from register.status_timelines('{ITA}', now()) where false;
select state, valid, status from register.periods_of('{ITA}', now()) where false;
select pg_catalog.has_function_privilege(
           'ets144_owner', 'register.record_periods(text[], timestamptz)', 'execute');

rollback;
