-- Notes what came of an attempt, and moves its webhook on.
select ended.webhook, ended.delivery, ended.number, ended.outcome
  from service.webhook_finish_attempt(
           :'attempt'::bigint, :'status'::integer, :'error'::text, :'duration'::integer,
           :'answer'::text, :'pause'::interval, :'patience'::interval) as ended
