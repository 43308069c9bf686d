begin;

drop function register.status_timelines;
drop function register.timeline_as_json;
drop function register.status_at;
drop function register.periods_on;
drop function register.periods_at;
drop function register.record_periods;
drop function register.period_content;
drop function register.periods_of;
drop table register.period;
drop function register.affects_status;
drop type register.state_status;
drop function register.members_at;

commit;
