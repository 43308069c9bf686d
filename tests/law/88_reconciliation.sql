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
              from register.reconcile(pg_temp.chart(variadic rows), '2026-11-24', 'infinity', 'en') as r
             where r.state = of_state);

create function pg_temp.proposed(of_state text, variadic rows jsonb[]) returns jsonb
    language sql
    return (select r.to_record
              from register.reconcile(pg_temp.chart(variadic rows), '2026-11-24', 'infinity', 'en') as r
             where r.state = of_state);

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
    $$select version.code from register.state_version as version
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
select is(pg_temp.outcome('SWE', '{"name": "Nowhere"}'), 'only_register only_register only_register only_register',
    'a State that the chart has not');
select is(pg_temp.outcome('FRA', '{"code": "FRA"}'), 'agrees agrees agrees agrees',
    'a State that has done nothing on either side');
select is(pg_temp.outcome('FRA', '{"name": "Nowhere"}'), null, 'is of no interest if the chart leaves it out');

-- What is proposed ---------------------------------------------------------------------------

select is(pg_temp.proposed('CZE', '{"code": "CZE", "signature": {"date": "2000-06-07"},
    "consent": {"date": "2015-07-17"}, "entry_into_force": "2015-11-01"}'), '[]',
    'nothing where both agree');
select is(pg_temp.proposed('FRA', '{"code": "FRA", "signature": {"date": "1992-02-06"}}')
    -> 0 -> 'document', jsonb_build_object('state', 'FRA', 'kind', 'signature', 'date', '1992-02-06',
    'verification', 'single_source', 'sources', array[register.chart_address()]),
    'an act that only the chart has would be recorded');
select is(pg_temp.proposed('RUS', '{"code": "RUS", "consent": {"date": "2023-02-06"}}')
    -> 0 -> 'document' ->> 'kind', 'accession', 'by who is no member as an accession');
select is(pg_temp.proposed('GBR', '{"code": "GBR"}'),
    '[{"method": "DELETE", "address": "/v1/actions/GBR-1", "document": null}]',
    'one that only the register has would be voided');
select is(pg_temp.proposed('CZE', '{"code": "CZE", "signature": {"date": "2000-06-07"},
    "consent": {"date": "2015-07-17"}, "entry_into_force": "2015-12-01"}')
    -> 0 -> 'document' ->> 'published_effective_date', '2015-12-01',
    'an entry into force is published with the consent');
select results_eq(
    $$select proposed.item ->> 'address', proposed.item -> 'document' ->> 'date',
             proposed.item -> 'document' ->> 'verification',
             proposed.item -> 'document' ? 'not_before',
             proposed.item -> 'document' -> 'sources' ? register.chart_address()
        from jsonb_array_elements(pg_temp.proposed('ITA', '{"code": "ITA",
                 "signature": {"date": "1993-02-05"}, "consent": {"date": "1994-05-26"},
                 "entry_into_force": "1997-05-01"}')) as proposed (item)$$,
    $$values ('/v1/actions/ITA-1', '1993-02-05', 'single_source', false, true)$$,
    'a day that may be the chart''s would be settled by it');
select is(register.corrected_by_chart('NLD-5', null, null, 'fr') -> 'territories',
    '{"covered": ["NL-Europe"], "left_out": []}', 'a correction keeps the rest of the content');
select is(register.recorded_by_chart('FRA', 'signature', '{"not_after": "2000-01-01"}', null, true)
    ->> 'verification', 'unconfirmed', 'a day that the chart does not know is none');
select lives_ok(
    $$select register.operation_apply('correct', 'action', 'ITA-1', proposed.item -> 'document', 'tests')
        from jsonb_array_elements(pg_temp.proposed('ITA', '{"code": "ITA",
                 "signature": {"date": "1993-02-05"}, "consent": {"date": "1994-05-26"},
                 "entry_into_force": "1997-05-01"}')) as proposed (item)$$,
    'and the law takes it as it is');

select * from finish();
rollback;
