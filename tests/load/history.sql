-- A history of so many versions of acts, and of as many periods, as after years of corrections of the real
-- record: psql -v versions=1000000 -f history.sql
-- The constraints against overlaps are not built again: no read uses their index.
begin;
set local session_replication_role = replica;
alter table register.action_version drop constraint action_version_reference_recorded_excl;
alter table register.period drop constraint period_state_valid_recorded_excl;
insert into register.revision_log (revision, at, author)
select 1000 + n, log.at - n * interval '1 second', 'history'
  from register.revision_log as log,
       generate_series(1, :versions / (select count(*) from register.action)) as n
 where log.revision = 1;
insert into register.action_version
select r.*
  from (select v from register.action_version as v where v.version = 1) as newest
 cross join generate_series(1, :versions / (select count(*) from register.action)) as n
 cross join lateral jsonb_populate_record(
           newest.v,
           jsonb_build_object(
               'version', 1 + n, 'revision', 1000 + n,
               'recorded', tstzrange(lower((newest.v).recorded) - (n + 1) * interval '1 second',
                                     lower((newest.v).recorded) - n * interval '1 second'))) as r;
-- A correction records all periods of its State anew.
insert into register.period
select r.*
  from (select p from register.period as p where upper_inf(p.recorded)) as newest
 cross join generate_series(1, :versions / (select count(*) from register.period)) as n
 cross join lateral jsonb_populate_record(
           newest.p,
           jsonb_build_object(
               'recorded', tstzrange(lower((newest.p).recorded) - (n + 1) * interval '1 second',
                                     lower((newest.p).recorded) - n * interval '1 second'))) as r;
commit;
vacuum analyze register.action_version, register.revision_log, register.period;
