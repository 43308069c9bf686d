begin;

drop function register.calendar_at;
delete from register.phrase where code like 'calendar\_%' or code like 'effect\_of\_%';

commit;
