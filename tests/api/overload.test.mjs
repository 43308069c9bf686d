// What one client does does not stop the others: bursts of connections, expensive requests that the
// cache does not have, long polls whose clients leave. Each test measures what the others get.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compare, percentile } from '../support/cold.mjs';
import { Register, act, environmentFor, eventually, makeDatabase, sleep, url } from '../harness.mjs';

let directory;
before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'ets144-burst-'));
    execFileSync('gcc', ['-O2', '-Wall', '-Wextra', '-D_GNU_SOURCE', '-o', path.join(directory, 'burst'),
        fileURLToPath(new URL('../support/burst.c', import.meta.url))]);
});
after(() => rmSync(directory, { recursive: true, force: true }));

async function start(t, settings) {
    const register = await Register.start(settings);
    t.after(() => register.stop());
    return register;
}

// Opens so many connections from one address and holds them; resolves when they are gone.
function burst(register, count, seconds, address) {
    const child = spawn(path.join(directory, 'burst'),
        [register.port, count, seconds, address].map(String), { stdio: 'ignore' });
    return new Promise((done) => { child.on('close', done); });
}

const all = (count, make) => Promise.all(Array.from({ length: count }, (_, i) => make(i)));
const open = (register) => readdirSync(`/proc/${register.child.pid}/fd`).length;

// Sends bytes on a connection of its own; the socket is the caller's.
function connect(register, bytes) {
    return new Promise((done, failed) => {
        const socket = net.connect(register.port, '127.0.0.1', () => {
            socket.write(bytes);
            done(socket);
        });
        socket.on('error', failed); // nothing fails later: the promise is settled
        socket.resume();
    });
}

// Locks a table in a session of its own, as a migration would.
async function lock(register, table) {
    const session = spawn('psql', [url(register.database, 'postgres'), '-X', '-q', '-A', '-t'],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    const closed = new Promise((done) => { session.on('close', done); });
    const held = new Promise((done) => { session.stdout.once('data', done); });
    session.stdin.write(`begin;\nlock table ${table} in access exclusive mode;\nselect 'held';\n`);
    await held;
    return { released: false,
        async release() {
            this.released = true;
            session.stdin.end('\\q\n');
            await closed;
        } };
}

async function isServing(register) {
    const answers = await all(200, () => register.call('GET', '/v1/states/ITA'));
    assert.ok(answers.every(({ status }) => status === 200));
}

async function endsInTime(register) {
    register.child.kill('SIGTERM');
    const ended = await Promise.race([register.ended, sleep(20000)]);
    assert.equal(ended?.status, 0, 'SIGTERM ends the process in its grace time');
}

test('bursts of connections beyond the limit of open files leave the service as it was', async (t) => {
    const register = await start(t, { ETS144_THREADS: '4' });
    for (let round = 0; round < 2; round++) {
        await all(3, (i) => burst(register, 14000, 3, `127.0.0.${i + 2}`));
        await eventually('the connections are gone', () => open(register) < 200, 30);
        await isServing(register);
    }
    await endsInTime(register);
});

test('connections beyond a small limit leave the service as it was', async (t) => {
    const register = await start(t, { ETS144_THREADS: '4', ETS144_CONNECTION_LIMIT: '100' });
    for (let round = 0; round < 5; round++) {
        await all(3, (i) => burst(register, 400, 1, `127.0.0.${i + 2}`));
    }
    await eventually('the connections are gone', () => open(register) < 60, 30);
    for (let i = 0; i < 10; i++) {
        const answers = await all(20, () => register.call('GET', '/v1/states/ITA'));
        assert.ok(answers.every(({ status }) => status === 200));
    }
    await endsInTime(register);
});

test('150 long polls at a limit of 100 connections leave the service as it was', async (t) => {
    const register = await start(t, { ETS144_THREADS: '4', ETS144_CONNECTION_LIMIT: '100' });
    const { body } = await register.call('GET', '/v1/changes?after=latest');
    const sockets = await all(150, () => connect(register,
        `GET /v1/changes?after=${body.cursor} HTTP/1.1\r\nHost: x\r\nPrefer: wait=2\r\n\r\n`)
        .catch(() => undefined));
    await sleep(3000);
    sockets.forEach((socket) => socket?.destroy());
    await eventually('the connections are gone', () => open(register) < 60, 30);
    assert.equal((await register.call('GET', '/v1/states/ITA')).status, 200);
    await endsInTime(register);
});

test('requests that wait for the database do not delay what the cache has', async (t) => {
    const register = await start(t, { ETS144_THREADS: '2', ETS144_POOL_SIZE: '2' });
    assert.equal((await register.call('GET', '/v1/states')).status, 200);
    const hold = await lock(register, 'register.state_version');
    try {
        // More than there are connection threads: each is held up by the lock.
        const held = all(16, (i) => register.call('GET', `/v1/states?as_of=1999-01-${10 + i}`));
        let cached = 0;
        for (let i = 0; i < 20; i++) {
            const [list, live] = await Promise.all([register.call('GET', '/v1/states'),
                register.call('GET', '/health/live')]);
            cached += list.status === 200 && live.status === 200;
        }
        assert.equal(cached, 20);
        assert.equal(hold.released, false, 'the others were answered while the lock was held');
        await hold.release();
        const statuses = (await held).map(({ status }) => status);
        assert.ok(statuses.every((status) => status === 200 || status === 503), `${statuses}`);
    } finally {
        await hold.release();
    }
});

test('what the cache has is answered beside 40 cold questions a second, and surplus ones get 503', async (t) => {
    // One session, and little patience: on any machine there are more questions than it answers.
    const register = await start(t, { ETS144_POOL_SIZE: '1', ETS144_CHECKOUT_TIMEOUT_MS: '20' });
    assert.equal((await register.call('GET', '/v1/states')).status, 200);
    const { quiet, attacked, cold } = await compare(register.port, 40, 8, 150);
    const p99 = (answers) => percentile(answers, 0.99).toFixed(1);
    t.diagnostic(`p99 of a cached GET: quiet ${p99(quiet)} ms, under attack ${p99(attacked)} ms`);
    assert.ok([...quiet, ...attacked].every(({ status }) => status === 200));
    const refused = cold.filter(({ status }) => status === 503);
    t.diagnostic(`${refused.length} of ${cold.length} cold questions refused`);
    assert.deepEqual(new Set(cold.map(({ status }) => status)), new Set([200, 503]));
    assert.ok(refused.length > 0);
    assert.ok(refused.every(({ headers }) => Number(headers['retry-after']) > 0));
});

// Who gets no room for a body, and who gets a half of it: POST /v1/reconciliations takes no token.
const bodies = {
    'an unknown address': 'POST /nowhere',
    'a read': 'GET /v1/states',
    'a write without a token': 'POST /v1/actions',
    'a comparison, which takes no token': 'POST /v1/reconciliations',
};

for (const [whose, line] of Object.entries(bodies)) {
    test(`bodies of ${whose}, held half-sent, leave room for those who have a token`, async (t) => {
        const register = await start(t, {});
        const token = await register.token('secretariat', 'actions:write');
        const head = Buffer.from(`${line} HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n`
            + 'Content-Length: 65536\r\n\r\n');
        const bytes = Buffer.concat([head, Buffer.alloc(65535, 'x')]);
        // 2,060 of these are more than the 128 MiB that all bodies together may have.
        const sockets = await all(2060, () => connect(register, bytes));
        try {
            const sent = (socket) => socket.destroyed || socket.writableLength === 0;
            await eventually('the bodies are sent', () => sockets.every(sent), 60);
            for (let i = 0; i < 5; i++) {
                const answer = await register.call('POST', '/v1/actions?dry_run=true',
                    { token, json: act('PRT', 'signature', '2026-11-02') });
                assert.equal(answer.status, 200, answer.text);
            }
            assert.equal((await register.call('POST', '/v1/actions',
                { token, json: act('PRT', 'signature', '2026-11-02') })).status, 201);
            if (!line.includes('reconciliations')) {
                // The others take no memory at all: there is room without a token, too.
                const compared = await register.call('POST', '/v1/reconciliations',
                    { body: 'CodePays\nITA\n', headers: { 'Content-Type': 'text/csv' } });
                assert.notEqual(compared.status, 503, compared.text);
            }
            assert.equal((await register.call('GET', '/v1/states')).status, 200);
        } finally {
            // Or else the service waits for them when it stops.
            sockets.forEach((socket) => socket.destroy());
        }
    });
}

test('a client that leaves a long poll frees its connection at once', async (t) => {
    const register = await start(t, {});
    const { body } = await register.call('GET', '/v1/changes?after=latest');
    const before = open(register);
    const sockets = await all(300, () => connect(register,
        `GET /v1/changes?after=${body.cursor} HTTP/1.1\r\nHost: x\r\nPrefer: wait=60\r\n\r\n`));
    await eventually('all wait', () => open(register) >= before + 300);
    sockets.forEach((socket) => socket.destroy());
    await eventually('their descriptors are free', () => open(register) < before + 30, 10);
    assert.equal((await register.call('GET', '/v1/states/ITA')).status, 200);
});

test('only a half of the connections may wait; beyond it the answer comes at once', async (t) => {
    const register = await start(t, { ETS144_CONNECTION_LIMIT: '200' });
    const { body } = await register.call('GET', '/v1/changes?after=latest');
    const answered = [];
    const sockets = await all(130, async (i) => {
        const socket = await connect(register,
            `GET /v1/changes?after=${body.cursor} HTTP/1.1\r\nHost: x\r\nPrefer: wait=30\r\n\r\n`);
        socket.once('data', () => answered.push(i));
        return socket;
    });
    await eventually('30 are answered', () => answered.length === 30, 10);
    await sleep(300);
    assert.equal(answered.length, 30);
    sockets.forEach((socket) => socket.destroy());
});

test('a write answers all who wait with one reading', async (t) => {
    const register = await start(t, { ETS144_CACHE_WARMING: 'no' });
    const token = await register.token('secretariat', 'actions:write');
    const { body } = await register.call('GET', '/v1/changes?after=latest');
    const waiting = all(200, () => register.call('GET', `/v1/changes?after=${body.cursor}`,
        { headers: { Prefer: 'wait=30' } }));
    await sleep(1000);
    const statements = async () => Number(/^ets144_database_statement_duration_seconds_count.* (\d+)$/m
        .exec((await register.call('GET', '/metrics')).text)[1]);
    const before = await statements();
    assert.equal((await register.call('POST', '/v1/actions',
        { token, json: act('PRT', 'signature', '2026-11-02') })).status, 201);
    const answers = await waiting;
    assert.ok(answers.every(({ status, body: page }) => status === 200 && page.items.length > 0));
    const more = await statements() - before;
    assert.ok(more < 60, `${more} statements for one write and 200 who waited`);
});

test('the cache warmer survives a database that does not answer it', async (t) => {
    const register = new Register();
    register.database = makeDatabase();
    register.environment = environmentFor(register.database, { ETS144_CACHE_WARMING: 'yes',
        ETS144_STATEMENT_TIMEOUT_MS: '200' });
    const hold = await lock(register, 'register.state_version');
    try {
        await register.serve();
        t.after(() => register.stop());
        await sleep(1500);
        assert.equal((await register.call('GET', '/v1/states/ITA')).status, 503);
    } finally {
        await hold.release();
    }
    await eventually('reads recover', async () =>
        (await register.call('GET', '/v1/states/ITA')).status === 200);
});
