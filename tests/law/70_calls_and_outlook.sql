-- Calls and what followed them; the outlook, and who may see of it what.
begin;
select no_plan();

-- Calls ----------------------------------------------------------------------------------------

select results_eq(
    $$select reference, date from register.calls_known('2026-11-24', 'infinity') order by date$$,
    $$values ('FD-1999', date '1999-11-06'), ('PACE-REC-1500', date '2001-01-26'),
             ('CM-REPLY-9549', date '2002-09-18'), ('CG-REC-304', date '2011-03-24')$$,
    'the four calls of the record');
select is_empty($$select * from register.calls_known('1999-11-05', 'infinity')$$,
                'a call is not known of before its day');
select results_eq(
    $$select count(*), count(*) filter (where remains = '{}'), count(*) filter (where not member)
        from register.call_progress('CG-REC-304', '2026-11-24', 'infinity')$$,
    $$values (39::bigint, 1::bigint, 1::bigint)$$,
    'Recommendation 304 addressed 39 member States; one has done all since, one left');
select results_eq(
    $$select state, status_then, status, remains
        from register.call_progress('CG-REC-304', '2026-11-24', 'infinity')
       where state in ('CZE', 'GBR', 'FRA')
       order by state$$,
    $$values ('CZE', 'signatory', 'party', '{}'::text[]),
             ('FRA', 'no_action', 'no_action', '{signature,consent}'),
             ('GBR', 'signatory', 'signatory', '{consent}')$$,
    'the Czech Republic ratified, France did nothing, the United Kingdom has yet to ratify');
select results_eq(
    $$select state, request, register.has_done(status, request)
        from (values ('a', 'signatory', 'signature'), ('b', 'signatory', 'consent'),
                     ('c', 'contracting_state', 'consent'), ('d', 'former_party', 'signature'))
             as t (state, status, request)$$,
    $$values ('a', 'signature', true), ('b', 'consent', false), ('c', 'consent', true),
             ('d', 'signature', false)$$, 'what a status says has been done');

create function pg_temp.call(more jsonb default '{}') returns jsonb
    language sql
as $$
    select jsonb_build_object(
        'reference', 'CG-TEST-1', 'body', 'congress', 'date', '2020-01-01', 'title_en', 'A call',
        'title_fr', 'Un appel', 'asks_for', array['consent'], 'asks_en', 'To ratify.',
        'asks_fr', 'De ratifier.', 'verification', 'single_source',
        'sources', array['https://source.example']) || more
$$;
select is((select version from register.operation_apply('record', 'call', null, pg_temp.call(), 'tests')), 1,
          'a call is recorded');
select is((select version from register.operation_apply('correct', 'call', 'CG-TEST-1',
               pg_temp.call('{"clause": "7", "reason": "found"}'), 'tests')), 2, 'corrected');
select is((select version from register.operation_apply('correct', 'call', 'CG-TEST-1',
               pg_temp.call('{"clause": "7", "reason": "again"}'), 'tests')), 2,
          'what changes nothing makes no version');
select lives_ok($$select register.operation_apply('void', 'call', 'CG-TEST-1', '{"reason": "never made"}', 'tests')$$, 'and voided');
select is_empty($$select * from register.calls_known('2026-11-24', 'infinity')
                   where reference = 'CG-TEST-1' and not voided$$, 'a voided call stands no more');
select throws_ok($$select register.operation_apply('correct', 'call', 'CG-NONE', pg_temp.call('{"reason": "x"}'),
                                               'tests')$$, 'T5001', null, 'an unknown one is refused');

-- The outlook ----------------------------------------------------------------------------------

select results_eq(
    $$select count(*), count(*) filter (where stage = 'no_information')
        from register.outlook_at('2026-11-24', 'infinity', true)$$,
    $$values (37::bigint, 37::bigint)$$,
    'every member that is not a Party has an outlook, at first of no information');

create function pg_temp.entry(more jsonb default '{}') returns jsonb
    language sql
as $$
    select jsonb_build_object('state', 'FRA', 'stage', 'under_study', 'date', '2020-01-01',
                              'visibility', 'public',
                              'sources', array['https://source.example']) || more
$$;
create temporary table step (name text, reference text, revision bigint, at timestamptz);
create function pg_temp.did(name text, written register.write_result) returns void
    language sql
as $$
    insert into step select name, written.reference, written.revision, r.at from register.revision as r
$$;

select lives_ok($$select pg_temp.did('public',
    register.operation_apply('record', 'outlook', null, pg_temp.entry(), 'tests'))$$, 'a public entry');
select lives_ok($$select pg_temp.did('internal',
    register.operation_apply('record', 'outlook', null, pg_temp.entry('{"stage": "bill_tabled", "date": "2021-01-01",
                                           "visibility": "internal", "sources": []}'),
                            'tests'))$$, 'and a later internal one');
select is((select revision from step where name = 'internal'),
          (select revision from step where name = 'public'),
          'an internal change is no revision');
select results_eq(
    $$select (m).revision, (m).known_at from register.resolve_moment(null, null) as m$$,
    $$select revision, at from step where name = 'public'$$,
    'nor does the moment that everyone reads move');
select is((select known_at from register.resolve_moment(null, null, true)),
          (select at from step where name = 'internal'), 'that of the secretariat does');
select is((select stage from register.outlook_at('2026-11-24', 'infinity', false)
            where state = 'FRA'), 'under_study', 'everyone sees the public stage');
select is((select stage from register.outlook_at('2026-11-24', 'infinity', true)
            where state = 'FRA'), 'bill_tabled', 'the secretariat the internal one');
select is((select count(*) from register.outlook_known('2026-11-24', 'infinity', false)), 1::bigint,
          'an internal entry is not counted either');
select is((select stage from register.outlook_at('2020-06-01', 'infinity', true)
            where state = 'FRA'), 'under_study', 'as of a day before it, the older entry stands');
select lives_ok($$select pg_temp.did('published', register.operation_apply('correct', 'outlook', reference,
    pg_temp.entry('{"stage": "bill_tabled", "date": "2021-01-01", "reason": "announced"}'),
    'tests')) from step where name = 'internal'$$, 'what was internal is made public');
select is((select revision from step where name = 'published'),
          (select revision + 1 from step where name = 'internal'), 'which everyone sees as a revision');
select is((select stage from register.outlook_at('2026-11-24', (select at from step
            where name = 'public'), false) where state = 'FRA'), 'under_study',
          'what was not public then is not public in the past');
select lives_ok($$select register.operation_apply('void', 'outlook', reference, '{"reason": "mistaken"}', 'tests') from step
                   where name = 'published'$$, 'and voided');
select is((select stage from register.outlook_at('2026-11-24', 'infinity', true)
            where state = 'FRA'), 'under_study', 'then the older entry stands again');
select matches(register.uuid_v7(), '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
               'references are UUIDs of version 7');

select * from finish();
rollback;
