-- Findings of the audit in the digests of a range of revisions.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_chain(:'first_revision'::bigint, :'last_revision'::bigint) as audit
