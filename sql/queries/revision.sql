-- The newest revision in this database.
select newest.number as revision
  from register.revision as newest
