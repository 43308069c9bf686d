-- The dead letters of a webhook, in the order of the feed.
select letter.delivery, letter.category, letter.state, letter.revision, letter.at as changed_at,
       letter.attempts, letter.given_up_at, letter.status, letter.error, letter.number as _number
  from service.webhook_dead_letters(:'reference'::text, :'after_at'::timestamptz,
                                    :'after_number'::integer, :'limit'::integer) as letter
