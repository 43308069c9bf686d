// A register that was restored is the register that was backed up: the same revision, the same
// bytes, the same tags, and whoever was in the middle of something goes on.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Cluster, asServer, run, scope, scratch, serve, top, withoutClient } from '../cluster.mjs';
import { act, contract, run as ets144, sleep, source } from '../harness.mjs';

const here = scope({ after });
const byClient = { skip: withoutClient };
const files = scratch(here);
const backup = (...words) => run(`${top}sql/backup.sh`, words);
const archive = (...words) => asServer(`${files}/archive.sh`, words);
const refuses = (made, sentence) => assert.throws(made, (error) => sentence.test(error.stderr));

// Another service each time, so that nothing is remembered.
const serveOn = (cluster, database = 'ets144') =>
    serve(here, (role) => cluster.url(role, database));

const addresses = ['/v1/convention', '/v1/states', '/v1/states?lang=fr', '/v1/states/PRT',
    '/v1/states?as_of=2011-03-24', '/v1/actions', '/v1/actions/PRT-1', '/v1/actions/PRT-1/versions',
    '/v1/anomalies', '/v1/calls', '/v1/calls/CG-REC-304/progress', '/v1/outlook', '/v1/statistics',
    '/v1/statistics/series?by=year', '/v1/states/NOR/explanation', '/v1/changes', '/v1/changes.atom']
    .filter((address) => contract.paths[address.split('?')[0]] || !address.startsWith('/v1/changes'));

// What a reader can see: each address with its bytes and tags, now and at each revision of the past.
async function everythingOf(register, token) {
    const seen = {};
    const moments = register.moments.map((known_at) => `/v1/states?known_at=${known_at}`);
    for (const address of [...addresses, ...moments]) {
        const answer = await register.call('GET', address, { token });
        assert.equal(answer.status, 200, address);
        seen[address] = [answer.headers.get('etag'), answer.headers.get('last-modified'),
            answer.text];
    }
    return seen;
}

let cluster;
let token;
let moments;

// One of everything: corrections, a void, an internal entry, keys in use.
async function live(register) {
    token = await register.token('secretariat', 'actions:write', 'outlook:write', 'outlook:read');
    const write = (method, address, json, headers) =>
        register.call(method, address, { token, json, headers });
    const post = async (json, key, address = '/v1/actions') => {
        const answer = await write('POST', address, json, { 'Idempotency-Key': key });
        assert.equal(answer.status, 201, answer.text);
        return answer;
    };
    await post(act('PRT', 'signature', '2026-01-05'), 'a');
    await write('PUT', '/v1/actions/PRT-1', { kind: 'signature', date: '2026-01-06',
        verification: 'single_source', sources: [source], reason: 'A slip.' }, { 'If-Match': '*' });
    await post(act('FRA', 'signature', '2026-02-05'), 'b');
    await register.call('DELETE', '/v1/actions/FRA-1?reason=No', { token,
        headers: { 'If-Match': '*' } });
    await post({ state: 'PRT', stage: 'bill_tabled', date: '2026-03-01', visibility: 'internal',
        note_en: 'Heard.', sources: [] }, 'c', '/v1/outlook');
    moments = cluster.sql(`select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        from register.revision_log where revision > 0 order by revision`).split('\n');
}

before(async () => {
    // The script stands where the server's user can run it.
    run('install', ['-m', '755', `${top}sql/archive.sh`, `${files}/archive.sh`]);
    cluster = Cluster.loaded(here, 'first');
    const register = await serveOn(cluster);
    await live(register);
    await register.end();
});

test('restored elsewhere, without a superuser, it is the same register', byClient, async () => {
    const before_ = await serveOn(cluster);
    const last = await before_.call('GET', '/v1/actions?limit=5');
    const repeated = { token, json: act('PRT', 'signature', '2026-01-05'),
        headers: { 'Idempotency-Key': 'a' } };
    const answered = await before_.call('POST', '/v1/actions', repeated);
    const seen = await everythingOf(Object.assign(before_, { moments }), token);
    await before_.end();
    backup('dump', cluster.url(), `${files}/register.dump`);

    const other = Cluster.make(here, 'other').start();
    other.sql('create role keeper login createrole', 'postgres');
    other.sql('drop database ets144', 'postgres');
    other.sql('create database elsewhere owner keeper', 'postgres');
    backup('restore', other.url('keeper', 'elsewhere'), `${files}/register.dump`);

    const restored = await serveOn(other, 'elsewhere');
    assert.deepEqual(await everythingOf(Object.assign(restored, { moments }), token), seen);
    // The next page of a list that was begun before, and the answer to a request sent again.
    const page = await restored.call('GET', last.body.next);
    assert.equal(page.status, 200);
    assert.equal(page.body.known_at, last.body.known_at);
    assert.equal((await restored.call('POST', '/v1/actions', repeated)).text, answered.text);
    const next = await restored.call('POST', '/v1/actions',
        { token, json: act('FRA', 'signature', '2026-02-06') });
    assert.equal(next.headers.get('location'), '/v1/actions/FRA-2');
    const checked = await ets144(['check'], restored.environment);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    await restored.end();
    // And its schema can be deployed upon: Sqitch finds what it would have written.
    run(`${top}sql/cluster.sh`, ['deploy', other.url('keeper', 'elsewhere')]);
    run('sqitch', ['verify', `db:pg:${other.url('keeper', 'elsewhere').split(':')[1]}`],
        { cwd: `${top}sql` });
});

test('nothing is overwritten, and a broken backup leaves nothing behind', byClient, () => {
    refuses(() => backup('dump', cluster.url(), `${files}/register.dump`), /overwrites nothing/);
    refuses(() => backup('restore', cluster.url(), `${files}/register.dump`), /a register in this/);
    refuses(() => backup('restore', cluster.url(), '/etc/passwd'), /not a backup/);
    refuses(() => backup('dump', cluster.url('nobody'), `${files}/none`), /no register in this/);
    refuses(() => backup('dump', cluster.url(), '/nowhere/none'), /no backup could be made/);
    assert.ok(!existsSync(`${files}/none`) && !existsSync(`${files}/none.part`));

    const bytes = readFileSync(`${files}/register.dump`);
    writeFileSync(`${files}/half.dump`, bytes.subarray(0, bytes.length - 20));
    cluster.sql('create database empty', 'postgres');
    refuses(() => backup('restore', cluster.url('postgres', 'empty'), `${files}/half.dump`),
        /nothing of it was/);
    assert.equal(cluster.sql("select count(*) from pg_namespace where nspname = 'register'",
        'empty'), '0');
});

test('recovered to a moment between two revisions, and to the last revision', byClient, async () => {
    cluster.configure({ archive_mode: 'on',
        archive_command: `${files}/archive.sh keep %p ${files}/archive` });
    archive('base', cluster.url(), `${files}/archive`);

    const sign = (state) => cluster.sql(`select register.operation_apply('record', 'action', null, '${JSON.stringify(
        act(state, 'signature', '2026-04-01'))}', 'tests')`);
    sign('ESP');
    const wanted = cluster.sql('select at from register.revision');
    sign('POL');
    const [newest, unwanted] = cluster.sql('select number, at from register.revision').split('|');
    cluster.sql('select pg_switch_wal()');
    for (let i = 0; i < 200 && cluster.sql('select archived_count from pg_stat_archiver') < 2; i++) {
        await sleep(50);
    }
    cluster.kill();

    const recover = (name, ...time) => {
        const recovered = Cluster.make(here, name);
        asServer('mkdir', ['-m', '755', recovered.directory]);
        archive('recover', `${files}/archive`, recovered.data, ...time);
        recovered.start();
        for (let i = 0; i < 200 && recovered.sql('select pg_is_in_recovery()') === 't'; i++) {
            run('sleep', ['0.05']);
        }
        return recovered;
    };
    const earlier = recover('earlier', unwanted);
    assert.equal(earlier.sql('select number from register.revision'), String(newest - 1));
    assert.equal(earlier.sql('select at from register.revision'), wanted);
    const register = await serveOn(earlier);
    assert.equal((await register.call('GET', '/v1/states/ESP')).body.status, 'signatory');
    assert.equal((await register.call('GET', '/v1/states/POL')).body.status, 'no_action');
    const checked = await ets144(['check'], register.environment);
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    await register.end();

    const latest = recover('latest');
    assert.equal(latest.sql('select number from register.revision'), newest);
    refuses(() => archive('recover', `${files}/archive`, latest.data), /is there already/);
    refuses(() => archive('recover', `${files}/archive`, `${files}/x`, 'soon'), /not a time/);
    refuses(() => archive('recover', `${files}/archive`, `${files}/x`, '2020-01-01T00:00:00Z'),
        /no base backup .* is from before/);
});

test('a segment of the log is archived once, and never replaced', () => {
    asServer('bash', ['-c', `cd ${files} && echo one >00A && mkdir -p other && echo two >other/00A`]);
    archive('keep', `${files}/00A`, `${files}/segments`);
    archive('keep', `${files}/00A`, `${files}/segments`);
    refuses(() => archive('keep', `${files}/other/00A`, `${files}/segments`), /something else/);
    assert.equal(readFileSync(`${files}/segments/log/00A`, 'utf8'), 'one\n');
});
