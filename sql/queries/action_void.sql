-- Voids a treaty action: a last version with a reason.
select written.reference, written.version, written.revision
  from register.action_void(:'reference'::text, :'reason'::text, :'author'::text) as written
