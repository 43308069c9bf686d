-- Asks for a change to be sent once more; false: it is none of the webhook's.
select service.webhook_redeliver(:'reference'::text, :'delivery'::text) as asked
