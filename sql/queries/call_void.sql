-- Voids a call: a last version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.call_void(:'reference'::text, :'reason'::text) as result
