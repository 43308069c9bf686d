// Writers that wait for another, and dry runs, which hold off nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { Register, act, eventually, sql, url } from '../harness.mjs';

async function start(t, settings) {
    const register = await Register.start(settings);
    t.after(() => register.stop());
    register.writer = await register.token('secretariat', 'actions:write', 'calls:write');
    return register;
}

const write = (register, path, json, token = register.writer) =>
    register.call('POST', path, { token, json });
const say = (register, state, token) =>
    write(register, '/v1/actions', act(state, 'communication', '2026-01-01'), token);
const operations = (count, state = 'ITA') => Array.from({ length: count }, (_, number) => ({
    op: 'record', type: 'action', document: act(state, 'communication', '2026-01-01',
        { summary_en: `Number ${number}.` }) }));
const running = (register, statement) => sql(register.database, `select count(*) from pg_stat_activity
    where datname = current_database() and state = 'active' and pid <> pg_backend_pid()
      and query like '%${statement}%'`) !== '0';

// Holds a row that the write in progress needs, in a session of its own.
async function hold(t, register, statement) {
    const session = spawn('psql', [url(register.database, 'postgres'), '-X', '-q', '-A', '-t'],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    const held = new Promise((done) => { session.stdout.once('data', done); });
    session.stdin.write(`begin;\n${statement};\nselect 'held';\n`);
    await held;
    const closed = new Promise((done) => { session.on('close', done); });
    const release = () => {
        session.stdin.end('rollback;\n');
        return closed;
    };
    t.after(() => session.kill());
    return release;
}
// A table that is written once the write lock is held, and that no other write has reached.
const changesets = 'lock table register.changeset in exclusive mode';

test('who waits too long for another writer is told who writes, and since when', async (t) => {
    const register = await start(t, { ETS144_STATEMENT_TIMEOUT_MS: '2000', ETS144_IMPORT_TIMEOUT_MS: '60000' });
    const other = await register.token('colleague', 'actions:write');
    const release = await hold(t, register, changesets);
    const before = Math.floor(Date.now() / 1000);
    const long = write(register, '/v1/changesets', { reason: 'Long.', operations: operations(1) });
    await eventually('the write runs', () => running(register, 'changeset_record'));
    const refused = await say(register, 'ITA', other);
    assert.equal(refused.status, 503, refused.text);
    assert.equal(refused.body.type, '/problems/busy', refused.text);
    const told = /is being recorded since (\S+), by secretariat;/.exec(refused.body.detail);
    assert.ok(told !== null, refused.text);
    assert.ok(Date.parse(told[1]) / 1000 >= before && Date.parse(told[1]) <= Date.now() + 1000, told[1]);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds >= 1 && seconds <= 30, String(seconds));
    await release();
    assert.equal((await long).status, 201);
    assert.equal((await say(register, 'ITA', other)).status, 201);
});

test('what exceeds its time says so, with the time and the setting', async (t) => {
    const register = await start(t, { ETS144_STATEMENT_TIMEOUT_MS: '700', ETS144_IMPORT_TIMEOUT_MS: '900' });
    const release = await hold(t, register, changesets);
    const alone = await say(register, 'ITA');
    assert.equal(alone.status, 503, alone.text);
    assert.match(alone.body.detail, /longer than the 700 milliseconds that ETS144_STATEMENT_TIMEOUT_MS allows/);
    const set = await write(register, '/v1/changesets', { reason: 'Long.', operations: operations(2) });
    assert.match(set.body.detail, /longer than the 900 milliseconds that ETS144_IMPORT_TIMEOUT_MS allows/);
    await release();
    assert.equal(register.revision(), 1);
});

test('a dry run of thousands of operations holds off no writer', async (t) => {
    const register = await start(t, { ETS144_IMPORT_TIMEOUT_MS: '60000', ETS144_MAX_FILE_BYTES: '4194304' });
    const order = [];
    const ended = (name) => (answer) => { order.push(name); return answer; };
    const dry = write(register, '/v1/changesets?dry_run=true',
        { reason: 'Tried.', operations: operations(4000) }).then(ended('dry run'));
    await eventually('the dry run runs', () => running(register, 'changeset_record'));
    // Each of these would wait for the dry run to end.
    const written = await Promise.all([say(register, 'NOR'), say(register, 'ITA')]
        .map((one) => one.then(ended('write'))));
    assert.deepEqual(written.map((one) => one.status), [201, 201], written[0].text);
    const answer = await dry;
    assert.equal(answer.status, 503, answer.text.slice(0, 500));
    assert.equal(answer.body.type, '/problems/busy');
    assert.match(answer.body.detail, /dry run gives way/);
    assert.equal(answer.headers.get('retry-after'), '1');
    const again = await write(register, '/v1/changesets?dry_run=true',
        { reason: 'Tried.', operations: operations(20) });
    assert.equal(again.status, 200, again.text.slice(0, 500));
});

test('a dry run whose turn comes while a writer waits gives way to it', async (t) => {
    const register = await start(t, { ETS144_STATEMENT_TIMEOUT_MS: '60000', ETS144_IMPORT_TIMEOUT_MS: '60000' });
    const release = await hold(t, register, changesets);
    const long = say(register, 'NOR');
    await eventually('a write runs', () => running(register, 'operation_apply'));
    const dry = write(register, '/v1/changesets?dry_run=true', { reason: 'Tried.', operations: operations(2) });
    await eventually('the dry run waits', () => running(register, 'write_begin'));
    const written = say(register, 'ITA');
    const answer = await dry;
    assert.equal(answer.status, 503, answer.text);
    assert.match(answer.body.detail, /dry run gives way/);
    await release();
    assert.deepEqual([(await long).status, (await written).status], [201, 201]);
});
