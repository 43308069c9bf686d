-- Stores the result of a claimed Idempotency-Key.
select service.request_store_result(
           :'author'::text, :'key'::text, :'body_digest'::bytea, :'reference'::text,
           :'revision_before'::bigint, :'revision'::bigint) is null as stored
