-- Registers a webhook; null: there are as many as there may be.
select service.webhook_create(:'document'::jsonb, :'secret'::text, :'author'::text,
                              :'most'::integer) as reference
