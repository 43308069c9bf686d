-- How many rows a write reads: those of the States that it touches, however many acts others have,
-- and for each act of a file as many in a long file as in a short one. Counted are the tables of what
-- follows and of versions; the narrow table of references may be read from end to end.
begin;
set local jit = off;
set local plan_cache_mode = force_generic_plan;
select no_plan();

-- The suite sets jit for each function, to count its calls; a function with a setting is not inlined.
-- Here the plans are those of the service.
do $$
declare
    counted regprocedure;
begin
    for counted in
        select p.oid::regprocedure
          from pg_proc as p
         where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
           and p.prolang = (select oid from pg_language where lanname = 'sql')
    loop
        execute pg_catalog.format('alter function %s reset jit', counted);
    end loop;
end
$$;

create function pg_temp.rows_so_far() returns bigint
    language sql volatile
    return (select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint
              from pg_stat_xact_user_tables
             where schemaname = 'register'
               and relname in ('action_version', 'call_version', 'membership', 'period',
                               'state_version'));

create function pg_temp.rows_read(write text) returns bigint
    language plpgsql
as $$
declare
    before constant bigint := pg_temp.rows_so_far();
begin
    execute write;
    return pg_temp.rows_so_far() - before;
end
$$;

create function pg_temp.write(state text, kind text) returns text
    language sql
    return format('select register.operation_apply(''record'', ''action'', null, %L, ''tests'')',
                  jsonb_build_object('state', state, 'kind', kind, 'date', '2020-01-01',
                                     'verification', 'single_source',
                                     'sources', array['https://source.example']));

-- A derogation each other day, which ends on the next: each act moves the status.
create function pg_temp.import(state text, acts integer) returns text
    language sql
    return format('select register.import_record(%L, sha256(''x''), ''tests'')',
                  (select jsonb_agg(jsonb_build_object('line', n, 'document', jsonb_build_object(
                              'state', state, 'date', date '2010-01-01' + n,
                              'kind', case when n % 2 = 1 then 'derogation'
                                           else 'derogation_end' end,
                              'verification', 'single_source',
                              'sources', array['https://source.example'])))
                     from generate_series(1, acts) as n));

create function pg_temp.consequences() returns text
    language sql
    return (select format('select count(*) from register.status_changes(register.today(), %1$L, %2$L);
                           select count(*) from register.effective_date_changes(%1$L, %2$L);
                           select count(*)
                             from register.anomaly_changes(register.today(), %1$L, %2$L)',
                          max(log.at) filter (where log.revision < r.number), r.at)
              from register.revision as r, register.revision_log as log
             group by r.number, r.at);

create temporary table reading (what text, acts integer, rows bigint);

insert into reading select 'write', 0, pg_temp.rows_read(pg_temp.write('PRT', 'signature'));
insert into reading select 'consequences', 0, pg_temp.rows_read(pg_temp.consequences());
insert into reading select 'call', 0, pg_temp.rows_read('select register.operation_apply(''void'', ''call'', ''CG-REC-304'', ''{"reason": "x"}'', ''tests'')');
insert into reading select 'import', 200, pg_temp.rows_read(pg_temp.import('NOR', 200));
insert into reading select 'import', 2000, pg_temp.rows_read(pg_temp.import('SWE', 2000));
-- As the server does by itself after so many rows.
analyze register.period, register.change, register.revision_log;
insert into reading select 'write', 2200, pg_temp.rows_read(pg_temp.write('FRA', 'signature'));
insert into reading select 'consequences', 2200, pg_temp.rows_read(pg_temp.consequences());
insert into reading select 'call', 2200, pg_temp.rows_read('select register.operation_apply(''void'', ''call'', ''CM-REPLY-9549'', ''{"reason": "x"}'', ''tests'')');

select diag(what || ' with ' || acts || ' acts: ' || rows || ' rows') from reading order by what, acts;

select cmp_ok(more.rows, '<=', 2 * few.rows, more.what || ' does not read the acts of other States')
  from reading as few
  join reading as more on more.what = few.what and more.acts = 2200
 where few.acts = 0;
select cmp_ok(long.rows / 2000.0, '<=', 1.5 * short.rows / 200, 'an act of a long file reads as many')
  from reading as short, reading as long
 where short.acts = 200 and long.acts = 2000;

select * from finish();
rollback;
