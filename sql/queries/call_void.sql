-- Voids a call: a last version with a reason.
select written.reference, written.version, written.revision
  from register.call_void(:'reference'::text, :'reason'::text, :'author'::text) as written
