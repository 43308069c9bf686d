begin;

drop function register.change_in_words;
drop function register.change_content_in_words;
drop function register.periods_in_words;
drop function register.list_in_words;
drop function register.uuid_of;
delete from register.phrase where code like 'change\_%' or code like 'feed\_%' or code = 'the_convention';

commit;
