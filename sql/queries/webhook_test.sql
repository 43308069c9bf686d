-- Asks for a test to be sent.
select service.webhook_test(:'reference'::text) as delivery
