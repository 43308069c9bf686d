-- Locks a webhook until the transaction ends.
select service.webhook_lock(:'reference'::text) as locked
