-- Gives a webhook a new secret; the time until which the previous one signs, too.
select service.webhook_rotate(:'reference'::text, :'secret'::text,
                              coalesce(:'keep_previous'::boolean, true)) as previous_secret_until
