-- What the register has held is never changed or lost, and can be asked for again.
begin;
select no_plan();

create function pg_temp.document(kind text, day text, more jsonb default '{}') returns jsonb
    language sql
as $$
    select jsonb_build_object('kind', kind, 'date', day, 'verification', 'single_source',
                              'sources', array['https://source.example']) || more
$$;

-- Nothing is overwritten -----------------------------------------------------------------------

select throws_ok('update register.' || name || ' set ' || column_ || ' = ' || column_, 'T5009', null,
                 'UPDATE of ' || name || ' is refused')
  from (values ('action', 'number'), ('state', 'code'), ('state_version', 'name_en'),
               ('membership', 'note_en'), ('action_version', 'kind'), ('revision_log', 'reason'))
       as kept (name, column_);
select throws_ok('delete from register.' || name, 'T5009', null, 'DELETE from ' || name)
  from (values ('action'), ('state'), ('state_version'), ('membership'), ('action_version'),
               ('revision_log')) as kept (name);
select throws_ok('truncate register.' || name || ' cascade', 'T5009', null, 'TRUNCATE of ' || name)
  from (values ('action'), ('state'), ('state_version'), ('membership'), ('action_version'),
               ('revision_log')) as kept (name);

set local role ets144_owner;
select throws_ok($$update register.action_version set summary_en = 'x' where reference = 'ITA-1'$$,
                 'T5009', null, 'nor may the owner change a version');
select throws_ok($$update register.action_version set recorded = 'empty' where reference = 'ITA-1'$$,
                 'T5009', null, 'nor when it was recorded');
reset role;

select throws_ok(
    $$insert into register.action_version (reference, version, recorded, revision, author, kind,
                                           verification)
      values ('ITA-1', 2, tstzrange('2026-01-01', null), 0, 'x', 'signature', 'unconfirmed')$$,
    '23P01', null, 'two versions of one action are never true at one time');

-- Knowledge time -------------------------------------------------------------------------------

create temporary table kept as
select m.known_at, (select json_agg(s order by s.state)
                      from register.status_at('2026-11-24', m.known_at) as s)::text as answer
  from register.resolve_moment(null, null) as m;

select lives_ok($$select register.operation_apply('record', 'action', null,
    pg_temp.document('signature', '2020-01-01', '{"state": "PRT"}'), 'tests')$$,
    'Portugal signs');
select is((select status from register.status_at('2026-11-24', 'infinity') where state = 'PRT'),
          'signatory', 'which is known from then on');
select lives_ok($$select register.operation_apply('correct', 'action', 'PRT-1',
    pg_temp.document('signature', '2020-01-02', '{"reason": "typing error"}'), 'tests')$$,
    'the day is corrected');
select lives_ok($$select register.operation_apply('void', 'action', 'PRT-1', '{"reason": "it was Poland"}', 'tests')$$, 'and voided');
select is((select (json_agg(s order by s.state))::text
             from kept cross join lateral register.status_at('2026-11-24', kept.known_at) as s),
          (select answer from kept), 'as known before, the answer is what it was');
select results_eq(
    $$select v.version, v.voided, v.date from register.action_version as v
       where v.reference = 'PRT-1' order by v.version$$,
    $$values (1, false, date '2020-01-01'), (2, false, '2020-01-02'), (3, true, '2020-01-02')$$,
    'every version is there');
select is((select count(*) from register.action_version as v
             join register.action_version as next
               on next.reference = v.reference and next.version = v.version + 1
            where upper(v.recorded) is distinct from lower(next.recorded)), 0::bigint,
          'one version follows the other without a gap');
select is_empty($$select * from register.actions_known('infinity') where state = 'PRT'$$,
                'a voided action stands no more');
select throws_ok($$select register.operation_apply('void', 'action', 'PRT-1', '{"reason": "again"}', 'tests')$$, 'T5002', null,
                 'what was voided is not voided again');
select throws_ok($$select register.operation_apply('correct', 'action', 'XXX-1', '{"reason": "x"}', 'tests')$$, 'T5001',
                 null, 'what is unknown is not corrected');
select throws_ok($$select register.operation_apply('void', 'action', 'ITA-2', '{"reason": " "}', 'tests')$$, 'T4018', null,
                 'a void says why');

-- Revisions ------------------------------------------------------------------------------------

select is(register.begin_revision('tests', null), register.begin_revision('tests', null),
          'one transaction writes under one revision');
select is((select count(*) from register.revision_log as a
             join register.revision_log as b on a.revision < b.revision and a.at >= b.at),
          0::bigint, 'a later revision has a later time');
select results_eq(
    $$select revision, known_at is not null from register.resolve_moment(null, '1999-01-01')$$,
    $$values (0::bigint, true)$$, 'before the first revision the register knew nothing');
select is((select projected from register.resolve_moment(register.today() + 1, null)), true,
          'a day to come is projected');
select is((select projected from register.resolve_moment(register.today(), null)), false, 'today is not');
select is(register.revision_time(revision), at, 'a revision has its time')
  from register.revision_log where revision = 1;
select is(register.write_lock(), (select number from register.revision),
          'the lock answers the revision it guards');

-- The Convention's own entry into force moves ---------------------------------------------------

create function pg_temp.later_fourth() returns date
    language plpgsql
as $$
begin
    perform register.operation_apply('correct', 'action', 'NLD-' || n,
        (select to_jsonb(v) - 'published_effective_date' - 'territories_covered'
                || jsonb_build_object('reason', 'test', 'date', '1998-02-10',
                       'territories', json_build_object('covered', v.territories_covered))
           from register.action_version as v
          where v.reference = 'NLD-' || n and upper_inf(v.recorded)), 'tests')
       from (values (3), (4)) as declaration (n);
    perform register.operation_apply('void', 'action', 'NLD-5', '{"reason": "test"}', 'tests');
    perform register.operation_apply('correct', 'action', 'NLD-1', pg_temp.document('signature', '1997-01-28',
        '{"reason": "test"}'), 'tests');
    perform register.operation_apply('correct', 'action', 'NLD-2', pg_temp.document('acceptance', '1998-02-10',
        '{"reason": "test"}'), 'tests');
    return (select in_force_on from register.entry_into_force('infinity', 'infinity'));
end
$$;
select is(pg_temp.later_fourth(), date '1998-06-01',
          'a later fourth consent brings the Convention into force later');
select is((select in_force_on from register.status_at('2026-01-01', 'infinity')
            where state = 'SWE'), date '1998-06-01', 'and with it every State that waited');
select lives_ok($$select register.operation_apply('record', 'action', null,
    pg_temp.document('accession', '1998-07-01', '{"state": "RUS"}')
    || '{"date": "2022-05-01"}', 'tests')$$, 'a State that is no member accedes');

select * from finish();
rollback;
