begin;

drop function register.audit_entries;
drop function register.audit_proposals;
drop function register.audit_tokens;
drop function register.audit_internal_chain;
drop function register.audit_chain;
drop function register.audit_published;
drop function register.status_content;
drop function register.audit;
drop function register.identities_without_version;
drop function register.orphans;
drop function register.foreign_keys;
drop function register.every_version;
drop function register.version_tables;

commit;
