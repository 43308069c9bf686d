-- Corrects a call: a new version with a reason.
select result.reference, result.revision, result.as_of, result.known_at
  from service.call_correct(:'reference'::text, :'document'::jsonb) as result
