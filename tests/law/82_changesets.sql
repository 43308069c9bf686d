-- Changesets: operations that are judged together and recorded as one revision, or not at all.
begin;
select no_plan();

create function pg_temp.says(state text, kind text, day text, more jsonb default '{}')
    returns jsonb
    language sql
    return jsonb_build_object('state', state, 'kind', kind, 'date', day, 'verification',
                              'single_source', 'sources', array['https://source.example']) || more;

create function pg_temp.records(document jsonb, name text default null) returns jsonb
    language sql
    return jsonb_build_object('op', 'record', 'type', 'action', 'name', name, 'document', document);

create function pg_temp.corrects(reference text, version integer, document jsonb) returns jsonb
    language sql
    return jsonb_build_object('op', 'correct', 'type', 'action', 'reference', reference, 'version',
                              version, 'document', document);

create function pg_temp.changeset(variadic operations jsonb[]) returns text
    language sql
    return (register.changeset_record(
                jsonb_build_object('reason', 'Tried.', 'operations', to_jsonb(operations)),
                'tests')).reference;

create function pg_temp.reverts(changeset text) returns text
    language sql
    return (register.changeset_revert(changeset, '{"reason": "Undone."}', 'tests')).reference;

-- What is wrong, as lines of text.
create function pg_temp.wrong(variadic operations jsonb[]) returns text[]
    language plpgsql
as $$
declare
    told text;
begin
    perform pg_temp.changeset(variadic operations);
    return null;
exception
    when sqlstate 'T6002' then
        get stacked diagnostics told = pg_exception_detail;
        return (select array_agg(concat_ws(' ', fault ->> 'line', fault ->> 'field',
                                           fault ->> 'rule') order by place)
                  from jsonb_array_elements(told::jsonb -> 'faults') with ordinality
                       as listed (fault, place));
end
$$;

-- One revision -------------------------------------------------------------------------------

create temporary table package as select pg_temp.changeset(
    pg_temp.records(pg_temp.says('PRT', 'chapter_exclusion', '2020-02-01',
                                 '{"chapters": ["C"], "refers_to": "#deposit"}')),
    pg_temp.records(pg_temp.says('prt', 'ratification', '2020-02-01'), '#deposit'),
    pg_temp.records(pg_temp.says('PRT', 'signature', '2020-01-01'))) as reference;
select results_eq($$select place, op, type, done.reference, version, state, changed, internal
                      from register.changeset_operation as done
                      join package on package.reference = done.changeset order by place$$,
    $$values (1, 'record', 'action', 'PRT-1', 1, 'PRT', true, false),
             (2, 'record', 'action', 'PRT-2', 1, 'PRT', true, false),
             (3, 'record', 'action', 'PRT-3', 1, 'PRT', true, false)$$,
    'an order of operations is no order of days');
select is((select changeset.revision - changeset.revision_before
             from register.changeset join package using (reference)), 1::bigint,
    'a changeset is one revision');
select is((select refers_to from register.action_version where reference = 'PRT-1'), 'PRT-2',
    'a local name is the reference that its record gets');
select is((select count(*) from register.change as c join register.changeset as done
             on done.revision = c.revision where c.category = 'status'), 1::bigint,
    'and the feed tells of one status');

-- Together or not at all ----------------------------------------------------------------------

select is(pg_temp.wrong(pg_temp.corrects('PRT-3', 1, pg_temp.says('PRT', 'signature', '2020-03-01'))),
    array['date signature_before_consent'], 'a signature alone cannot be moved behind its consent');
select is(pg_temp.wrong(pg_temp.records(pg_temp.says('DEU', 'ratification', '2020-03-01')),
                        pg_temp.records(pg_temp.says('ESP', 'signature', '2020-03-01')),
                        pg_temp.records(pg_temp.says('XXX', 'signature', '2020-03-01'))),
    array['1 document/date signature_before_consent', '3 document/state state_exists'],
    'all faults are told, those of the law and those of form');
create temporary table moved as select pg_temp.changeset(
    pg_temp.corrects('PRT-1', 1, pg_temp.says('PRT', 'chapter_exclusion', '2020-04-01',
                                              '{"chapters": ["C"], "refers_to": "PRT-2"}')),
    pg_temp.corrects('PRT-2', 1, pg_temp.says('PRT', 'ratification', '2020-04-01')),
    pg_temp.corrects('PRT-3', 1, pg_temp.says('PRT', 'signature', '2020-04-01'))) as reference;
select is((select in_force_on from register.status_at('2021-01-01', 'infinity')
            where state = 'PRT'), date '2020-08-01', 'acts of one day move together');

-- What was read -------------------------------------------------------------------------------

select throws_ok($$select pg_temp.changeset(pg_temp.corrects('PRT-3', 1,
    pg_temp.says('PRT', 'signature', '2020-03-01')))$$, 'T5003', null,
    'a version that is not the newest is not corrected');
select results_eq($$select line, reference, version, newest_version, changed_by, members
                      from register.stale_operations(array(
                               select asked::register.operation
                                 from register.operations_read(jsonb_build_array(
                                          pg_temp.corrects('PRT-3', 1, '{}'),
                                          pg_temp.corrects('PRT-2', 2, '{}'),
                                          pg_temp.corrects('PRT-1', 9, '{}'))) as asked))$$,
    $$values (1, 'PRT-3', 1, 2, 'tests', array['date']),
             (3, 'PRT-1', 9, 2, 'tests', array[]::text[])$$,
    'each is told with who changed it and in what');

-- Reverting -----------------------------------------------------------------------------------

select throws_ok($$select pg_temp.reverts(reference) from package$$, 'T5003', null,
    'what was changed since is not reverted');
select throws_ok($$select pg_temp.reverts('none')$$, 'T5001', null, 'nor what never was');
create temporary table back as select pg_temp.reverts(reference) as reference from moved;
select is((select in_force_on from register.status_at('2021-01-01', 'infinity')
            where state = 'PRT'), date '2020-06-01', 'a correction is taken back as a whole');
create temporary table gone as select pg_temp.reverts(reference) as reference from package;
select is((select status from register.status_at('2021-01-01', 'infinity') where state = 'PRT'),
    'no_action', 'what was recorded is voided, whatever it depends on');
create temporary table again as select pg_temp.reverts(reference) as reference from gone;
select results_eq($$select op, done.reference, version from register.changeset_operation as done
                      join again on again.reference = done.changeset order by place$$,
    $$values ('restore', 'PRT-1', 5), ('restore', 'PRT-2', 5), ('restore', 'PRT-3', 5)$$,
    'and the revert of a revert restores it');
select is((select status from register.status_at('2021-01-01', 'infinity') where state = 'PRT'),
    'party', 'as it was');
select throws_ok($$select pg_temp.reverts(reference) from gone$$, 'T5003', null,
    'a changeset is reverted once');

-- Calls and the outlook -----------------------------------------------------------------------

create function pg_temp.entry(state text, visibility text, day text) returns jsonb
    language sql
    return jsonb_build_object('op', 'record', 'type', 'outlook', 'document', jsonb_build_object(
        'state', state, 'stage', 'no_plan', 'date', day, 'visibility', visibility,
        'sources', array['https://source.example']));

select is(pg_temp.wrong(pg_temp.entry('DEU', 'public', '2021-01-01'),
                        pg_temp.records(pg_temp.says('DEU', 'ratification', '2020-01-01')),
                        pg_temp.records(pg_temp.says('DEU', 'signature', '2020-01-01'))),
    array['1 document/date outlook_before_party'],
    'the outlook of a State ends where the same changeset makes it a Party');
select is(pg_temp.wrong('{"op": "record", "type": "call", "document": {"reference": "CG-REC-304",
        "body": "congress", "date": "2020-01-01", "title_en": "A", "title_fr": "B",
        "asks_for": ["signature"], "asks_en": "A", "asks_fr": "B", "verification": "unconfirmed"}}'),
    array['1 document/reference call_reference_free'], 'a call has a reference of its own');

create temporary table before_internal as select number from register.revision;
create temporary table hidden as
select pg_temp.changeset(pg_temp.entry('DEU', 'internal', '2021-01-01')) as reference;
select is((select number from register.revision), (select number from before_internal),
    'what is internal alone makes no revision');
select is_empty($$select seen.reference from register.changesets_seen('{}') as seen
                    join hidden using (reference)$$,
    'the journal of the public has no changeset that is internal');
select is((select seen.operation_count from register.changesets_seen('{outlook}') as seen
             join hidden using (reference)), 1::bigint, 'the secretariat sees it');
select is((select count(*) from register.changeset_operations_seen(
              (select reference from hidden), '{outlook}')), 1::bigint, 'and its operations');
select is(pg_temp.wrong(pg_temp.entry('DEU', 'internal', '2021-02-01'),
                        pg_temp.entry('DEU', 'public', '2021-02-02')),
    array['1 document/visibility internal_apart'], 'what is internal has changesets of its own');
select lives_ok($$select pg_temp.changeset(pg_temp.entry('DEU', 'internal', '2021-03-01'),
                                           pg_temp.entry('DEU', 'internal', '2021-03-02'))$$,
    'of one operation or several');
select throws_ok($$select register.changeset_record('{"reason": " ", "operations": [{"op": "void",
    "type": "call", "reference": "CG-REC-304", "version": 1}]}', 'tests')$$, 'T4018', null,
    'a reason is more than white space');

-- A restored entry is judged like a new one.
create temporary table said as select pg_temp.changeset(pg_temp.entry('GRC', 'public', '2021-01-01'))
    as reference;
create temporary table unsaid as select pg_temp.reverts(reference) as reference from said;
select lives_ok($$select pg_temp.changeset(
    pg_temp.records(pg_temp.says('GRC', 'signature', '2020-01-01')),
    pg_temp.records(pg_temp.says('GRC', 'ratification', '2020-01-01')))$$, 'the State became a Party');
select throws_ok($$select pg_temp.reverts(reference) from unsaid$$, 'T6002', null,
    'the outlook of a Party is not restored');
set constraints all immediate;

-- Append-only ---------------------------------------------------------------------------------

select throws_ok($$delete from register.changeset$$, 'T5009', null, 'the journal is append-only');
select throws_ok($$update register.changeset_operation set version = 1$$, 'T5009', null,
    'and so are its operations');

select * from finish();
rollback;
