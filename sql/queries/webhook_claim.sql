-- Claims webhooks with pending deliveries, under a lease.
select claim.attempt, claim.webhook, claim.delivery, claim.url, claim.secret, claim.previous_secret,
       claim.internal_types, claim.at as after_at, claim.number - 1 as after_number,
       claim.trace, claim.occasion
  from service.webhook_claim(:'most'::integer, :'lease'::interval) as claim
