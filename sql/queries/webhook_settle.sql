-- Notes what came of an attempt, and moves its webhook on.
select settled.webhook, settled.delivery, settled.number, settled.outcome
  from service.webhook_settle(
           :'attempt'::bigint, :'status'::integer, :'error'::text, :'duration'::integer,
           :'answer'::text, :'pause'::interval, :'patience'::interval) as settled
