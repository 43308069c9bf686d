-- Voids a note: a last version with a reason.
select result.reference, result.revision, result.as_of, result.at as known_at
  from service.note_void(:'reference'::text, :'reason'::text) as result
