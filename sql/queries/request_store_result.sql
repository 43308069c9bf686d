-- Stores the result of a claimed Idempotency-Key.
select service.request_store_result(:'reference'::text) is null as stored
