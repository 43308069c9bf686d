begin;

drop function register.audit_standings;
drop function register.days_to_reckon;
drop function register.standings_reckoned;
drop function register.audit;
drop function register.empty_identities;
drop function register.lost_references;
drop function register.every_version;
drop function register.version_tables;

commit;
