// The network between service and database is cut: no refusal and no closed connection, only silence.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { Cluster, run, scope, serve } from '../cluster.mjs';
import { eventually, sleep, untilLogged } from '../harness.mjs';

// A database behind a wire that can be cut: an address in a network of its own, where each
// connection is passed on to the cluster. Null where no such network may be made.
async function makeWire(here, cluster) {
    const space = `ets144-${process.pid}`;
    const [near, far] = [`e${process.pid}n`, `e${process.pid}f`];
    const host = (n) => `10.144.${process.pid % 250}.${n}`;
    try {
        run('ip', ['netns', 'add', space]);
    } catch {
        return null;
    }
    here.after(() => run('ip', ['netns', 'delete', space]));
    run('ip', ['link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', space]);
    run('ip', ['address', 'add', `${host(1)}/30`, 'dev', near]);
    run('ip', ['link', 'set', near, 'up']);
    const inside = (...words) => run('ip', ['-n', space, ...words]);
    inside('address', 'add', `${host(2)}/30`, 'dev', far);
    inside('link', 'set', far, 'up');
    const passing = spawn('ip', ['netns', 'exec', space, process.execPath, '-e', `
        require('net').createServer((client) => {
            const server = require('net').connect('${cluster.socket}/.s.PGSQL.5432');
            for (const [one, other] of [[client, server], [server, client]]) {
                one.pipe(other);
                one.on('error', () => other.destroy());
            }
        }).listen(5432, '${host(2)}', () => console.log('listening'))`],
    { stdio: ['ignore', 'pipe', 'inherit'] });
    here.after(() => passing.kill('SIGKILL'));
    await new Promise((listening) => { passing.stdout.once('data', listening); });
    return { host: host(2), cut: () => inside('link', 'set', far, 'down'),
        mend: () => inside('link', 'set', far, 'up') };
}

async function timed(answering) {
    const start = performance.now();
    return { answer: await answering(), took: Math.round(performance.now() - start) };
}

const more = { ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '400', ETS144_CHECKOUT_TIMEOUT_MS: '400' };
const post = (register, token, note) => register.call('POST', '/v1/outlook', { token,
    headers: { 'Idempotency-Key': note }, json: { state: 'PRT', stage: 'no_information',
        date: '2026-01-05', visibility: 'public', note_en: note, sources: [] } });
const isKept = (register) => eventually('it is kept', async () =>
    (await register.call('GET', '/v1/states')).headers.get('cache-status') === 'ets144; hit');

test('the wire is cut and mended: no request waits for it, and nothing is lost', async (t) => {
    const here = scope(t);
    const cluster = Cluster.loaded(here);
    const wire = await makeWire(here, cluster);
    if (wire === null) {
        t.skip('no network of its own can be made here');
        return;
    }
    const register = await serve(here,
        (role) => `postgresql://${role}@${wire.host}:5432/ets144`, more);
    const token = await register.token('secretariat', 'outlook:write');
    await isKept(register);

    wire.cut();
    const first = await timed(() => post(register, token, 'first'));
    assert.equal(first.answer.status, 503);
    assert.ok(first.took < 3000, `${first.took} ms`);
    await untilLogged(register, 'circuit_opened');
    for (const asking of [() => post(register, token, 'second'),
        () => register.call('GET', '/v1/states?as_of=1994-05-06'),
        () => register.call('GET', '/health/ready')]) {
        const { answer, took } = await timed(asking);
        assert.equal(answer.status, 503);
        assert.ok(answer.headers.get('retry-after'));
        assert.ok(took < 1000, `${took} ms`);
    }
    const kept = await timed(() => register.call('GET', '/v1/states'));
    assert.equal(kept.answer.headers.get('cache-status'), 'ets144; hit; detail=stale');
    assert.ok(kept.took < 1000, `${kept.took} ms`);

    wire.mend();
    const back = await timed(() => isKept(register));
    t.diagnostic(`fresh answers ${back.took} ms after the wire was mended`);
    for (const note of ['first', 'second', 'third']) {
        await eventually('it is recorded', async () =>
            (await post(register, token, note)).status === 201);
    }
    assert.equal(cluster.sql('select string_agg(note_en, \' \' order by note_en) '
        + 'from register.outlook_version'), 'first second third');
    await register.end();
});

test('the primary is behind a cut wire, and its standby takes over', async (t) => {
    const here = scope(t);
    const primary = Cluster.loaded(here, 'primary');
    const standby = primary.makeStandby(here);
    primary.set({ synchronous_standby_names: '*' });
    const wire = await makeWire(here, primary);
    if (wire === null) {
        t.skip('no network of its own can be made here');
        return;
    }
    const register = await serve(here, (role) => `postgresql:///ets144?user=${role}`
        + `&host=${wire.host},${standby.socket}&port=5432,5432&target_session_attrs=read-write`, more);
    const token = await register.token('secretariat', 'outlook:write');
    await isKept(register);
    assert.equal((await post(register, token, 'before')).status, 201);

    wire.cut();
    const cut = Date.now();
    let failed = 0;
    let over = false;
    const reader = (async () => {
        while (!over) {
            failed += (await register.call('GET', '/v1/states')).status !== 200;
            await sleep(5);
        }
    })();
    await sleep(300);
    standby.sql('alter system reset synchronous_standby_names');
    standby.promote();
    await eventually('writes resume', async () =>
        (await post(register, token, 'after')).status === 201, 60);
    const took = Date.now() - cut;
    t.diagnostic(`writes resumed ${took} ms after the cut`);
    over = true;
    await reader;
    assert.ok(took < 20000, `${took} ms`);
    assert.equal(failed, 0);
    assert.equal(standby.sql('select string_agg(note_en, \' \' order by note_en desc) '
        + 'from register.outlook_version'), 'before after');
    await register.end();
});
