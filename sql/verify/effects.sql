begin;

select reference, day from register.actions_known(now()) where false;
select in_force_on, reference, consents, day from register.entry_into_force('2000-01-01', now());
select reference, effective_on
  from register.state_effects_at('{ITA}', null, '2000-01-01', now()) where false;
select reference, effective_on from register.effects_at('2000-01-01', now()) where false;
select register.states_touched(now(), now()) where false;

rollback;
