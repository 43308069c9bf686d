-- The secret that a webhook was created with, as long as it has no other.
select service.webhook_first_secret(:'reference'::text) as secret
