begin;

drop function service.webhook_backlog;
drop function service.webhook_standing;
drop function service.webhook_dead_letters;
drop function service.webhook_attempts;
drop function service.webhook_release;
drop function service.webhook_settle;
drop function service.webhook_move;
drop function service.webhook_pause;
drop function service.webhook_claim;
drop function service.webhook_replay;
drop function service.webhook_redeliver;
drop function service.webhook_test;
drop function service.webhook_waiting;
drop trigger webhook_wake on register.change;
drop function service.webhook_wake_on_change;
drop table service.webhook_dead_letter;
drop table service.webhook_attempt;
drop table service.webhook_request;

commit;
