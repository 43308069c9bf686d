-- Corrects a note: a new version with a reason.
select result.reference, result.revision, result.as_of, result.at as known_at
  from service.note_correct(:'reference'::text, :'document'::jsonb) as result
