begin;

select finding, subject, reference, detail from register.audit() where false;
select finding, subject, reference, detail from register.audit_published(0, 0) where false;
select finding, subject, reference, detail from register.audit_entries(0, 0) where false;
select finding, subject, reference, detail from register.audit_chain(0, 0) where false;
select finding, subject, reference, detail from register.audit_internal_chain() where false;
select finding, subject, reference, detail from register.audit_tokens() where false;

rollback;
