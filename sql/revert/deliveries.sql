begin;

drop function service.webhook_backlog;
drop function service.webhook_progress;
drop function service.webhook_dead_letters;
drop function service.webhook_attempts;
drop function service.webhook_release;
drop function service.webhook_finish_attempt;
drop function service.webhook_advance;
drop function service.webhook_backoff;
drop function service.webhook_claim;
drop function service.notify_deciders;
drop function service.may_decide;
drop function service.webhook_replay;
drop function service.webhook_redeliver;
drop function service.webhook_test;
drop function service.webhook_queue;
drop function service.webhook_pending_changes;
drop function service.webhook_sees;
drop trigger notify_dispatchers on register.change;
drop function service.notify_dispatchers_of_change;
drop table service.webhook_dead_letter;
drop table service.webhook_attempt;
drop table service.webhook_request;

commit;
