-- Imports treaty actions from a file, all or none.
select result.reference, result.version, result.revision
  from register.import_record(:'document'::jsonb, :'file_digest'::bytea, :'author'::text) as result
