-- Voids a treaty action: a last version with a reason.
select result.reference, result.version, result.revision
  from register.action_void(:'reference'::text, :'reason'::text, :'author'::text) as result
