-- Requests a test delivery.
select service.webhook_test(:'reference'::text) as delivery
