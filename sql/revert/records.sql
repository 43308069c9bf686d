begin;

drop view register.record_state;
drop view register.record_version;

commit;
