-- No statement that the service runs reads a table that grows from end to end: versions grow with
-- every correction, and the log of revisions with every write.
begin;
set local jit = off;
set local plan_cache_mode = force_generic_plan;
select no_plan();

-- With a hundred versions an action, as after years of corrections, and the planner told of it.
set local session_replication_role = replica;
insert into register.revision_log (revision, at, author, reason)
select 1000 + n, log.at - n * interval '1 minute', 'tests', 'growth'
  from register.revision_log as log, generate_series(1, 2000) as n
 where log.revision = 1;
insert into register.action_version
select (jsonb_populate_record(v, jsonb_build_object(
           'version', 1 + n, 'revision', 1000 + n,
           'recorded', tstzrange(lower(v.recorded) - (n + 1) * interval '1 minute',
                                 lower(v.recorded) - n * interval '1 minute')))).*
  from register.action_version as v, generate_series(1, 300) as n
 where v.version = 1;
insert into register.change
    (at, number, revision, audience, category, event, state, reference, version, after, author)
select log.at, n, log.revision, 'everyone', (array['signature', 'status', 'outlook'])[n % 3 + 1],
       'recorded', (array['ITA', 'FRA', 'NLD', 'CZE'])[n % 4 + 1], 'ITA-1', n, '{}', 'tests'
  from register.revision_log as log, generate_series(1, 10) as n where log.revision > 1000;
insert into register.period
select (jsonb_populate_record(p, jsonb_build_object(
           'recorded', tstzrange(lower(p.recorded) - (n + 1) * interval '1 minute',
                                 lower(p.recorded) - n * interval '1 minute')))).*
  from register.period as p, generate_series(1, 200) as n;
set local session_replication_role = origin;
analyze register.period;
analyze register.action_version;
analyze register.revision_log;
analyze register.change;

-- The plan of a query, and the plans of the functions in it that are melted into it, as one text.
create function pg_temp.plan_of(query text) returns text
    language plpgsql
as $$
declare
    line text;
    whole text := '';
begin
    for line in execute 'explain ' || query loop
        whole := whole || line || e'\n';
    end loop;
    return whole;
end
$$;

select unalike(pg_temp.plan_of(query), '%Seq Scan on ' || grows || '%',
              query || ' does not read ' || grows || ' from end to end')
  from (values ('select * from register.actions_known(now())'),
               ('select * from register.entry_into_force(current_date, now())'),
               ('select * from register.effects_at(current_date, now())'),
               ('select * from register.status_at(current_date, now())'),
               ('select * from register.anomalies_at(current_date, now())'),
               ('select * from register.resolve_moment(current_date, now())'),
               ('select * from register.call_progress(''CG-REC-304'', current_date, now())'),
               ('select * from register.outlook_at(current_date, now(), false)'),
               ('select * from register.status_timelines(''{ITA,NLD}'', now())'),
               ('select * from register.changes_after(now(), 1, ''{}'', null, null, 100)'),
               ('select * from register.changes_after(now(), 1, ''{outlook}'', ''{status}'', null, 100)'),
               ('select * from register.changes_after(now(), 1, ''{}'', null, ''{ITA,NLD}'', 100)'),
               ('select * from register.changes_after(now(), 1, ''{}'', null, null, 100, ''anna'')'),
               ('select * from register.changes_after(now(), 1, ''{}'', null, ''{ITA}'', 100, ''anna'')'),
               ('select * from register.changes_before(now(), 1, null, 100, ''anna'', now())'),
               ('select * from register.changes_before(now(), 1, null, 100)'),
               ('select * from register.changes_before(now(), 1, ''ITA'', 100)'),
               ('select * from register.calendar_at(now(), ''en'')'),
               ('select * from register.action_breaches()')) as asked (query),
       (values ('action_version'), ('revision_log'), ('change'), ('period')) as growing (grows);

select * from finish();
rollback;
