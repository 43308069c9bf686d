-- Corrects a treaty action: a new version with a reason.
select result.reference, result.version, result.revision
  from register.action_correct(:'reference'::text, :'document'::jsonb, :'author'::text) as result
