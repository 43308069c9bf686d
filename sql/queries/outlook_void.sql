-- Voids an entry of the outlook: a last version with a reason.
select result.reference, result.revision, result.as_of, result.at as known_at
  from register.outlook_void(:'reference'::text, :'reason'::text, :'author'::text) as result
