begin;

drop function register.reply_breaches;
drop function register.replies_known;
drop function register.reply_content;
drop table register.reply_version;
drop table register.reply;

commit;
