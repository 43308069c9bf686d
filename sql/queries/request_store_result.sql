-- Stores the result of a claimed Idempotency-Key.
select service.request_store_result(
           :'author'::text, :'key'::text, :'digest'::bytea, :'reference'::text,
           :'revision_before'::bigint, :'revision'::bigint) is null as stored
