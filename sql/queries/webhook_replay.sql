-- Moves a webhook's cursor; false: the change named is not for this webhook.
select service.webhook_replay(:'reference'::text, :'after'::text, :'after_at'::timestamptz,
                              :'after_number'::integer) as placed
