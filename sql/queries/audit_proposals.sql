-- Findings of the audit in the proposals.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_proposals() as audit
