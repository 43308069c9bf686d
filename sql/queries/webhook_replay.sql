-- Gives a webhook another place in the feed; false: the change named is none of the webhook's.
select service.webhook_replay(:'reference'::text, :'after'::text, :'after_at'::timestamptz,
                              :'after_number'::integer) as placed
