-- Corrects a treaty action: a new version with a reason.
select written.reference, written.version, written.revision
  from register.action_correct(:'reference'::text, :'document'::jsonb, :'author'::text) as written
