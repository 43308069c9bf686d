-- How much an audit has to look at.
select newest.number as revision,
       (select count(*) from register.every_version()) as versions
  from register.revision as newest
