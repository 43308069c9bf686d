begin;

select day from register.last_change_day(now()) where false;
select state, from_day, until_day from register.status_runs_at(now()) where false;
select 1 / (count(*) = 6)::integer from register.status_counts('2000-01-01', now());
select 1 / (count(*) = 3)::integer from register.chapter_counts('2000-01-01', now());
select state from register.signatories_waiting_at('2000-01-01', now()) where false;
select state from register.signature_to_consent_at('2000-01-01', now()) where false;

rollback;
