-- Voids a membership: a last version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.fact_void('membership', :'reference'::text, :'reason'::text) as result
