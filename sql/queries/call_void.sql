-- Voids a call: a last version with a reason.
select result.reference, result.version, result.revision
  from register.call_void(:'reference'::text, :'reason'::text, :'author'::text) as result
