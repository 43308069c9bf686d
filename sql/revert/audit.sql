begin;

drop function register.audit_statuses;
drop function register.days_to_recompute;
drop function register.statuses_recomputed;
drop function register.audit;
drop function register.identities_without_version;
drop function register.orphans;
drop function register.every_version;
drop function register.version_tables;

commit;
