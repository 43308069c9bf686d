-- Voids an entry of the outlook: a last version with a reason.
select written.reference, written.version, written.revision
  from register.outlook_void(:'reference'::text, :'reason'::text, :'author'::text) as written
