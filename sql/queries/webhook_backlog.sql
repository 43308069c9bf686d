-- The backlog of all webhooks, for monitoring.
select backlog.enabled, backlog.disabled, backlog.failing, backlog.waiting, backlog.oldest_seconds,
       backlog.dead_letters
  from service.webhook_backlog() as backlog
