-- The newest revision that this database holds.
select newest.number as revision
  from register.revision as newest
