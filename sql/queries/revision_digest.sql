-- The digest of a revision.
select encode(held.digest, 'hex') as digest
  from register.revision_digest as held
 where held.revision = :'revision'::bigint
