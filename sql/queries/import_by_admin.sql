-- Imports treaty actions from a file for the administrator, who names the author.
select result.reference
  from register.import_record(:'document'::jsonb, :'file_digest'::bytea, :'author'::text) as result
