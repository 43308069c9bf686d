begin;

drop function register.actions_enter;
drop function register.action_content;
drop function register.current_write_result;
drop type register.write_result;

commit;
