-- Findings of the audit in the history.
select audit.finding, audit.subject, audit.reference, audit.detail
  from register.audit() as audit
