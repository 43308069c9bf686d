-- Findings of the audit in the access tokens.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit_tokens() as audit
