-- Records a note.
select result.reference, result.revision, result.as_of, result.at as known_at
  from service.note_record(:'document'::jsonb) as result
