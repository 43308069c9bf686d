-- Voids a State: a last version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.fact_void('state', :'reference'::text, :'reason'::text) as result
