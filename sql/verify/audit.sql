begin;

select finding, subject, reference, detail from register.audit() where false;
select finding, subject, reference, detail from register.audit_published(0, 0) where false;

rollback;
