-- Imports treaty actions from a file, all or none.
select result.reference, result.revision, result.as_of, result.known_at
  from service.import_record(:'document'::jsonb, :'file_digest'::bytea) as result
