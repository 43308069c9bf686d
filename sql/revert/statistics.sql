begin;

drop function register.signature_to_consent_at;
drop function register.signatories_waiting_at;
drop function register.chapter_counts;
drop function register.status_counts;
drop function register.status_runs_at;
drop function register.last_change_day;

commit;
