begin;

drop function service.webhook_rotate;
drop function service.webhook_delete;
drop function service.webhook_change;
drop function service.webhook_lock;
drop function service.webhook_first_secret;
drop function service.webhook_create;
drop function service.webhook_filter;
drop function service.webhook_list;
drop function service.feed_end;
drop function service.notify_dispatchers;
drop table service.webhook;

commit;
