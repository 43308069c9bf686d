-- The chain of digests: what it covers, when it is made, and that each edit of the past is found.
begin;
select no_plan();

-- Canonical JSON (RFC 8785) ----------------------------------------------------------------------

select is(register.canonical_json(value::jsonb), canonical, what)
  from (values
    ('{"b": 1, "aa": [true, null, {"z": [], "y": {}}], "a": "x"}',
     '{"a":"x","aa":[true,null,{"y":{},"z":[]}],"b":1}', 'members are sorted, without spaces'),
    ('"\u20ac$\u000f\nA''\u0042\u0022\u005c\\\"\/é\u007f\b\t\f\r"',
     E'"€$\\u000f\\nA''B\\"\\\\\\\\\\"/é\x7f\\b\\t\\f\\r"', 'strings are escaped as the RFC does'),
    ('[]', '[]', 'an empty list'), ('{}', '{}', 'an empty object'), ('-12', '-12', 'a number'),
    ('null', 'null', 'nothing')) as example (value, canonical, what);
select throws_ok($$select register.canonical_json('{"a": [1.5]}')$$, '22003', null,
                 'a fraction has no place in the register');
select is(register.utc_text('2026-11-30 12:00:00.5+02'), '2026-11-30T10:00:00.500000Z',
          'a time has one form in every time zone');

-- The chain --------------------------------------------------------------------------------------

create function pg_temp.commit() returns void
    language plpgsql
as $$
begin
    set constraints all immediate;
    set constraints all deferred;
    update register.revision set opened_in = null;
end
$$;
create function pg_temp.document(day text, more jsonb default '{}') returns jsonb
    language sql
    return jsonb_build_object('state', 'PRT', 'kind', 'signature', 'date', day, 'verification',
                              'single_source', 'sources', array['https://source.example']) || more;
create function pg_temp.step(visibility text, note text) returns jsonb
    language sql
    return jsonb_build_object('state', 'PRT', 'stage', 'no_information', 'date', '2020-01-01',
                              'visibility', visibility, 'sources', array[]::text[], 'note_en', note,
                              'reason', 'a secret reason');
create function pg_temp.newest() returns bigint
    language sql
    return (select number from register.revision);

select register.operation_apply('record', 'action', null, pg_temp.document('2020-01-01'), 'tests');
select register.operation_apply('correct', 'action', 'PRT-1', pg_temp.document('2020-01-02', '{"reason": "typo"}'), 'tests');
select register.operation_apply('void', 'call', 'CG-REC-304', '{"reason": "a test"}', 'tests');
select is_empty('select * from register.revision_digest where revision = (select pg_temp.newest())',
                'a revision has no digest while its transaction may add to it');
select pg_temp.commit();
select results_eq(
    'select count(*) from register.revision_digest', 'select count(*) from register.revision_log',
    'when it commits each revision has a digest');
select is(register.revision_content(revision, recorded_digest, internal_digest) ->> 'previous',
          (select encode(earlier.digest, 'hex') from register.revision_digest as earlier
            where earlier.revision = held.revision - 1), format('revision %s follows', revision))
  from register.revision_digest as held;
select is_empty('select * from register.audit_chain(0, 1000)', 'every digest is that of its content');

select is(jsonb_array_length(register.revision_recorded(1)::jsonb -> 'versions'),
          (select count(*)::integer from register.every_version() where revision = 1),
          'a revision has all that its transaction recorded');
set local timezone = 'Pacific/Auckland';
set local datestyle = 'German, DMY';
select is_empty('select * from register.audit_chain(0, 1000)',
                'a digest does not depend on the settings of the session');
reset timezone;
reset datestyle;

savepoint early;
set constraints all immediate;
select throws_ok($$select register.operation_apply('record', 'action', null, pg_temp.document('2020-02-01',
                       '{"kind": "communication"}'), 'tests')$$, '55000', null,
                 'nor can a session have a digest computed before the transaction ends');
rollback to early;

select throws_ok(statement, 'T5009', null, statement)
  from (values ('update register.revision_digest set digest = sha256(salt)'),
               ('delete from register.revision_digest'), ('truncate register.revision_digest'),
               ('truncate service.access_token_log'),
               ('truncate service.access_token')) as attempt (statement);

select is((select count(*) from register.revision_page(1, 3, 5) as page
            cross join lateral jsonb_array_elements(page.recorded -> 'versions')), 5::bigint,
          'a page has as many items as are asked for');
select is((select next_place from register.revision_page(1, 3, 5)), 8::bigint,
          'and says where the next begins');

-- What is internal -------------------------------------------------------------------------------

select (register.operation_apply('record', 'outlook', null, pg_temp.step('internal', 'a hidden note'), 'tests')).reference
       as entry \gset
select pg_temp.commit();
select is((select count(*) from register.internal_digest), 1::bigint,
          'an internal change has a digest of its own at once');
select is(pg_temp.newest(), (select max(revision) from register.revision_digest),
          'and makes no revision');
select register.operation_apply('correct', 'outlook', :'entry', pg_temp.step('internal', 'another note'), 'tests');
select pg_temp.commit();
select register.operation_apply('correct', 'outlook', :'entry', pg_temp.step('public', 'a public note'), 'tests');
select pg_temp.commit();
create function pg_temp.shown() returns text
    language sql
    return (select string_agg(register.revision_recorded(revision)
                              || register.revision_content(revision, recorded_digest, internal_digest), '')
              from register.revision_digest);
create function pg_temp.hidden() returns jsonb
    language sql
    return (select register.revision_internal(revision, salt, tokens)
              from register.revision_digest where revision = pg_temp.newest());
select ok(pg_temp.shown() !~ 'hidden|another|secret', 'nothing internal is in what everybody sees');
select ok(pg_temp.shown() ~ 'a public note', 'but what became public');
select ok(pg_temp.hidden()::text ~ 'hidden' and pg_temp.hidden()::text ~ 'another',
          'the digest covers it, since the revision before');
select is(pg_temp.hidden() ->> 'reason', 'a secret reason',
          'and the reason for which it became public');
select register.operation_apply('correct', 'outlook', :'entry', pg_temp.step('internal', 'hidden again'), 'tests');
select pg_temp.commit();
select register.operation_apply('void', 'outlook', :'entry', '{"reason": "a secret reason"}', 'tests');
select pg_temp.commit();
select is_empty('select * from register.audit_internal_chain()', 'internal digests are sound');
select is_empty('select * from register.audit_chain(0, 1000)', 'and the chain is');
select is_empty('select * from register.audit_entries(0, 1000)',
                'and the feed is of the versions');
select is_empty('select * from register.audit()', 'and the history is');

-- Imports ----------------------------------------------------------------------------------------

create function pg_temp.import_of(day text) returns text
    language sql
    return (select result.reference from register.import_record(jsonb_build_array(jsonb_build_object(
                'line', 2, 'document', pg_temp.document(day, '{"kind": "communication"}'))),
                sha256('a file'), 'tests') as result);
select pg_temp.import_of('2020-03-01') as entered \gset
select pg_temp.commit();
select is(pg_temp.hidden() -> 'imports' -> 0 ->> 'reference', :'entered',
          'a revision covers the report of its import');
select pg_temp.import_of('2020-03-01') as unchanged \gset
select pg_temp.commit();
select is((select count(*) from register.import_digest), 2::bigint,
          'an import that entered nothing has a digest');
select is(pg_temp.hidden() #>> '{imports,1}', null, 'which is not in the revision before it');
select register.operation_apply('record', 'action', null, pg_temp.document('2020-03-02', '{"kind": "communication"}'), 'tests');
select pg_temp.commit();
select is(pg_temp.hidden() -> 'imports' -> 0 ->> 'reference', :'unchanged', 'but in the next');
select throws_ok(format('insert into register.import_row values (%L, 9, ''ITA-1'', true)', :'entered'),
                 '23505', null, 'no row is added to the report of an import');
select is(jsonb_array_length(register.revision_imports(pg_temp.newest())), 1, 'each is covered once');
select is((select digest from register.import_digest where import = :'entered'),
          register.import_digest_of(:'entered'), 'by the digest that its rows have');

-- Tokens -----------------------------------------------------------------------------------------

select service.token_create('one', sha256('1'), '{actions:write}', null);
select service.token_create('two', sha256('2'), '{actions:write}', '2030-01-01');
select service.token_rotate('two', sha256('22'));
select service.token_revoke('one');
select register.operation_apply('record', 'action', null, pg_temp.document('2021-01-01', '{"kind": "communication"}'), 'tests');
select pg_temp.commit();
select results_eq('select name, event from service.access_token_log order by number',
                  $$values ('one', 'created'), ('two', 'created'), ('two', 'rotated'), ('one', 'revoked')$$,
                  'what happens to a token is logged');
select is_empty('select * from register.audit_tokens()', 'the tokens are as they were logged');
select throws_ok('delete from service.access_token_log', 'T5009', null, 'the log is never changed');
select throws_ok($$set constraints register.digest_internal_change immediate;
                   select register.operation_apply('record', 'outlook', null, pg_temp.step('internal', 'early'), 'tests')$$,
                 '55000', null, 'nor is an internal change digested before it is logged');
select throws_ok('update register.internal_digest set digest = sha256(digest)', 'T5009', null,
                 'nor is an internal digest');

-- Damage -----------------------------------------------------------------------------------------

create function pg_temp.found_after(damage text) returns text[]
    language plpgsql
as $$
declare
    found text[];
begin
    begin
        set local session_replication_role = replica;
        execute damage;
        set local session_replication_role = origin;
        found := array(
            select distinct a.finding || ' ' || a.reference
              from (select finding, reference from register.audit_chain(0, 1000)
                     union all
                    select finding, reference from register.audit_internal_chain()
                     union all
                    select finding, reference from register.audit_entries(0, 1000)
                     union all
                    select finding, reference from register.audit_tokens()) as a);
        raise sqlstate 'UUUUU';
    exception
        when sqlstate 'UUUUU' then null;
    end;
    return found;
end
$$;

select ok(found = any (pg_temp.found_after(damage)), what)
  from (values
    ('a summary rewritten', 'digest_differs 1',
     $$update register.action_version set summary_en = 'x' where reference = 'ITA-2'$$),
    ('sources rewritten', 'digest_differs 1',
     $$update register.action_version set sources = '{}' where reference = 'ITA-2'$$),
    ('a verification changed', 'digest_differs 1',
     $$update register.action_version set verification = 'unconfirmed' where reference = 'ITA-2'$$),
    ('a declaration voided in place', 'digest_differs 1',
     $$update register.action_version set voided = true where reference = 'ITA-2'$$),
    ('an action slipped into revision 1', 'digest_differs 1',
     $$insert into register.action values ('ITA-99', 'ITA', 99);
       insert into register.action_version
           (reference, version, recorded, revision, author, kind, date, verification)
       select 'ITA-99', 1, tstzrange(at, null), 1, author, 'communication', '2000-01-01',
              'single_source' from register.revision_log where revision = 1$$),
    ('an author rewritten everywhere', 'digest_differs 2',
     $$update register.revision_log set author = 'nobody' where revision = 2;
       update register.action_version set author = 'nobody' where revision = 2;
       update register.change set author = 'nobody' where revision = 2$$),
    ('a reason rewritten', 'digest_differs 1',
     $$update register.revision_log set reason = 'x' where revision = 1$$),
    ('a time rewritten', 'digest_differs 2',
     $$update register.revision_log set at = at + interval '1 microsecond' where revision = 2$$),
    ('a change deleted', 'change_missing PRT-1',
     $$delete from register.change where reference = 'PRT-1'$$),
    ('a change deleted, by its digest', 'digest_differs 2',
     $$delete from register.change where reference = 'PRT-1'$$),
    ('a change rewritten', 'change_differs PRT-1',
     $$update register.change set after = after || '{"date": "2020-01-09"}'
        where reference = 'PRT-1' and version = 1$$),
    ('a State renamed', 'digest_differs 1',
     $$update register.state_version set alpha2 = 'XX' where reference = 'ITA'$$),
    ('a call rewritten', 'digest_differs 1',
     $$update register.call_version set title_en = 'x' where version = 1$$),
    ('a membership moved', 'digest_differs 1',
     $$update register.membership_version set member_from = member_from - 1 where reference = 'ITA-M1'$$),
    ('a public note rewritten', format('digest_differs %s', pg_temp.newest() - 4),
     $$update register.outlook_version set note_en = 'x' where note_en = 'a public note'$$),
    ('an internal note rewritten', format('digest_differs %s', pg_temp.newest() - 4),
     $$update register.outlook_version set note_en = 'x' where note_en = 'a hidden note'$$),
    ('an entry of another revision', 'change_misplaced PRT-1',
     $$update register.change set revision = 0 where reference = 'PRT-1' and version = 2$$),
    ('an entry with another number', 'change_misplaced PRT-1',
     $$update register.change set number = 1000 where reference = 'PRT-1' and version = 2$$),
    ('a digest that is gone', 'digest_missing 2',
     $$delete from register.revision_digest where revision = 2$$),
    ('a digest without its revision', 'digest_without_revision 2',
     $$delete from register.revision_log where revision = 2$$),
    ('a digest computed anew', 'digest_differs 3',
     $$update register.action_version set summary_en = 'x' where revision = 2;
       update register.revision_digest as d
          set (recorded_digest, digest) = (
              select recorded_digest, digest from register.revision_digests(2, d.salt, d.tokens))
        where d.revision = 2$$),
    ('a revoked token revived', 'token_differs one',
     $$update service.access_token set revoked_at = null where name = 'one'$$),
    ('a revoked token revived, and its log cut', format('token_log_gap %s', pg_temp.newest()),
     $$update service.access_token set revoked_at = null where name = 'one';
       delete from service.access_token_log where event = 'revoked'$$),
    ('scopes widened', 'token_differs two',
     $$update service.access_token set scopes = scopes || '{outlook:read}' where name = 'two'$$),
    ('scopes widened in the log, too', 'token_log_differs two',
     $$update service.access_token set scopes = scopes || '{outlook:read}' where name = 'two';
       update service.access_token_log set scopes = scopes || '{outlook:read}'
        where name = 'two'$$),
    ('a token nobody created', 'token_differs three',
     $$insert into service.access_token (name, digest, scopes) values ('three', sha256('3'), '{a}')$$),
    ('a token that is gone', 'token_differs two',
     $$delete from service.access_token where name = 'two'$$),
    ('a row of an import rewritten', format('digest_differs %s', :'entered'),
     $$update register.import_row set reference = 'ITA-1'$$),
    ('a row of an import deleted', format('digest_differs %s', :'unchanged'),
     'delete from register.import_row'),
    ('the author of an import rewritten', format('digest_differs %s', :'entered'),
     $$update register.import set author = 'nobody'$$),
    ('an import deleted', format('digest_differs %s', :'entered'),
     'delete from register.import'),
    ('an import without its digest', format('digest_missing %s', :'entered'),
     'delete from register.import_digest'),
    ('a digest of an import computed anew', format('digest_differs %s', pg_temp.newest() - 2),
     $$update register.import set author = 'nobody';
       update register.import_digest set digest = register.import_digest_of(import)$$),
    ('an event of the log that is gone', 'token_log_gap two',
     $$delete from service.access_token_log where number = 1$$),
    ('a token changed past its functions', 'token_changed two',
     $$set local session_replication_role = origin;
       update service.access_token set expires_at = null where name = 'two'$$))
    as done (what, found, damage);

-- What is internal and after the newest revision.
select (register.operation_apply('record', 'outlook', null, pg_temp.step('internal', 'fresh'), 'tests')).reference \gset
select pg_temp.commit();
select ok(exists (select from unnest(pg_temp.found_after(damage)) as f where f ~ found), what)
  from (values
    ('a fresh internal note rewritten', '^digest_differs 20',
     $$update register.outlook_version set note_en = 'x' where note_en = 'fresh'$$),
    ('a fresh internal note without a digest', '^digest_missing 20',
     $$delete from register.internal_digest
        where at = (select max(at) from register.internal_digest)$$)) as done (what, found, damage);

-- Notes and replies.
select (register.operation_apply('record', 'note', null, '{"state": "ITA", "subject": {"anomaly": "text_missing"}, "outcome": "open",
                               "text_en": "a silent remark"}', 'tests')).reference as note \gset
select pg_temp.commit();
select ok(exists (select from unnest(pg_temp.found_after(
    $$update register.note_version set text_en = 'x'$$)) as f where f ~ '^digest_differs 20'),
    'a fresh note rewritten');
select register.operation_apply('record', 'reply', null, jsonb_build_object(
           'call', 'FD-1999', 'state', 'FRA', 'date', '2020-01-02',
           'text_en', 'a loud reply', 'verification', 'single_source',
           'sources', array['https://source.example']), 'tests');
select pg_temp.commit();
select ok(pg_temp.shown() ~ 'a loud reply', 'everybody sees a reply');
select ok(pg_temp.shown() !~ 'a silent remark', 'and no internal note');
select ok(pg_temp.hidden()::text ~ 'a silent remark', 'which the digest covers');
select ok(exists (select from unnest(pg_temp.found_after(damage)) as f
                   where f = format('digest_differs %s', pg_temp.newest())), what)
  from (values
    ('a reply rewritten', $$update register.reply_version set text_en = 'x'$$),
    ('the State of a reply rewritten', $$update register.reply set state = 'ITA'$$),
    ('an internal note rewritten', $$update register.note_version set text_en = 'x'$$))
    as done (what, damage);
select (register.operation_apply('record', 'note', null, '{"state": "ITA", "subject": {"anomaly": "day_unconfirmed"},
                               "outcome": "open", "text_en": "after the newest revision"}', 'tests')).reference as fresh_note \gset
select pg_temp.commit();
select ok(exists (select from unnest(pg_temp.found_after(
    $$delete from register.internal_digest where at = (select max(at) from register.internal_digest)$$)) as f
    where f ~ '^digest_missing 20'), 'a fresh internal note without a digest is found, as an entry is');
select is_empty('select * from register.audit_internal_chain()', 'all of it is sound');
select is_empty('select * from register.audit_entries(0, 1000)', 'and published as recorded');

select * from finish();
rollback;
