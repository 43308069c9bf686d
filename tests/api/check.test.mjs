// `ets144 check`: a sound register is called sound, and each damage is a line.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { environmentFor, makeDatabase, run, sql } from '../harness.mjs';

let database;
const check = (more = {}) => run(['check'], environmentFor(database, more));
// Only the cluster's superuser, who may disable triggers, can do this.
const damage = (text) => sql(database, `set session_replication_role = replica; ${text}`);

before(() => { database = makeDatabase(); });
after(() => { sql('postgres', `drop database ${database} with (force)`); });

test('the record as it was loaded is sound, for the administrator and the service', async () => {
    for (const more of [{}, { ETS144_ADMIN_DATABASE_URL: '' }]) {
        const { status, stdout, stderr } = await check(more);
        assert.match(stderr, /^ets144: \d+ versions, up to revision 1: 0 findings\.\n$/);
        assert.equal(stdout, '');
        assert.equal(status, 0);
    }
});

test('hundreds of revisions are checked in batches', async () => {
    sql(database, `do $$ begin
        for i in 1..120 loop
            perform register.action_correct('ITA-1', to_jsonb(v) || jsonb_build_object(
                        'summary_en', i, 'reason', 'a test'), 'tests')
               from register.action_version as v
              where v.reference = 'ITA-1' and upper_inf(v.recorded);
            update register.revision set opened_in = null;
        end loop;
    end $$`);
    const { status, stderr } = await check();
    assert.match(stderr, / up to revision 121: 0 findings/);
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
        'revision_without_versions register.revision_log 60']) {
        assert.ok(found.has(wanted), stdout);
    }
    assert.match(stderr, new RegExp(` ${lines.length} findings\\.\n$`));
});

test('a published timeline that does not follow from the actions is a line', async () => {
    const other = makeDatabase();
    sql(other, `set session_replication_role = replica;
        update register.change set after = jsonb_set(after, '{periods,-1,status}', '"former_party"')
         where category = 'status' and state = 'ITA'`);
    const { status, stdout, stderr } = await run(['check'], environmentFor(other, {}));
    assert.match(stdout, /^publication_differs\tregister\.change\tITA\tas of [^\t]+former_party.+\n$/);
    assert.match(stderr, /: 1 findings\.\n$/);
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
