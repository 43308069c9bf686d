-- What waits to be delivered, and for how long, for those who watch over the service.
select backlog.enabled, backlog.disabled, backlog.failing, backlog.waiting, backlog.oldest_seconds,
       backlog.dead_letters
  from service.webhook_backlog() as backlog
