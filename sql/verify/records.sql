begin;

select type, reference, visibility from register.record_version where false;

rollback;
