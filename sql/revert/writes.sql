begin;

drop function register.action_void;
drop function register.action_correct;
drop function register.version_to_change;
drop function register.action_record;
drop function register.action_enter;
drop function register.version_add;
drop function register.content_of;
drop function register.version_of;
drop function register.text_array;

commit;
