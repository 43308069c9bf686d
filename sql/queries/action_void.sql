-- Voids a treaty action: a last version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.action_void(:'reference'::text, :'reason'::text) as result
