-- Entries of the change feed that are not of the versions of a range of revisions.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_entries(:'first_revision'::bigint, :'last_revision'::bigint) as audit
