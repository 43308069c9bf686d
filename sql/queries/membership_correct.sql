-- Corrects a membership: a new version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.fact_correct('membership', :'reference'::text, :'document'::jsonb) as result
