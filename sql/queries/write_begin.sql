-- Begins a write: claims its Idempotency-Key, sets its trace (W3C Trace Context), waits for the other
-- writers and looks at its token again.
select begun.outcome, begun.reference, begun.revision_before, begun.revision, begun.known_at,
       begun.as_of
  from service.write_begin(:'token_digest'::bytea, :'key'::text, :'body_digest'::bytea,
                           :'trace'::text, coalesce(:'internal'::boolean, false),
                           :'person'::jsonb) as begun
