-- Corrects a call: a new version with a reason.
select result.reference, result.version, result.revision
  from register.call_correct(:'reference'::text, :'document'::jsonb, :'author'::text) as result
