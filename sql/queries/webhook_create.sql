-- Creates a webhook; null: the limit is reached.
select service.webhook_create(:'document'::jsonb, :'secret'::text, :'most'::integer,
                              :'most_of_author'::integer) as reference
