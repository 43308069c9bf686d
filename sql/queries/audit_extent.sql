-- The number of versions, and the newest revision, that an audit covers.
select newest.number as revision,
       (select count(*) from register.every_version()) as versions
  from register.revision as newest
