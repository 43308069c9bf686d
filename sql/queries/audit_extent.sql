-- The number of versions, and the newest revision with its digest, that an audit covers.
select newest.number as revision,
       (select count(*) from register.every_version()) as versions,
       (select encode(held.digest, 'hex')
          from register.revision_digest as held
         where held.revision = newest.number) as digest
  from register.revision as newest
