-- Corrects an entry of the outlook: a new version with a reason.
select result.reference, result.version, result.revision
  from register.outlook_correct(:'reference'::text, :'document'::jsonb, :'author'::text) as result
