begin;

drop function register.note_void;
drop function register.note_correct;
drop function register.note_record;
drop function register.reply_void;
drop function register.reply_correct;
drop function register.reply_record;
drop function register.outlook_void;
drop function register.outlook_correct;
drop function register.outlook_record;
drop function register.call_void;
drop function register.call_correct;
drop function register.call_record;
drop function register.action_void;
drop function register.action_correct;
drop function register.action_record;
drop function register.assert_not_party;
drop function register.call_enter;
drop function register.actions_enter;
drop function register.action_content;
drop function register.void;
drop function register.correct;
drop function register.finish_write;
drop function register.current_write_result;
drop type register.write_result;

commit;
