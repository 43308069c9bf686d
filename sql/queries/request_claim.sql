-- Claims an Idempotency-Key for this transaction.
select claim.outcome, claim.reference, claim.revision_before, claim.revision, claim.known_at,
       claim.as_of
  from service.request_claim(:'author'::text, :'key'::text, :'body_digest'::bytea) as claim
