-- The change feed: an entry for each effect of a write, in commit order, and none for what is none.
begin;
select no_plan();

-- The record as it was loaded --------------------------------------------------------------------

select results_eq(
    $$select category, event, count(*) from register.change group by category, event order by category$$,
    $$values ('call', 'recorded', 4::bigint), ('entry_into_force', 'changed', 10),
             ('instrument', 'recorded', 9), ('other_act', 'recorded', 10),
             ('signature', 'recorded', 13), ('state', 'recorded', 47), ('status', 'changed', 47)$$,
    'the load told each thing once');
select is((select max(number) from register.change), (select count(*)::integer from register.change),
          'the entries of one revision are counted from 1');
select throws_ok($$update register.change set reason = 'x'$$, 'T5009', null, 'no entry is changed');
select throws_ok($$delete from register.change$$, 'T5009', null, 'nor deleted');
select throws_ok($$truncate register.change cascade$$, 'T5009', null, 'nor truncated');

-- The newest line of every State, read on a day, is where the State stands on that day.
create function pg_temp.unlike_status(known_at timestamptz)
    returns table (state text, day date)
    language sql
as $$
    with newest as (
        select distinct on (c.state) c.state, c.after -> 'periods' as periods
          from register.change as c
         where c.category = 'status' and c.at <= known_at
         order by c.state, c.at desc, c.number desc
    ),
    asked as (
        select lower(held.valid) - before.days as day
          from register.periods_at(known_at) as held
         cross join (values (0), (1)) as before (days)
         where not lower_inf(held.valid)
         group by 1
    )
    select status.state, asked.day
      from asked
     cross join lateral register.status_at(asked.day, known_at) as status
      left join newest on newest.state = status.state
      left join lateral (
               select p.period
                 from jsonb_array_elements(newest.periods) as p (period)
                where (p.period ->> 'from')::date <= asked.day
                order by p.period ->> 'from' desc
                limit 1
           ) as current on true
     where (coalesce((current.period ->> 'member')::boolean, false),
            coalesce(current.period ->> 'status', 'no_action'), current.period ->> 'in_force_on',
            coalesce(current.period -> 'chapters', '[]'),
            coalesce((current.period ->> 'vote_only')::boolean, false),
            coalesce(current.period -> 'territories' -> 'covered', '[]'),
            coalesce(current.period -> 'territories' -> 'left_out', '[]'),
            coalesce((current.period ->> 'in_derogation')::boolean, false),
            current.period ->> 'signature', current.period ->> 'consent',
            current.period ->> 'denunciation', current.period ->> 'denunciation_effective_on')
           is distinct from
           (status.member, status.status, status.in_force_on::text,
            to_jsonb(status.chapters), status.vote_only, to_jsonb(status.territories_covered),
            to_jsonb(status.territories_left_out), status.in_derogation, status.signature,
            status.consent, status.denunciation, status.denunciation_effective_on::text)
$$;
select is_empty($$select * from pg_temp.unlike_status('infinity')$$,
                'every State stands on every day where its line says');
select is((select count(*) from register.status_timelines(array(select code from register.state),
                                                        'infinity') as line
            where line.periods <> (select c.after -> 'periods' from register.change as c
                                    where c.category = 'status' and c.state = line.state)),
          0::bigint, 'a line computed again is the same');
select is((select periods from register.status_timelines('{RUS}', 'infinity')) #>> '{1,member}', 'false',
          'a State that left the Council of Europe has a period as no member');

-- What a write tells -----------------------------------------------------------------------------

create function pg_temp.document(kind text, day text, more jsonb default '{}') returns jsonb
    language sql
as $$
    select jsonb_build_object('kind', kind, 'date', day, 'verification', 'single_source',
                              'sources', array['https://source.example']) || more
$$;

-- Each step is a revision of its own, as it is in a transaction of its own.
create temporary table place (at timestamptz, number integer);
insert into place values (null, null);
create function pg_temp.told(internal boolean default false)
    returns table (line text)
    language plpgsql
as $$
begin
    update register.revision set opened_in = null;
    return query
    select format('%s %s %s', c.category, c.event, coalesce(c.reference, c.state, 'Convention'))
      from place cross join lateral register.changes_after(place.at, place.number, internal, null,
                                                           null, 1000) as c;
    update place set (at, number) = (select c.at, c.number from register.change as c
                                      order by c.at desc, c.number desc limit 1);
end
$$;
create function pg_temp.did(written register.write_result) returns text
    language sql
    return (written).reference;
create function pg_temp.step(done text, expected text[], description text) returns text
    language sql
as $$
    select is(array(select line from pg_temp.told()), expected, description)
$$;
select isnt_empty('select * from pg_temp.told()', 'from the beginning everything is told');
select is_empty('select * from pg_temp.told()', 'and behind that nothing');

select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'action', null,
        pg_temp.document('signature', '2020-01-01', '{"state": "PRT"}'), 'tests')),
    '{signature recorded PRT-1,status changed PRT}', 'Portugal signs');
select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'action', null,
        pg_temp.document('ratification', '2020-02-01', '{"state": "PRT"}'), 'tests')),
    '{instrument recorded PRT-2,entry_into_force changed PRT,status changed PRT}', 'and ratifies');
select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'action', null,
        pg_temp.document('chapter_exclusion', '2020-02-01', '{"state": "PRT", "chapters": ["B"]}'),
        'tests')),
    '{other_act recorded PRT-3,status changed PRT}', 'a chapter left out changes the line');
select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'action', null,
        pg_temp.document('chapter_acceptance', '2021-02-01',
                         '{"state": "PRT", "chapters": ["B"]}'), 'tests')),
    '{chapter_acceptance recorded PRT-4,status changed PRT}', 'so does one accepted later');
select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'action', null,
        pg_temp.document('derogation', '2021-03-01', '{"state": "PRT"}'), 'tests')),
    '{derogation recorded PRT-5,status changed PRT}', 'and a derogation');
select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'action', null,
        pg_temp.document('communication', '2021-03-02', '{"state": "PRT"}'), 'tests')),
    '{other_act recorded PRT-6}', 'a communication changes nobody''s status');
select pg_temp.step(
    pg_temp.did(register.operation_apply('correct', 'action', 'PRT-6',
        pg_temp.document('communication', '2021-03-02', '{"reason": "again"}'), 'tests')),
    '{}', 'what changes nothing is not told');
select pg_temp.step(
    pg_temp.did(register.operation_apply('correct', 'action', 'PRT-5',
        pg_temp.document('communication', '2021-03-01', '{"reason": "no derogation"}'), 'tests')),
    '{derogation corrected PRT-5,other_act corrected PRT-5,status changed PRT}',
    'what changes its category is told in both');
select is_empty($$select * from pg_temp.unlike_status('infinity')$$,
                'after all that, every State stands where its line says');
select is((select c.after -> 'periods' -> -1 ->> 'status' from register.change as c
            where c.category = 'status' and c.state = 'PRT' order by c.at desc, c.number desc limit 1),
          'party', 'and the line of Portugal ends as a Party');

-- The Convention's own entry into force moves, and with it whoever waited for it: one revision.
create function pg_temp.corrected(reference text, day text) returns text
    language sql
as $$
    select (register.operation_apply('correct', 'action', v.reference,
        to_jsonb(v) - array['published_effective_date', 'territories_covered', 'territories_left_out']
        || jsonb_build_object('reason', 'test', 'date', day, 'territories',
               jsonb_build_object('covered', v.territories_covered)), 'tests')).reference
      from register.action_version as v
     where v.reference = corrected.reference and upper_inf(v.recorded)
$$;
select lives_ok($$select pg_temp.corrected('NLD-3', '1998-02-10')$$, 'a declaration is dated later');
select lives_ok($$select pg_temp.corrected('NLD-4', '1998-02-10')$$, 'and another');
select lives_ok($$select register.operation_apply('void', 'action', 'NLD-5', '{"reason": "test"}', 'tests')$$, 'a third is voided');
select isnt_empty('select * from pg_temp.told()', 'which is told');
select lives_ok($$select register.operation_apply('correct', 'action', 'NLD-2', pg_temp.document('acceptance', '1998-02-10',
                      '{"reason": "test"}'), 'tests')$$, 'the fourth consent is dated later');
create temporary table moved as select line from pg_temp.told();
select is(array(select line from moved where line ~ 'NLD|Convention|ITA'),
          '{"instrument corrected NLD-2","entry_into_force changed Convention",
            "entry_into_force changed ITA","entry_into_force changed NLD","status changed ITA",
            "status changed NLD"}',
          'it moves the Convention and all who waited');
select is((select after ->> 'in_force_on' from register.change
            where category = 'entry_into_force' and state is null
            order by at desc, number desc limit 1), '1998-06-01', 'to the day that it gives');
select is_empty($$select * from pg_temp.unlike_status('infinity')$$,
                'and every State stands where its line says');
select is_empty($$select line.* from register.revision_log as log
                    cross join lateral pg_temp.unlike_status(log.at) as line
                   where log.revision = 1$$,
                'as it did before, by the lines of then');

-- Calls ------------------------------------------------------------------------------------------

select pg_temp.step(
    pg_temp.did(register.operation_apply('record', 'call', null, '{"reference": "CG-TEST-1", "body": "congress",
        "date": "2020-01-01", "title_en": "A call", "title_fr": "Un appel", "asks_for": ["consent"],
        "asks_en": "To ratify.", "asks_fr": "De ratifier.", "verification": "single_source",
        "sources": ["https://source.example"]}', 'tests')),
    '{call recorded CG-TEST-1}', 'a call');
select pg_temp.step(
    pg_temp.did(register.operation_apply('void', 'call', 'CG-TEST-1', '{"reason": "never made"}', 'tests')),
    '{call voided CG-TEST-1}', 'and its void');
select results_eq(
    $$select before ->> 'title_fr', after, reason, author from register.change
       where reference = 'CG-TEST-1' and event = 'voided'$$,
    $$values ('Un appel', null::jsonb, 'never made', 'tests')$$,
    'an entry says what stood, what stands, why and who');

-- Visibility -------------------------------------------------------------------------------------

create temporary table step (reference text);
create function pg_temp.outlook(visibility text, more jsonb default '{}') returns jsonb
    language sql
as $$
    select jsonb_build_object('stage', 'under_study', 'date', '2020-01-01', 'visibility', visibility,
                              'sources', array['https://source.example'], 'reason', 'a secret') || more
$$;
create function pg_temp.seen()
    returns table (audience text, event text, before boolean, after boolean, reason text)
    language sql
as $$
    select c.audience, c.event, c.before is not null, c.after is not null, c.reason
      from register.change as c
     where c.at = (select max(l.at) from register.change as l)
     order by c.number
$$;
insert into step
select pg_temp.did(register.operation_apply('record', 'outlook', null, pg_temp.outlook('internal', '{"state": "FRA"}'), 'tests'));
select results_eq('select * from pg_temp.seen()',
    $$values ('internal', 'recorded', false, true, 'a secret')$$, 'an internal entry');
select is_empty('select * from pg_temp.told()', 'is told to nobody else');
select lives_ok($$select register.operation_apply('correct', 'outlook', reference, pg_temp.outlook('public'), 'tests')
                    from step$$, 'it is published');
select results_eq('select * from pg_temp.seen()',
    $$values ('public', 'recorded', false, true, null), ('internal', 'corrected', true, true, 'a secret')$$,
    'new to everyone, corrected for the others; why is not for everyone');
select is((select count(*) from pg_temp.told()), 1::bigint, 'everyone is told once');
select lives_ok($$select register.operation_apply('correct', 'outlook', reference,
    pg_temp.outlook('internal', '{"note_en": "x"}'), 'tests') from step$$, 'it is made internal');
select results_eq('select * from pg_temp.seen()',
    $$values ('public', 'voided', true, false, null), ('internal', 'corrected', true, true, 'a secret')$$,
    'gone for everyone');
select is((select count(*) from pg_temp.told(true)), 1::bigint,
          'who may see both is told once, too');
select lives_ok($$select register.operation_apply('void', 'outlook', reference, '{"reason": "a secret"}', 'tests') from step$$, 'and voided');
select is_empty('select * from pg_temp.told()', 'which nobody else hears of');

-- Reading on -------------------------------------------------------------------------------------

-- Pages of a size, one after the other, to the end: as one list.
create function pg_temp.paged(size integer, internal boolean, categories text[], states text[])
    returns text[]
    language plpgsql
as $$
declare
    ids text[] := '{}';
    page record;
    last record;
begin
    select null::timestamptz as at, null::integer as number into last;
    loop
        select array_agg(c.id order by c.at, c.number) as ids, max(c.at) as at,
               (array_agg(c.number order by c.at desc, c.number desc))[1] as number
          into page
          from register.changes_after(last.at, last.number, internal, categories, states, size) as c;
        exit when page.ids is null;
        ids := ids || page.ids;
        last := page;
    end loop;
    return ids;
end
$$;
select is(pg_temp.paged(size, internal, categories, states),
          array(select c.id from register.change as c
                 where c.audience in ('everyone', case when internal then 'internal' else 'public' end)
                   and (categories is null or c.category = any (categories))
                   and (states is null or c.state = any (states))
                 order by c.at, c.number),
          format('pages of %s are the whole (%s, %s, %s)', size, internal, categories, states))
  from (values (1), (7), (1000)) as page (size),
       (values (false), (true)) as reader (internal),
       (values (null::text[]), ('{status}'), ('{status,outlook,signature}')) as a (categories),
       (values (null::text[]), ('{PRT}'), ('{FRA,ITA,PRT}')) as b (states);

-- What the entries are made of --------------------------------------------------------------------

select results_eq(
    $$select code, register.change_category(code) from register.kind
       where register.change_category(code) <> 'other_act' order by place$$,
    $$values ('signature', 'signature'), ('ratification', 'instrument'),
             ('acceptance', 'instrument'), ('approval', 'instrument'), ('accession', 'instrument'),
             ('chapter_acceptance', 'chapter_acceptance'), ('derogation', 'derogation'),
             ('derogation_end', 'derogation')$$,
    'each kind of action is notified under one of Article 19''s categories');
select is((select array_agg(code order by place) from register.kind
            where not register.affects_status(code)), '{declaration,communication}',
          'two kinds change no status');
select is(register.version_as_json('{"kind": "x", "voided": true}'), null, 'what is void says nothing');
select is(register.version_as_json('{"reference": "A-1", "kind": "x", "voided": false,
                                   "territories_covered": ["Aruba"], "territories_left_out": []}'),
          '{"kind": "x", "territories": {"covered": ["Aruba"], "left_out": []}}', 'a version as read');
select is(register.state_as_json(v), '{"alpha2": "IT", "numeric": "380", "name_en": "Italy",
                                     "name_fr": "Italie"}', 'a State as read')
  from register.state_version as v where v.code = 'ITA';
select is(register.entry_as_json('{"periods": []}'), null, 'no line, no entry into force');
select is(register.entry_as_json('{"periods": [{"in_force_on": "1997-05-01", "consent": "ITA-2"}]}'),
          '{"in_force_on": "1997-05-01", "consent": "ITA-2"}', 'the last period says when');

-- The load corrects names and memberships without any function of the law.
set local role ets144_owner;
select ok(register.begin_revision('load', 'Corrected.') > 0, 'a revision of the load');
update register.membership
   set recorded = tstzrange(lower(recorded), (select at from register.revision))
 where state = 'AND';
update register.state_version
   set recorded = tstzrange(lower(recorded), (select at from register.revision))
 where code = 'AND';
insert into register.state_version
select (jsonb_populate_record(v, jsonb_build_object('name_en', 'The Valleys of Andorra',
           'recorded', tstzrange(r.at, null), 'revision', r.number))).*
  from register.state_version as v, register.revision as r where v.code = 'AND';
select lives_ok('select register.log_changes()', 'tells its changes');
reset role;
select is(array(select line from pg_temp.told()), '{state corrected AND,status changed AND}',
          'a name and a membership that the load corrects are told');
set local role ets144_owner;
select lives_ok('select register.log_changes()', 'and asked again');
reset role;
select is_empty('select * from pg_temp.told()', 'nothing');

select * from finish();
rollback;
