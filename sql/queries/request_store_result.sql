-- Stores the result of a claimed Idempotency-Key.
select service.request_store_result(register.written_reference(:'reference'::text)) is null as stored
