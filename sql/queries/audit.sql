-- What is wrong with the register's history; no row: nothing.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit() as audit
