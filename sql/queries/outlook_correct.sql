-- Corrects an entry of the outlook: a new version with a reason.
select written.reference, written.version, written.revision
  from register.outlook_correct(:'reference'::text, :'document'::jsonb, :'author'::text) as written
