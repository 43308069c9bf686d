-- Deletes a webhook, with all that is known of its deliveries.
select service.webhook_delete(:'reference'::text) as deleted
