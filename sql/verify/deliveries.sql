begin;

select attempt, secret from service.webhook_claim(0, '1 second') where false;
select delivery, occasion from service.webhook_request where false;
select delivery, outcome from service.webhook_attempt where false;
select delivery, error from service.webhook_dead_letter where false;
select 1 / count(*)
  from pg_catalog.pg_trigger
 where tgname = 'notify_dispatchers' and tgrelid = 'register.change'::regclass;
select 1 / count(*) from service.webhook_backlog();

rollback;
