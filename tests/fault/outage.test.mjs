// The database fails in every way, and dashboards do not notice: cached responses are served, all else is
// 503 at once, and the service recovers within a second.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Register, act, eventually, sleep } from '../harness.mjs';

const top = fileURLToPath(new URL('../../', import.meta.url));
const cluster = (...words) => execFileSync(`${top}sql/cluster.sh`, words, { encoding: 'utf8' }).trim();

// A cluster of its own, so that it can be stopped.
const directory = mkdtempSync('/tmp/ets144-outage-');
execFileSync('chmod', ['755', directory]);
const register = new Register();
let token;
let url;

const postmaster = () => Number(readFileSync(`${directory}/c/data/postmaster.pid`, 'utf8')
    .split('\n')[0]);
const children = () => execFileSync('ps', ['-o', 'pid=', '--ppid', postmaster()],
    { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
const signalAll = (signal) => [postmaster(), ...children()].forEach((pid) =>
    process.kill(pid, signal));
const ask = (address, text) => execFileSync('psql', [address, '-XAtqc', text],
    { encoding: 'utf8' }).trim();
const psql = (text) => ask(url('postgres'), text);
const elsewhere = (text) => ask(url('postgres').replace('/ets144?', '/postgres?'), text);

before(async () => {
    cluster('start', `${directory}/c`);
    const socket = cluster('socket', `${directory}/c`);
    url = (user) => `postgresql:///ets144?host=${socket}&user=${user}`;
    cluster('deploy', url('postgres'));
    execFileSync('psql', [url('postgres'), '-Xq', '-v', `data=${top}sql/data`, '-f',
        `${top}sql/load.sql`]);
    register.environment = { ETS144_DATABASE_URL: url('ets144_service'),
        ETS144_ADMIN_DATABASE_URL: url('ets144_admin'), ETS144_PORT: '0',
        // The sanitizers slow everything down; what is tested is that waits end, and when.
        ETS144_STATEMENT_TIMEOUT_MS: '20000', ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '400' };
    await register.serve();
    token = await register.token('secretariat', 'actions:write');
    await answersAgain();
});

after(async () => {
    register.child.kill('SIGTERM');
    assert.equal((await register.ended).status, 0, register.log.slice(-2000));
    assert.doesNotMatch(register.log, /AddressSanitizer|LeakSanitizer|runtime error:/);
    cluster('stop', `${directory}/c`);
    rmSync(directory, { recursive: true, force: true });
});

const get = (address) => register.call('GET', address);
async function timed(answering) {
    const start = performance.now();
    return { answer: await answering(), took: performance.now() - start };
}

async function answersAgain() {
    await eventually(() => `a fresh cached response; the log:\n${register.log.slice(-2000)}`, async () => {
        const ready = await get('/health/ready');
        const hit = ready.status === 200 && await get('/v1/states') && await get('/v1/states');
        return hit && hit.headers.get('cache-status') === 'ets144; hit';
    });
}

let unasked = 0;
// Checks the service while the database is down.
async function holdsOut(how) {
    const kept = await timed(() => get('/v1/states'));
    assert.equal(kept.answer.status, 200, how);
    assert.equal(kept.answer.headers.get('cache-status'), 'ets144; hit; detail=stale', how);
    assert.ok(Number(kept.answer.headers.get('age')) >= 0);
    const day = new Date(Date.UTC(1993, 0, 1 + unasked++)).toISOString().slice(0, 10);
    for (const asking of [() => get(`/v1/states?as_of=${day}`), () => get('/health/ready'),
        () => register.call('POST', '/v1/actions',
            { token, json: act('PRT', 'signature', '2026-01-01') })]) {
        const { answer, took } = await timed(asking);
        assert.equal(answer.status, 503, how);
        assert.ok(answer.headers.get('retry-after'));
        assert.ok(took < 1000, `${how}: ${took} ms`);
    }
    assert.equal((await get('/health/live')).status, 200, how);
}

test('stalled: every process of the database is stopped and goes on later', async () => {
    signalAll('SIGSTOP');
    // The first request waits for the heartbeat timeout, after which the circuit is open.
    const { answer, took } = await timed(() => get('/v1/states?as_of=1992-12-31'));
    assert.equal(answer.status, 503);
    assert.ok(took < 1500, `${took} ms`);
    await holdsOut('stalled');
    signalAll('SIGCONT');
    const back = await timed(answersAgain);
    assert.ok(back.took < 4000, `${back.took} ms`);
    assert.equal(psql("select count(*) from register.action where state = 'PRT'"), '0');
});

test('killed, and started again', async () => {
    const pids = [postmaster(), ...children()];
    pids.forEach((pid) => process.kill(pid, 'SIGKILL'));
    await sleep(300);
    await holdsOut('killed');
    // Without a parent that reaps the processes, their locks look valid.
    for (const lock of ['data/postmaster.pid', 'socket/.s.PGSQL.5432.lock']) {
        rmSync(`${directory}/c/${lock}`, { force: true });
    }
    cluster('start', `${directory}/c`);
    const back = await timed(answersAgain);
    assert.ok(back.took < 4000, `${back.took} ms`);
});

test('cut off: every connection is ended, and new connections are refused for a while', async () => {
    elsewhere('alter database ets144 allow_connections false');
    elsewhere("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'ets144'");
    await sleep(300);
    await holdsOut('refused');
    elsewhere('alter database ets144 allow_connections true');
    await answersAgain();
});

test('cut off while a key is stored: 503 has no header of the lost response', async () => {
    psql(`create function public.cut() returns trigger language plpgsql security definer
          as $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
          create trigger cut before insert on service.request_key execute function public.cut()`);
    const writing = { token, json: act('ESP', 'signature', '2026-01-01'),
        headers: { 'Idempotency-Key': 'cut-off' } };
    const cut = await register.call('POST', '/v1/actions', writing);
    assert.equal(cut.status, 503, cut.text);
    assert.deepEqual(['location', 'etag'].map((name) => cut.headers.get(name)), [null, null]);
    assert.ok(cut.headers.get('retry-after'));
    psql('drop function public.cut cascade');
    await answersAgain();
    assert.equal((await register.call('POST', '/v1/actions', writing)).status, 201);
    assert.equal(psql("select count(*) from register.action where state = 'ESP'"), '1');
});

test('out of connections: the open ones serve on', async () => {
    psql('alter role ets144_service connection limit 1');
    assert.equal((await get('/v1/states?as_of=1994-05-06')).status, 200);
    psql('alter role ets144_service connection limit -1');
});

test('a write after all of it is there once, and is read at once', async () => {
    const written = await register.call('POST', '/v1/actions',
        { token, json: act('PRT', 'signature', '2026-01-01') });
    assert.equal(written.status, 201);
    assert.equal((await get('/v1/states/PRT')).body.status, 'signatory');
});
