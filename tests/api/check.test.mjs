// `ets144 check`: a sound register is called sound, and each damage is a line.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { environmentFor, makeDatabase, run, sql, url } from '../harness.mjs';

let database;
const check = (more = {}, words = []) => run(['check', ...words], environmentFor(database, more));
// Only the cluster's superuser, who may disable triggers, can do this.
const damage = (text) => sql(database, `set session_replication_role = replica; ${text}`);

before(() => { database = makeDatabase(); });
after(() => { sql('postgres', `drop database ${database} with (force)`); });

const sound = /^ets144: \d+ versions, up to revision 1: 0 findings\.\nets144: keep this for later: check --head 1:[0-9a-f]{64}\n$/;

test('the record as it was loaded is sound, for the administrator and the service', async () => {
    for (const more of [{}, { ETS144_ADMIN_DATABASE_URL: '' }]) {
        const { status, stdout, stderr } = await check(more);
        assert.equal(stdout, '');
        assert.match(stderr, sound);
        assert.equal(status, 0);
    }
});

// The list that is compiled in is of the schema that sql/deploy gives.
test('the list of objects is current', () => {
    const folder = fileURLToPath(new URL('../../', import.meta.url));
    const present = execFileSync('psql', [url(database, 'postgres'), '-XAt', '-F', '\t',
        '-f', `${folder}sql/queries/schema_objects.sql`],
    { encoding: 'utf8', env: { ...process.env, PGOPTIONS: '-c search_path=pg_catalog' } });
    const listed = readFileSync(`${folder}service/commands/schema_objects.tsv`, 'utf8');
    assert.deepEqual(listed.split('\n'), present.split('\n'),
        'run `make schema-objects`, and look at what changed');
});

test('a head is NUMBER:DIGEST', async () => {
    for (const words of [['--head'], ['--head', '1'], ['--head', `x:${'0'.repeat(64)}`],
        ['--head', `1:${'G'.repeat(64)}`], ['--head', `1:${'0'.repeat(63)}`],
        ['--head', `${'9'.repeat(19)}:${'0'.repeat(64)}`], ['--tail'], ['1']]) {
        const { status, stderr } = await check({}, words);
        assert.equal(status, 2, words.join(' '));
        assert.match(stderr, /^(ets144|check): /);
    }
});

// --- What the owner of the database could do -----------------------------------------------------

// The owner switches the triggers off, edits, and switches them on again.
const unguarded = (edit) => `set role ets144_owner;
    do $$ declare t regclass; begin
        for t in select c.oid from pg_class c where c.relkind = 'r'
                    and c.relnamespace in ('register'::regnamespace, 'service'::regnamespace) loop
            execute format('alter table %s disable trigger user', t);
        end loop; end $$;
    ${edit};
    do $$ declare t regclass; begin
        for t in select c.oid from pg_class c where c.relkind = 'r'
                    and c.relnamespace in ('register'::regnamespace, 'service'::regnamespace) loop
            execute format('alter table %s enable trigger user', t);
        end loop; end $$`;

// A register with a token of each kind, a correction, a note for the secretariat and one for all.
function makeStory() {
    const name = makeDatabase();
    const step = (visibility) => `jsonb_build_object('state', 'PRT', 'stage', 'no_information', 'date',
        '2020-01-01', 'visibility', '${visibility}', 'sources', array[]::text[], 'note_en', '${visibility}')`;
    for (const statement of [
        "service.token_create('revoked', sha256('1'), '{actions:write}', null)",
        "service.token_revoke('revoked')",
        "service.token_create('valid', sha256('2'), '{actions:write}', null)",
        `register.operation_apply('record', 'outlook', null, ${step('public')}, 'tests')`,
        `register.operation_apply('correct', 'action', 'NOR-1', to_jsonb(v) || '{"summary_en": "x", "reason": "a test"}',
            'tests') from register.action_version as v where v.reference = 'NOR-1'`,
        `register.operation_apply('record', 'action', null, jsonb_build_object('state', 'PRT', 'kind', 'signature', 'date', '2020-01-01',
            'verification', 'single_source', 'sources', array['https://source.example']), 'tests')`,
        `register.operation_apply('record', 'outlook', null, ${step('internal')}, 'tests')`]) {
        sql(name, `select ${statement}`);
    }
    return name;
}

let story;
before(() => { story = makeStory(); });
after(() => { sql('postgres', `drop database ${story} with (force)`); });

async function auditOf(name, words = []) {
    const { status, stdout, stderr } = await run(['check', ...words], environmentFor(name, {}));
    return { status, stderr, found: stdout.split('\n').slice(0, -1)
        .map((line) => line.split('\t').slice(0, 3).join(' ')) };
}

test('the story is sound, and its head is what was kept', async () => {
    const { status, stderr, found } = await auditOf(story);
    assert.deepEqual(found, []);
    assert.equal(status, 0);
    const [, head] = /--head (4:[0-9a-f]{64})\n$/.exec(stderr);
    assert.equal((await auditOf(story, ['--head', head])).status, 0);
});

const differs = (revision) => `digest_differs register.revision_digest ${revision}`;
const version = (set, where) => unguarded(`update register.action_version set ${set} where ${where}`);
const edits = {
    'a summary rewritten': [version("summary_en = 'y'", "reference = 'ITA-2'"), differs(1)],
    'sources rewritten': [version("sources = '{https://b.example}'", "reference = 'ITA-2'"), differs(1)],
    'a verification changed': [version("verification = 'unconfirmed'", "reference = 'ITA-2'"), differs(1)],
    'a declaration voided in place': [version('voided = true', "kind = 'declaration'"), differs(1)],
    'an action slipped into revision 1': [unguarded(`
        insert into register.action select 'PRT-2', 'PRT', 2;
        insert into register.action_version
            (reference, version, recorded, revision, author, reason, kind, date, verification, sources)
        select 'PRT-2', 1, tstzrange(at, null), 1, author, reason, 'communication', '2000-01-01',
               'single_source', '{https://source.example}' from register.revision_log where revision = 1`),
    differs(1)],
    'an author rewritten everywhere': [unguarded(`
        update register.revision_log set author = 'nobody' where revision = 3;
        update register.action_version set author = 'nobody' where revision = 3;
        update register.change set author = 'nobody' where revision = 3`), differs(3)],
    'a reason rewritten': [unguarded(`
        update register.revision_log set reason = 'y' where revision = 3;
        update register.action_version set reason = 'y' where revision = 3;
        update register.change set reason = 'y' where revision = 3`), differs(3)],
    'a change deleted': [unguarded("delete from register.change where reference = 'NOR-1' and version = 2"),
        'change_missing register.change NOR-1'],
    'a change rewritten': [unguarded(`update register.change
        set after = jsonb_set(after, '{summary_en}', '"y"') where reference = 'NOR-1' and version = 2`),
    'change_differs register.change NOR-1'],
    'a public note rewritten, in the feed, too': [unguarded(`
        update register.outlook_version set note_en = 'y' where note_en = 'public';
        update register.change set after = jsonb_set(after, '{note_en}', '"y"')
         where category = 'outlook' and audience = 'everyone'`), differs(2)],
    'an internal note rewritten': [unguarded(`
        update register.outlook_version set note_en = 'y' where note_en = 'internal'`),
    /^digest_differs register\.internal_digest 20/],
    'a rule reworded': ["set role ets144_owner; update register.rule set detail_en = 'x' where name = 'no_reservation'",
        'object_differs content register.rule'],
    'a kind of action added': [`set role ets144_owner; insert into register.kind
        select (jsonb_populate_record(k, '{"code": "other", "place": 99}')).* from register.kind as k
         where k.code = 'communication'`, 'object_differs content register.kind'],
    'a term redefined': ["set role ets144_owner; update register.vocabulary_term set definition_en = 'x'",
        'object_differs content register.vocabulary_term'],
    'a verification deleted': ["set role ets144_owner; delete from register.verification where code = 'single_source'",
        'object_differs content register.verification'],
    'an anomaly reworded': ["set role ets144_owner; update register.anomaly set name_fr = 'x'",
        'object_differs content register.anomaly'],
    'a refusal renamed': ["set role ets144_owner; update register.refusal set meaning = 'x'",
        'object_differs content register.refusal'],
    'a phrase rewritten': ["set role ets144_owner; update register.phrase set fr = 'x'",
        'object_differs content register.phrase'],
    'a State renamed': [unguarded(`
        update register.state_version set name_en = 'y' where code = 'ITA';
        update register.change set after = jsonb_set(after, '{name_en}', '"y"')
         where category = 'state' and state = 'ITA'`), differs(1)],
    'a guard function replaced': [`set role ets144_owner;
        create or replace function register.reject_change() returns trigger language plpgsql
        as 'begin return new; end'`, 'object_differs function register.reject_change()'],
    'a trigger recreated for no case': [`set role ets144_owner;
        drop trigger reject_change on register.action_version;
        create trigger reject_change before update or delete on register.action_version for each row
        when (false) execute function register.reject_change()`,
    'object_differs trigger reject_change on register.action_version'],
    'a trigger switched off': ['set role ets144_owner; alter table register.change disable trigger reject_change',
        'object_differs trigger reject_change on register.change'],
    'the guard of the feed dropped': ['set role ets144_owner; drop trigger reject_change on register.change',
        'object_missing trigger reject_change on register.change'],
    'the guards of imports dropped': [`set role ets144_owner; drop trigger reject_change on register.import;
        drop trigger reject_truncate on register.import_row`,
    'object_missing trigger reject_truncate on register.import_row'],
    'a trigger that changes what is recorded': [`set role ets144_owner;
        create trigger meddle before insert on register.action_version for each row
        execute function register.reject_any_change()`,
    'object_unexpected trigger meddle on register.action_version'],
    'the audit replaced by an empty audit': [`set role ets144_owner;
        create or replace function register.audit() returns table
        (finding text, subject text, reference text, detail text) language sql
        as 'select null::text, null::text, null::text, null::text where false'`,
    'object_differs function register.audit()'],
    'the digests made by another function': [`set role ets144_owner;
        create or replace function register.revision_recorded(number bigint) returns text language sql stable
        return '{}'`, 'object_differs function register.revision_recorded(bigint)'],
    'names found elsewhere first': [`create schema evil; grant usage on schema evil to public;
        create function evil.sha256(bytea) returns bytea language sql return $1;
        do $$ begin execute format('alter database %I set search_path = evil, pg_catalog',
                                   current_database()); end $$;
        set role ets144_owner;
        create or replace function register.reject_any_change() returns trigger language plpgsql
        as 'begin return new; end'`, 'object_differs function register.reject_any_change()'],
    'a revoked token revived': [unguarded("update service.access_token set revoked_at = null where name = 'revoked'"),
        'token_differs service.access_token revoked'],
    'a revoked token revived in sight of the log': [`set role ets144_owner;
        update service.access_token set revoked_at = null where name = 'revoked'`,
    'token_changed service.access_token revoked'],
    'a revoked token revived, and the log cut': [unguarded(`
        update service.access_token set revoked_at = null where name = 'revoked';
        delete from service.access_token_log where number > 1`),
    'token_log_gap service.access_token_log 4'],
    'scopes widened': [unguarded(`update service.access_token set scopes = scopes || '{outlook:read}'
        where name = 'valid'`), 'token_differs service.access_token valid'],
    'a grant added on a table': ['set role ets144_owner; grant update on register.action_version to ets144_service',
        'object_unexpected grant UPDATE on table register.action_version to ets144_service'],
    'a grant added on a column': [`set role ets144_owner;
        grant update (summary_en) on register.action_version to public`,
    'object_unexpected grant UPDATE on column register.action_version.summary_en to public'],
    'a grant added on a function': [`set role ets144_owner;
        grant execute on function register.begin_revision(text, text) to ets144_service`,
    'object_unexpected grant EXECUTE on function register.begin_revision(text,text) to ets144_service'],
    'a table given away': ['alter table register.action_version owner to ets144_admin',
        'object_differs table register.action_version'],
    'a constraint dropped': [`set role ets144_owner;
        alter table register.action_version drop constraint action_version_reference_recorded_excl`,
    'object_differs table register.action_version'],
    'a digest computed anew': [unguarded(`
        update register.action_version set summary_en = 'y' where revision = 3;
        update register.change set after = jsonb_set(after, '{summary_en}', '"y"') where revision = 3
           and category = 'other_act';
        update register.revision_digest as d set (recorded_digest, digest) =
            (select recorded_digest, digest from register.revision_digests(3, d.salt, d.tokens))
         where d.revision = 3`), differs(4)],
};

function testEdits(edits, original) {
    for (const [name, [edit, wanted]] of Object.entries(edits)) {
        test(`found: ${name}`, async () => {
            const other = makeDatabase(original());
            try {
                sql(other, edit);
                const { status, found, stderr } = await auditOf(other);
                assert.ok(found.some((line) => line === wanted || (wanted.test?.(line) ?? false)),
                    `${found.join('\n')}\n${stderr}`);
                assert.notEqual(status, 0);
            } finally {
                sql('postgres', `drop database ${other} with (force)`);
            }
        });
    }
}

testEdits(edits, () => story);

// An import, and the same import twice again, which entered nothing: between them another revision.
let imports;
before(() => {
    imports = makeDatabase();
    const imported = `select register.import_record(jsonb_build_array(jsonb_build_object('line', 2, 'document',
        jsonb_build_object('state', 'PRT', 'kind', 'communication', 'date', '2020-03-01', 'verification',
            'single_source', 'sources', array['https://source.example']))), sha256('a file'), 'tests')`;
    sql(imports, imported);
    sql(imports, imported);
    sql(imports, "select register.operation_apply('void', 'call', 'CG-REC-304', jsonb_build_object('reason', 'a test'), 'tests')");
    sql(imports, imported);
});
after(() => { sql('postgres', `drop database ${imports} with (force)`); });

const anew = 'update register.import_digest set digest = register.import_digest_of(import)';
testEdits({
    'a row of an import rewritten': [unguarded(`
        update register.import_row set reference = 'ITA-1' where entered`),
    /^digest_differs register\.import_digest /],
    'the author of an import rewritten, with its digest': [unguarded(`
        update register.import set author = 'nobody' where revision > revision_before; ${anew}`), differs(2)],
    'an import that entered nothing rewritten, with its digest': [unguarded(`
        update register.import set author = 'nobody' where revision = 2; ${anew}`), differs(3)],
    'the newest import, which entered nothing, rewritten': [unguarded(`
        update register.import set as_of = '2000-01-01' where revision = 3`),
    /^digest_differs register\.import_digest /],
    'an import deleted': [unguarded(`delete from register.import_row; delete from register.import_digest;
        delete from register.import`), differs(2)],
}, () => imports);

// A changeset that is one revision, and an internal one after it.
let changesets;
before(() => {
    changesets = makeDatabase();
    const entry = `jsonb_build_object('op', 'record', 'type', 'outlook', 'document', jsonb_build_object(
        'state', 'PRT', 'stage', 'no_information', 'date', '2020-01-01', 'visibility', 'internal'))`;
    for (const operation of [`jsonb_build_object('op', 'void', 'type', 'call', 'reference', 'CG-REC-304',
        'version', 1)`, entry]) {
        sql(changesets, `select register.changeset_record(jsonb_build_object('reason', 'A test.',
            'operations', jsonb_build_array(${operation})), 'tests')`);
    }
});
after(() => { sql('postgres', `drop database ${changesets} with (force)`); });

test('changesets are sound', async () => {
    assert.deepEqual((await auditOf(changesets)).found, []);
});

testEdits({
    'the reason of a changeset rewritten': [unguarded(`
        update register.changeset set reason = 'y' where revision > revision_before`), differs(2)],
    'an operation rewritten': [unguarded(`
        update register.changeset_operation set op = 'correct' where type = 'call'`), differs(2)],
    'an internal changeset rewritten': [unguarded(`
        update register.changeset set author = 'nobody' where revision = revision_before`),
    /^digest_differs register\.internal_digest /],
    'a changeset deleted': [unguarded('delete from register.changeset_operation; delete from register.changeset'),
        differs(2)],
}, () => changesets);

const erase = unguarded(`delete from register.change where revision = 4;
    delete from register.internal_digest; delete from register.outlook_version where note_en = 'internal';
    delete from register.outlook_entry as e
     where not exists (select from register.outlook_version as v where v.reference = e.reference);
    delete from register.action_version where revision = 4;
    delete from register.period
     where lower(recorded) = (select at from register.revision_log where revision = 4);
    update register.period set recorded = tstzrange(lower(recorded), null)
     where upper(recorded) = (select at from register.revision_log where revision = 4);
    delete from register.action where reference = 'PRT-1';
    delete from register.revision_digest where revision = 4;
    delete from register.revision_log where revision = 4;
    update register.revision set number = 3, at = (select at from register.revision_log where revision = 3)`);

test('found: the newest revision erased, by the head that was kept', async () => {
    const other = makeDatabase(story);
    const [, head] = /--head (\S+)\n$/.exec((await auditOf(other)).stderr);
    sql(other, erase);
    assert.deepEqual((await auditOf(other)).found, []);
    const kept = await auditOf(other, ['--head', head]);
    assert.deepEqual(kept.found, ['head_missing register.revision_digest 4']);
    assert.equal(kept.status, 1);
    // Another revision in its place has another digest.
    sql(other, `select register.operation_apply('correct', 'action', 'NOR-1', to_jsonb(v) || '{"summary_en": "z", "reason": "a test"}',
        'tests') from register.action_version as v where v.reference = 'NOR-1' and upper_inf(v.recorded)`);
    assert.deepEqual((await auditOf(other, ['--head', head])).found,
        ['head_differs register.revision_digest 4']);
    sql('postgres', `drop database ${other} with (force)`);
});

test('found: the newest revision erased, by an event that names it', async () => {
    for (const [witness, wanted] of [
        ["select service.token_create('later', sha256('3'), '{actions:write}', null)",
            'token_log_differs service.access_token_log later'],
        [`insert into service.request_key (author, key, digest, claimed_at, reference, revision_before,
              revision, known_at, as_of)
          values ('tests', 'k', sha256('x'), now(), 'PRT-1', 3, 4, now(), current_date)`,
            'request_without_revision service.request_key PRT-1']]) {
        const other = makeDatabase(story);
        sql(other, witness);
        sql(other, erase);
        const { found } = await auditOf(other);
        assert.ok(found.includes(wanted), found.join('\n'));
        sql('postgres', `drop database ${other} with (force)`);
    }
});

test('a build does not check a schema that it was not made for', async () => {
    const other = makeDatabase();
    sql(other, `insert into sqitch.changes (change_id, change, project, note, committer_name,
            committer_email, planned_at, planner_name, planner_email)
        values ('c1', 'later', 'ets144', '', 'x', 'x', now(), 'x', 'x')`);
    const { status, stderr } = await auditOf(other);
    assert.match(stderr, /the schema is "later", and this build checks "v1"/);
    assert.equal(status, 2);
    sql('postgres', `drop database ${other} with (force)`);
});

// --- Many revisions, many findings ----------------------------------------------------------------

test('hundreds of revisions are checked in batches', async () => {
    sql(database, `do $$ begin
        for i in 1..120 loop
            perform register.operation_apply('correct', 'action', 'ITA-1', to_jsonb(v) || jsonb_build_object(
                        'summary_en', i, 'reason', 'a test'), 'tests')
               from register.action_version as v
              where v.reference = 'ITA-1' and upper_inf(v.recorded);
            update register.revision set opened_in = null;
        end loop;
    end $$`);
    const { status, stdout, stderr } = await check();
    assert.match(stderr, / up to revision 121: 0 findings/, stdout);
    assert.equal(stdout, '');
    assert.match(stderr, /^ets144: checking revision 0 of 121\.\n/, 'a long check says how far it is');
    assert.equal(status, 0);
});

test('each finding is a line: what, where, which, how', async () => {
    damage(`delete from register.action_version where reference = 'ITA-1' and version = 60;
        update register.action_version set author = 'nobody' where reference = 'NOR-1'`);
    const { status, stdout, stderr } = await check();
    assert.equal(status, 1);
    const lines = stdout.trim().split('\n').map((line) => line.split('\t'));
    assert.ok(lines.every((line) => line.length === 4), stdout);
    const found = new Set(lines.map((line) => line.slice(0, 3).join(' ')));
    for (const wanted of ['versions_gap register.action_version ITA-1',
        'versions_not_numbered register.action_version ITA-1',
        'version_not_by_its_author register.action_version NOR-1',
        'digest_differs register.revision_digest 60',
        'revision_without_versions register.revision_log 60']) {
        assert.ok(found.has(wanted), stdout);
    }
    assert.match(stderr, new RegExp(` ${lines.length} findings\\.\n`));
});

test('a published timeline that does not follow from the actions is a line', async () => {
    const other = makeDatabase();
    sql(other, `set session_replication_role = replica;
        update register.change set after = jsonb_set(after, '{periods,-1,status}', '"former_party"')
         where category = 'status' and state = 'ITA'`);
    const { status, stdout, stderr } = await run(['check'], environmentFor(other, {}));
    assert.match(stdout, /^publication_differs\tregister\.change\tITA\tas of [^\t]+former_party.+$/m);
    assert.match(stderr, /: 2 findings\.\n/);
    assert.equal(status, 1);
    sql('postgres', `drop database ${other} with (force)`);
});

test('a database that cannot be checked is neither sound nor faulty', async () => {
    const gone = await check({ ETS144_ADMIN_DATABASE_URL: 'postgresql:///x?host=/nowhere' });
    assert.equal(gone.status, 2);
    assert.match(gone.stderr, /the database does not answer/);
    sql(database, 'drop function register.audit cascade');
    const older = await check();
    assert.equal(older.status, 2);
    assert.match(older.stderr, /register\.audit/);
});
