-- Requests a redelivery; false: the change is not for this webhook.
select service.webhook_redeliver(:'reference'::text, :'delivery'::text) as asked
