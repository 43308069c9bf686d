-- Where a State stands otherwise when it is reckoned again, in a range of revisions.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_statuses(:'first_revision'::bigint, :'last_revision'::bigint) as audit
