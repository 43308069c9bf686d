-- Voids an entry of the outlook: a last version with a reason.
select result.reference, result.version, result.revision
  from register.outlook_void(:'reference'::text, :'reason'::text, :'author'::text) as result
