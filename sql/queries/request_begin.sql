-- Begins a request that changes a webhook: looks at its token again, and claims its Idempotency-Key.
select begun.outcome, begun.reference, begun.revision_before, begun.revision, begun.known_at,
       begun.as_of
  from service.request_begin(:'token_digest'::bytea, :'key'::text, :'body_digest'::bytea,
                             :'trace'::text, :'person'::jsonb) as begun
