-- Imports: many actions at once, all of them or none.
begin;
select no_plan();

create function pg_temp.row(line integer, state text, kind text, day text, more jsonb default '{}')
    returns jsonb
    language sql
    return jsonb_build_object('line', line, 'document',
        jsonb_build_object('state', state, 'kind', kind, 'date', day, 'verification',
                           'single_source', 'sources', array['https://source.example']) || more);

create function pg_temp.import(variadic rows jsonb[]) returns text
    language sql
    return (select reference
              from register.import_record(to_jsonb(rows), sha256('a file'), 'tests'));

-- What is wrong, as lines of text; null: nothing is, and it is imported.
create function pg_temp.wrong(variadic rows jsonb[]) returns text[]
    language plpgsql
as $$
declare
    told text;
begin
    perform pg_temp.import(variadic rows);
    return null;
exception
    when sqlstate 'T6001' then
        get stacked diagnostics told = pg_exception_detail;
        return (select coalesce(array_agg(concat_ws(' ', fault ->> 'line', fault ->> 'field',
                                                    fault ->> 'rule') order by place), '{}')
                  from jsonb_array_elements(told::jsonb -> 'faults') with ordinality
                       as listed (fault, place));
end
$$;


-- One revision -------------------------------------------------------------------------------

select lives_ok($$create temporary table first as select pg_temp.import(
    pg_temp.row(2, 'prt', 'ratification', '2020-02-01'),
    pg_temp.row(3, 'PRT', 'signature', '2020-01-01', '{"reason": "As the list says."}'),
    pg_temp.row(4, 'ITA', 'communication', '2020-01-01', '{"reference": "ita-20"}'),
    pg_temp.row(5, 'ITA', 'communication', '2020-01-02')) as id$$,
    'an order of rows is no order of days');
select results_eq($$select line, reference, entered from register.import_row
                      join first on id = import order by line$$,
    $$values (2, 'PRT-1', true), (3, 'PRT-2', true), (4, 'ITA-20', true), (5, 'ITA-21', true)$$,
    'a State''s next number is behind all that it has, and follows the file');
select results_eq($$select revision_before, revision, author from register.import
                      join first on id = reference$$,
    $$values (1::bigint, 2::bigint, 'tests')$$, 'the whole is one revision');
select results_eq($$select reference, reason, revision from register.action_version
                     where revision = 2 order by reference$$,
    $$values ('ITA-20', 'Imported.', 2::bigint), ('ITA-21', 'Imported.', 2), ('PRT-1', 'Imported.', 2),
             ('PRT-2', 'As the list says.', 2)$$, 'and each action says why it is there');
select results_eq($$select distinct revision from register.change where reference like 'PRT-%'$$,
    $$values (2::bigint)$$, 'which is told to those who follow');
select is((select status from register.status_at('2020-02-01', 'infinity') where state = 'PRT'),
    'contracting_state', 'the law takes the whole as it stands');
select throws_ok($$delete from register.import$$, 'T5009', null, 'a report is kept');
select throws_ok($$update register.import_row set line = line + 1$$, 'T5009', null,
    'as it was made');

-- Again --------------------------------------------------------------------------------------

select is(pg_temp.wrong(pg_temp.row(2, 'PRT', 'signature', '2020-01-01'),
                        pg_temp.row(3, 'PRT', 'ratification', '2020-02-01', '{"reference": "PRT-1"}')),
    null, 'what is there already is fine, with its reference or without');
select is((select number from register.revision), 2::bigint, 'and makes no revision');
create temporary table second as select pg_temp.import(
    pg_temp.row(2, 'ITA', 'communication', '2020-01-02'),
    pg_temp.row(3, 'ITA', 'communication', '2020-01-02'),
    pg_temp.row(4, 'ITA', 'communication', '2020-01-01', '{"reference": "ITA-20"}')) as id;
select results_eq($$select reference, entered from register.import_row
                      join second on id = import order by line$$,
    $$values ('ITA-21', false), ('ITA-22', true), ('ITA-20', false)$$,
    'two rows that say the same are two actions, and the first is the one that stands');
select is(reference, 'ITA-22', 'a voided action')
  from register.operation_apply('void', 'action', 'ITA-22', '{"reason": "a test"}', 'tests');
create temporary table third as select pg_temp.import(
    pg_temp.row(2, 'ITA', 'communication', '2020-01-02'),
    pg_temp.row(3, 'ITA', 'communication', '2020-01-02')) as id;
select results_eq($$select reference, entered from register.import_row
                      join third on id = import order by line$$,
    $$values ('ITA-21', false), ('ITA-23', true)$$, 'is nobody''s any more');
select is(pg_temp.wrong(pg_temp.row(2, 'ITA', 'communication', '2020-01-02',
                                    '{"reference": "ITA-22"}')),
    '{2 reference reference_unchanged}', 'nor does it come back by its reference');

-- What is refused ----------------------------------------------------------------------------

create temporary view trace as
select (select number from register.revision) as revision,
       (select count(*) from register.action_version) as versions,
       (select count(*) from register.import_row) as rows;
create temporary table before as select revision, versions, rows from trace;

select is(pg_temp.wrong(
        pg_temp.row(7, 'FRA', 'ratification', '2020-01-01'),
        pg_temp.row(8, 'XXX', 'signature', '2020-01-01'),
        pg_temp.row(9, 'DEU', 'applause', '2020-01-01'),
        pg_temp.row(10, 'DEU', 'signature', '1990-01-01')),
    '{"7 date signature_before_consent","8 state state_exists","9 kind kind_exists","10 date open_for_signature"}',
    'all that is wrong is told, in the order of the lines');
select is(pg_temp.wrong('{"line": 2, "state": "FRA"}',
        pg_temp.row(3, 'FRA', 'ratification', '2020-01-01'),
        pg_temp.row(4, 'DEU', 'ratification', '2020-01-01')),
    '{"4 date signature_before_consent"}',
    'of a State with a row that cannot be read nothing is said by the law');
select is(pg_temp.wrong('{"line": 2, "state": null}',
        pg_temp.row(4, 'DEU', 'ratification', '2020-01-01'),
        pg_temp.row(5, 'DEU', 'signature', '2020-01-01', '{"reference": "FRA-1"}')),
    '{"5 reference reference_of_state"}', 'and nothing of any, if the State cannot be read');
select is(pg_temp.wrong('{"line": 2, "state": "FRA"}'), '{}',
    'a row that cannot be read is refused by itself');
select is(pg_temp.wrong(pg_temp.row(2, 'ITA', 'ratification', '1993-01-01')),
    '{"kind no_second_consent"}',
    'what a file makes unlawful in what was there has no line');
select results_eq('select * from trace', 'select * from before', 'nothing of all this is left');

create temporary table many as
select array_agg(pg_temp.row(n, 'FRA', 'accession', '2020-01-01')) as rows
  from generate_series(1, 1500) as n;
create function pg_temp.counted() returns bigint[]
    language plpgsql
as $$
declare
    told text;
begin
    perform pg_temp.import(variadic many.rows) from many;
    return null;
exception
    when sqlstate 'T6001' then
        get stacked diagnostics told = pg_exception_detail;
        return array[(told::jsonb ->> 'count')::bigint,
                     jsonb_array_length(told::jsonb -> 'faults')];
end
$$;
select is(pg_temp.counted(), '{2999,1000}', 'a thousand faults are told, and all are counted');

-- Before the Convention is in force its own entry into force may hang on a row that is missing.
set local session_replication_role = replica;
delete from register.period;
delete from register.action_version;
delete from register.action;
set local session_replication_role = origin;
select is(pg_temp.wrong('{"line": 2, "state": "SWE"}',
        pg_temp.row(3, 'FRA', 'ratification', '2020-01-01')),
    '{}', 'then the law says nothing of the others either');

select service.token_create('importer', sha256('i'), '{imports:write}', null);
set local role ets144_service;
select service.write_begin(sha256('i'), null, null, null, false);
select lives_ok($$select service.import_record(jsonb_build_array(jsonb_build_object('line', 2,
    'document', jsonb_build_object('state', 'PRT', 'kind', 'signature', 'date', '2020-01-01',
    'verification', 'single_source', 'sources', array['https://source.example']))), sha256('x'))$$,
    'but imports');

select * from finish();
rollback;
