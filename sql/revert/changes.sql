begin;

drop function register.changes_before;
drop function register.changes_after;
drop function register.newest_seen;
drop function register.audience_elsewhere;
drop function register.log_changes;
drop function register.log_status_changes;
drop function register.record_change;
drop function register.latest_change;
drop function register.entry_as_json;
drop function register.state_as_json;
drop function register.version_as_json;
drop function register.change_category;
drop table register.change;

commit;
