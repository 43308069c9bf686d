begin;

drop function register.states_touched;
drop function register.effects_at;
drop function register.state_effects_at;
drop type register.effect;
drop function register.entry_into_force;
drop function register.actions_known;

commit;
