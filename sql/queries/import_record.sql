-- Imports treaty actions from a file, all or none of them.
select written.reference, written.version, written.revision
  from register.import_record(:'document'::jsonb, :'file_digest'::bytea, :'author'::text) as written
