-- A history of so many versions, as after years of corrections of the real record:
-- psql -v versions=1000000 -f history.sql
-- The constraint against overlaps is not built again: no read uses its index.
begin;
set local session_replication_role = replica;
alter table register.action_version drop constraint action_version_reference_recorded_excl;
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
commit;
vacuum analyze register.action_version, register.revision_log;
