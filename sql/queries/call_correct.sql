-- Corrects a call: a new version with a reason.
select written.reference, written.version, written.revision
  from register.call_correct(:'reference'::text, :'document'::jsonb, :'author'::text) as written
