begin;

select state from register.members_at('2000-01-01', now()) where false;
select state, status
  from register.state_status_at('ITA', null, '2000-01-01', now()) where false;

rollback;
