-- Finishes an attempt, and advances its webhook.
select ended.webhook, ended.delivery, ended.number, ended.outcome
  from service.webhook_finish_attempt(
           :'attempt'::bigint, :'status'::integer, :'error'::text, :'duration'::integer,
           :'answer'::text, :'pause'::interval, :'patience'::interval) as ended
