-- The periods: each write records what follows from it, for the States that it moves and no other.
-- The model and the second reckoning test what the periods say.
begin;
select no_plan();

create function pg_temp.document(state text, kind text, day text) returns jsonb
    language sql
    return jsonb_build_object('state', state, 'kind', kind, 'date', day, 'verification',
                              'single_source', 'sources', array['https://source.example']);

-- The States whose periods began or ended at the newest revision.
create function pg_temp.moved() returns text[]
    language sql stable
    return array(select distinct p.state
                   from register.period as p
                   join register.revision as r on r.at in (lower(p.recorded), upper(p.recorded))
                  order by p.state);

-- Where the periods held at a revision differ from those that the actions known then give.
create function pg_temp.differing() returns bigint
    language sql stable
    return (select count(*)
              from register.revision_log as log
             cross join lateral (
                       select content
                         from (select register.period_content(held) as content
                                 from register.periods_at(log.at) as held
                                union all
                               select register.period_content(follows)
                                 from register.periods_of(
                                          array(select state.code from register.state), log.at)
                                      as follows) as either
                        group by content
                       having count(*) <> 2) as differs);

select is(count(*), 47::bigint, 'each State has a period without a first day')
  from register.period where lower_inf(valid) and upper_inf(recorded);
select is(count(*), 47::bigint, 'and one without a last day')
  from register.period where upper_inf(valid) and upper_inf(recorded);
select is_empty($$select state
                    from (select state, upper(valid) as ends,
                                 lead(lower(valid)) over (partition by state order by valid) as next
                            from register.period where upper_inf(recorded)) as line
                   where ends is distinct from next$$, 'with no gap between');
select is(pg_temp.differing(), 0::bigint, 'the loaded record: its periods are what the actions give');

-- Writes -----------------------------------------------------------------------------------------

select register.operation_apply('record', 'action', null, pg_temp.document('PRT', 'signature', '2020-01-01'), 'tests');
select is(pg_temp.moved(), '{PRT}', 'a signature moves its State alone');
select is(array(select status from register.period
                 where state = 'PRT' and upper_inf(recorded) order by valid),
          '{no_action,no_action,signatory}', 'whose last period is divided');
select is(count(*), 1::bigint, 'the period that was held is kept with its time')
  from register.period where state = 'PRT' and not upper_inf(recorded);

select register.operation_apply('record', 'action', null, pg_temp.document('PRT', 'communication', '2020-02-01'), 'tests');
select is(pg_temp.moved(), '{}', 'a communication moves no State');

select register.operation_apply('correct', 'action', 'PRT-1', pg_temp.document('PRT', 'signature', '2020-01-02')
                                        || '{"reason": "typing error"}', 'tests');
select register.operation_apply('void', 'action', 'PRT-1', '{"reason": "it was Poland"}', 'tests');
select is(pg_temp.moved(), '{PRT}', 'a void moves its State');
select is(array(select distinct status from register.period
                 where state = 'PRT' and upper_inf(recorded)), '{no_action}',
          'which is again where it was');

-- Without Italy's consent another is the fourth, on a later day.
select register.operation_apply('void', 'action', 'ITA-3', '{"reason": "a test"}', 'tests');
select register.operation_apply('void', 'action', 'ITA-2', '{"reason": "a test"}', 'tests');
select ok(pg_temp.moved() @> '{ITA,NLD,NOR,SWE}',
          'where the Convention''s own entry into force moves, so do the first Parties');
select is(pg_temp.differing(), 0::bigint, 'after all writes: at each revision the periods are what the actions give');

select is(count(distinct revision), 2::bigint,
          'two writes of one transaction make two revisions, each with what follows from it')
  from (select (register.operation_apply('record', 'action', null, pg_temp.document(state, 'signature', '2021-01-01'),
                                       'tests')).revision
          from (values ('PRT'), ('AUT')) as given (state)) as written;

-- Guards -----------------------------------------------------------------------------------------

select throws_ok($$update register.period set status = 'party'$$, 'T5009', null,
                 'no period is changed');
select throws_ok($$delete from register.period$$, 'T5009', null, 'nor deleted');
select throws_ok($$truncate register.period$$, 'T5009', null, 'nor truncated');
set local role ets144_service;
select throws_ok($$select register.record_periods('{ITA}', now())$$, '42501', null,
                 'the service records none by itself');
select throws_ok($$insert into register.period
                   select p.* from register.periods_of('{ITA}', now()) as p$$, '42501', null,
                 'nor inserts any');

select is_empty(
    $$select log.revision, day.as_of
        from register.revision_log as log
       cross join (values (date '1990-01-01'), ('2005-07-19'), ('2026-11-24'), ('infinity'))
             as day (as_of)
       where array(select held from register.periods_on(day.as_of, log.at) as held order by 1)
             <> array(select held from register.periods_at(log.at) as held
                       where held.valid @> day.as_of order by 1)$$,
    'the periods of a day are those of all that the day is in');

reset role;
select throws_ok($$insert into register.period
    select (jsonb_populate_record(p, jsonb_build_object('recorded',
               tstzrange(lower(p.recorded) - interval '2 s', lower(p.recorded) - interval '1 s', '[]')))).*
      from register.period as p where p.state = 'ITA' limit 1$$, '23514', null,
    'the time of a period begins with a moment and ends before one');

select * from finish();
rollback;
