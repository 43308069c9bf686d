-- The secret that a webhook was created with; null: rotated since.
select service.webhook_first_secret(:'reference'::text) as secret
