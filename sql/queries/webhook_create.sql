-- Creates a webhook; null: the limit is reached.
select service.webhook_create(:'document'::jsonb, :'secret'::text, :'most'::integer) as reference
