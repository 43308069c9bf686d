-- The revisions before and after an import, and its day, for its author and administrators.
select import.as_of, import.revision_before, import.revision
  from register.import
 where import.reference = :'reference'::text
   and service.token_owns(:'token_digest'::bytea, import.author, 'imports:admin',
                          :'person'::jsonb)
