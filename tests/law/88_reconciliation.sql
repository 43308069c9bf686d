-- An official chart beside the register.
begin;
select no_plan();

create function pg_temp.chart(variadic rows jsonb[]) returns jsonb
    language sql
    return (select jsonb_agg(row.said || jsonb_build_object('line', row.line) order by row.line)
              from unnest(rows) with ordinality as row (said, line));

create function pg_temp.outcome(of_state text, variadic rows jsonb[]) returns text
    language sql
    return (select r.outcome || ' ' || (
                       select string_agg(field ->> 'outcome', ' ' order by place)
                         from jsonb_array_elements(r.fields) with ordinality as f (field, place))
              from register.reconcile(pg_temp.chart(variadic rows), '2026-11-24', 'infinity', true, 'en')
                   as r
             where r.state = of_state);

create function pg_temp.operations(variadic rows jsonb[]) returns jsonb
    language sql
    return (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'op', o.op, 'type', 'action', 'reference', o.reference,
                       'version', o.version, 'document', o.document))
                       order by o.state, o.place, o.reference), '[]')
              from register.chart_operations(pg_temp.chart(variadic rows), '2026-11-24', 'infinity', true)
                       as o);

-- The operations on one State, of a chart that has a row which is not understood: nothing is voided.
create function pg_temp.proposed(of_state text, said jsonb) returns text
    language sql
    return (select string_agg(concat_ws(' ', o.op, coalesce(o.reference, o.document ->> 'kind'),
                                        o.document ->> 'date'), ', '
                              order by o.place, o.reference)
              from register.chart_operations(pg_temp.chart(said, '{"name": "Nowhere"}'), '2026-11-24',
                                             'infinity', true) as o
             where o.state = of_state);

create function pg_temp.named(code text, name text) returns text
    language sql
    return (select r.state from register.chart_rows(jsonb_build_array(jsonb_build_object(
                'line', 1, 'code', code, 'name', name))) as r);

-- Names --------------------------------------------------------------------------------------

select is(register.name_key('Türkiye'), register.name_key('TURKIYE *'), 'accents and marks are no names');
select is(register.name_key('L’Italie (1)'), 'l italie', 'nor brackets');
select is(pg_temp.named(null, 'République de Moldova'), 'MDA', 'a name in French');
select is(pg_temp.named('bul', null), 'BGR', 'the Treaty Office''s code');
select is(pg_temp.named('ITA', 'Italie'), 'ITA', 'a code and a name of one State');
select is(pg_temp.named('ITA', 'France'), null, 'and of two, which is neither');
select is(pg_temp.named('GRE', 'Greece'), 'GRC', 'a code that others use');
select is(pg_temp.named('XXX', 'Greece'), 'GRC', 'an unknown code beside a known name');
select is(pg_temp.named(null, null), null, 'nothing is no State');
select is(pg_temp.named('', ''), null, 'nor is an empty text');
select is_empty(
    $$select key from register.state_keys() group by key having count(*) > 1$$,
    'nothing that a State is known by is another''s');
select is_empty(
    $$select name from register.state_name
       where pg_temp.named(case when kind <> 'name' then name end,
                                  case when kind = 'name' then name end) is distinct from state$$,
    'each State is known by its other names and codes');
select is_empty(
    $$select version.code from register.named_state as version
       where pg_temp.named(null, version.name_en) is distinct from version.code
          or pg_temp.named(null, version.name_fr) is distinct from version.code
          or pg_temp.named(version.alpha2, null) is distinct from version.code$$,
    'each State is known by its own names and codes');
select results_eq(
    $$select line, state, nth from register.chart_rows(pg_temp.chart('{"name": "Italy"}',
        '{"code": "ITA"}', '{"name": "Atlantis"}')) order by line$$,
    $$values (1, 'ITA', 1::bigint), (2, 'ITA', 2), (3, null, 1)$$, 'a State''s rows are counted');

-- Days ---------------------------------------------------------------------------------------

select results_eq(
    $$select register.days_agree(ours, theirs)
        from (values (null::daterange, null::daterange),
                     (null, '[2000-01-01,2000-01-02)'), ('[2000-01-01,2000-01-02)', null),
                     ('[2000-01-01,2000-01-02)', '[2000-01-01,2000-01-02)'),
                     ('[1999-01-01,2001-01-01)', '[2000-01-01,2000-01-02)'),
                     ('[1999-01-01,2000-01-01)', '[2000-01-01,2000-01-02)')) as days (ours, theirs)$$,
    $$values ('agrees'), ('only_chart'), ('only_register'), ('agrees'), ('compatible'), ('differs')$$,
    'two days agree, may agree, or do not');
select is(register.chart_days('{"date": "2000-01-01", "not_before": "1999-01-01"}'),
    '[2000-01-01,2000-01-02)'::daterange, 'a day is a day, whatever its bounds');
select is(register.chart_days('{"not_after": "2000-01-01"}'), '(,2000-01-02)'::daterange
    * daterange('-infinity', null), 'bounds may be open');
select is(register.chart_days(null), null, 'no act has no days');

-- States -------------------------------------------------------------------------------------

select is(pg_temp.outcome('CZE', '{"code": "CZE", "signature": {"date": "2000-06-07"},
    "consent": {"date": "2015-07-17"}, "entry_into_force": "2015-11-01",
    "letters": {"R": true, "D": false}}'), 'agrees agrees agrees agrees agrees', 'both sides agree');
select is(pg_temp.outcome('CZE', '{"code": "CZE", "signature": {"date": "2000-06-07"},
    "consent": {"date": "2015-07-18"}, "entry_into_force": "2015-11-01", "letters": {"D": true}}'),
    'differs agrees differs agrees differs', 'or differ, field by field');
select is(pg_temp.outcome('ITA', '{"code": "ITA", "signature": {"date": "1993-02-05"},
    "consent": {"date": "1994-05-26"}, "entry_into_force": "1997-05-01"}'),
    'compatible compatible agrees agrees', 'a day that is not confirmed may be the chart''s');
select is(pg_temp.outcome('SWE', '{"code": "FRA"}'), 'only_register only_register only_register only_register',
    'a State that the chart has not');
select is(pg_temp.outcome('SWE', '{"name": "Nowhere"}'), 'not_compared not_compared not_compared not_compared',
    'is not compared while a row may be its');
select is(pg_temp.outcome('FRA', '{"code": "FRA"}'), 'agrees agrees agrees agrees',
    'a State that has done nothing on either side');
select is(pg_temp.outcome('FRA', '{"name": "Nowhere"}'), null, 'is of no interest if the chart leaves it out');

-- What is proposed ---------------------------------------------------------------------------

select is(pg_temp.proposed('CZE', '{"code": "CZE", "signature": {"date": "2000-06-07"},
    "consent": {"date": "2015-07-17"}, "entry_into_force": "2015-11-01"}'), null,
    'nothing where both agree');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "signature": {"date": "1992-02-06"}}'),
    'record signature 1992-02-06', 'an act that only the chart has would be recorded');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "signature": {"date": "1992-02-06"},
    "consent": {"date": "2001-05-05"}}'),
    'record signature 1992-02-06, record ratification 2001-05-05', 'signature and ratification together');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "signature": {"not_before": "1992-02-06"},
    "consent": {"date": "2001-05-05"}}'),
    'record signature, record ratification 2001-05-05', 'also a signature whose day is not known');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "consent": {"date": "2001-05-05"}}'), null,
    'a member''s ratification without signature is not proposed');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "consent": {"date": "2001-05-05", "letter": "a"}}'), null,
    'nor a member''s accession');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "signature": {"date": "2002-02-06"},
    "consent": {"date": "2001-05-05"}}'), null, 'nor a signature after the ratification');
select is(pg_temp.proposed('AUT', '{"code": "AUT", "signature": {"date": "1992-02-04"}}'), null,
    'nor a signature before the Convention was open');
select is(pg_temp.proposed('AUT', '{"code": "AUT", "signature": {"date": "1999-02-04", "letter": "s"}}'), null,
    'nor a signature that is to bind');
select is(pg_temp.proposed('AUT', '{"code": "AUT", "signature": {"date": "2999-02-04"}}'), null,
    'nor an act to come');
select is(pg_temp.proposed('RUS', '{"code": "RUS", "consent": {"date": "2023-02-06"}}'),
    'record accession 2023-02-06', 'a State that is no member accedes');
select is(pg_temp.proposed('RUS', '{"code": "RUS", "consent": {"date": "1997-02-06"}}'), null,
    'but not as long as it was one');
select is(pg_temp.proposed('RUS', '{"code": "RUS", "consent": {"date": "1994-02-06"}}'), null,
    'nor before the Convention was in force');
select is(pg_temp.proposed('GBR', '{"code": "GBR"}'), null,
    'nothing is voided while a row is not understood');
select is(pg_temp.operations('{"code": "GBR"}')
    @> '[{"op": "void", "type": "action", "reference": "GBR-1", "version": 1}]', true,
    'else an act that only the register has would be voided');
select is(pg_temp.proposed('DNK', '{"code": "DNK", "signature": {"date": "1992-02-05"},
    "consent": {"date": "2000-04-07"}, "entry_into_force": "2000-08-01"}'),
    'correct DNK-1 1992-02-05, correct DNK-2 2000-04-07, correct DNK-3 2000-04-07, '
    'correct DNK-4 2000-04-07', 'what was done at the deposit moves with it');
select is(o.document ->> 'published_effective_date', '2015-12-01',
    'an entry into force is published with the consent')
  from register.chart_operations(pg_temp.chart('{"code": "CZE", "signature": {"date": "2000-06-07"},
           "consent": {"date": "2015-07-17"}, "entry_into_force": "2015-12-01"}'), '2026-11-24',
           'infinity', true) as o
 where o.reference = 'CZE-2';
select is(o.document ->> 'verification', 'confirmed', 'which leaves its day as it was')
  from register.chart_operations(pg_temp.chart('{"code": "CZE", "signature": {"date": "2000-06-07"},
           "consent": {"date": "2015-07-17"}, "entry_into_force": "2015-12-01"}'), '2026-11-24',
           'infinity', true) as o
 where o.reference = 'CZE-2';
select results_eq(
    $$select o.reference, o.document ->> 'date', o.document ->> 'verification',
             o.document ->> 'not_before', o.document -> 'sources' ? register.chart_address()
        from register.chart_operations(pg_temp.chart('{"code": "ITA",
                 "signature": {"date": "1993-02-05"}, "consent": {"date": "1994-05-26"},
                 "entry_into_force": "1997-05-01"}'), '2026-11-24', 'infinity', true) as o
       where o.state = 'ITA'$$,
    $$values ('ITA-1', '1993-02-05', 'single_source', null, true)$$,
    'a day that may be the chart''s would be settled by it');
select is(register.document_of_version('NLD-5', 1) -> 'territories',
    '{"covered": ["NL-Europe"], "left_out": []}', 'a correction keeps the rest of the content');
select is(register.act_by_chart(register.chart_act('{"not_before": "1999-01-01"}', '2000-01-01'),
                                'signature', null, '{}'),
    jsonb_build_object('kind', 'signature', 'date', null, 'not_before', '1999-01-01',
                       'not_after', '2000-01-01', 'published_effective_date', null,
                       'verification', 'unconfirmed', 'sources', array[register.chart_address()]),
    'a day that the chart does not know is none');
select is(register.chart_act(null, '2000-01-01'), null, 'no act stays none');

-- What a note accepts ----------------------------------------------------------------------------

create function pg_temp.accepted(of_state text, said jsonb) returns boolean
    language sql
    return (select r.accepted
              from register.reconcile(pg_temp.chart(said), '2026-11-24', 'infinity', true, 'en') as r
             where r.state = of_state);
select lives_ok(
    $$select register.operation_apply('record', 'note', null, '{"state": "SVN", "outcome": "accepted", "text_en": "A misprint.",
          "subject": {"difference": "signature", "register": {"date": "2006-11-23"},
                      "chart": {"date": "2006-11-24"}}}', 'tests')$$, 'a difference is accepted');
select is(pg_temp.proposed('SVN', '{"code": "SVN", "signature": {"date": "2006-11-24"}}'), null,
    'nothing is proposed of it');
select ok(pg_temp.accepted('SVN', '{"code": "SVN", "signature": {"date": "2006-11-24"}}'),
    'and it is told apart');
select ok(not pg_temp.accepted('SVN', '{"code": "SVN", "signature": {"date": "2006-11-25"}}'),
    'from a new one');
select ok(not pg_temp.accepted('SVN', '{"code": "SVN", "signature": {"date": "2006-11-24"},
                                        "letters": {"R": true}}'), 'also of another field');
select ok(not pg_temp.accepted('SVN', '{"code": "SVN", "signature": {"date": "2006-11-23"}}'),
    'where both agree there is nothing to accept');
select is(pg_temp.proposed('SVN', '{"code": "SVN", "signature": {"date": "2006-11-25"}}'),
    'correct SVN-1 2006-11-25', 'of which an operation is proposed');

-- The law takes what is proposed, as it is, and then nothing is left to be done.
create function pg_temp.sent(variadic rows jsonb[]) returns text
    language plpgsql
as $$
declare
    left_to_do jsonb;
begin
    perform register.changeset_record(
                jsonb_build_object('reason', 'By the chart.',
                                   'operations', pg_temp.operations(variadic rows)), 'tests');
    select jsonb_agg(o.state || ' ' || o.op) into left_to_do
      from register.chart_operations(pg_temp.chart(variadic rows), '2026-11-24', 'infinity', true) as o;
    return left_to_do;
end
$$;
create function pg_temp.row_of(state text, signed text default null, bound text default null,
                               force text default null) returns jsonb
    language sql
    return jsonb_strip_nulls(jsonb_build_object(
        'code', state, 'signature', jsonb_build_object('date', signed),
        'consent', jsonb_build_object('date', bound), 'entry_into_force', force));
-- Each State on each of its days moved by some, bound or not, together with all others.
create function pg_temp.moved(signed integer, bound integer) returns jsonb[]
    language sql
    return (select array_agg(jsonb_strip_nulls(jsonb_build_object(
                       'code', held.state,
                       'signature', case when held.signature is not null then jsonb_build_object(
                           'date', least(coalesce(held.signature_date, held.signature_not_after),
                                         coalesce(held.consent_date, held.consent_not_after,
                                                  '2026-11-24')) + moved.signed) end,
                       'consent', case when held.consent is not null and moved.bound is not null
                           then jsonb_build_object('date',
                               coalesce(held.consent_date, held.consent_not_after)
                               + moved.bound) end)))
              from register.periods_on('2026-11-24', 'infinity') as held
             where held.signature is not null);
select is(pg_temp.sent(variadic pg_temp.moved(0, 1)), null, 'the deposits a day later');
select is(pg_temp.sent(variadic pg_temp.moved(1, 1)), null, 'signatures and deposits a day later');
select is(pg_temp.sent(variadic pg_temp.moved(0, -1)), null, 'the deposits a day sooner');
select is(pg_temp.sent(variadic pg_temp.moved(0, null)), null, 'no deposit at all');
select is(pg_temp.sent('{"code": "FRA"}'), null, 'nothing at all');
select is((select count(*) from register.actions_known('infinity') as k), 0::bigint,
    'all acts go, whatever hangs on them');

select * from finish();
rollback;
