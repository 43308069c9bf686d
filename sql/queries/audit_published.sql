-- Entries of the change feed that differ from a recomputation, in a range of revisions.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_published(:'first_revision'::bigint, :'last_revision'::bigint) as audit
