-- Deletes a webhook with its deliveries.
select service.webhook_delete(:'reference'::text) as deleted
