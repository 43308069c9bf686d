-- Rotates a webhook's secret; the time until which the previous secret signs as well.
select service.webhook_rotate(:'reference'::text, :'secret'::text,
                              coalesce(:'keep_previous'::boolean, true)) as previous_secret_until
