-- Voids an entry of the outlook: a last version with a reason.
select result.reference, result.revision, result.as_of, result.at as known_at
  from service.outlook_void(:'reference'::text, :'reason'::text) as result
