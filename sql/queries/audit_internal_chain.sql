-- Findings of the audit in the digests of internal changes.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_internal_chain() as audit
