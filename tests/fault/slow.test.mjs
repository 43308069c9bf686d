// A database that answers five seconds late counts as down.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { Register, act, environmentFor, eventually, makeDatabase } from '../harness.mjs';


// A relay to the database that delays what the database sends.
function startSlowRelay() {
    const relay = { delay: 0 };
    relay.server = net.createServer((service) => {
        const database = net.connect(`${process.env.ETS144_TEST_SOCKET}/.s.PGSQL.5432`);
        service.pipe(database);
        database.on('data', (data) => {
            setTimeout(() => { if (!service.destroyed) { service.write(data); } }, relay.delay);
        });
        for (const [one, other] of [[service, database], [database, service]]) {
            one.on('error', () => {});
            one.on('close', () => other.destroy());
        }
    });
    return new Promise((listening) => {
        relay.server.listen(0, '127.0.0.1', () => listening(relay));
    });
}

test('five seconds a statement: the cache serves, all else is 503 at once, and it recovers', async (t) => {
    const relay = await startSlowRelay();
    t.after(() => relay.server.close());
    const register = new Register();
    register.database = makeDatabase();
    register.environment = { ...environmentFor(register.database),
        ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '500' };
    const token = await register.token('secretariat', 'actions:write');
    register.environment.ETS144_DATABASE_URL =
        `postgresql://ets144_service@127.0.0.1:${relay.server.address().port}/${register.database}`;
    await register.serve();
    t.after(() => register.child.kill('SIGKILL'));
    const cacheStatus = async () => (await register.call('GET', '/v1/states')).headers.get('cache-status');
    await eventually('the list is cached', async () => await cacheStatus() === 'ets144; hit');

    relay.delay = 5000;
    await eventually('the list is stale', async () =>
        await cacheStatus() === 'ets144; hit; detail=stale');
    for (const asking of [() => register.call('GET', '/v1/states?as_of=1999-01-01'),
        () => register.call('GET', '/health/ready'),
        () => register.call('POST', '/v1/actions',
            { token, json: act('PRT', 'signature', '2026-01-01') })]) {
        const began = performance.now();
        const answer = await asking();
        assert.equal(answer.status, 503);
        assert.ok(Number(answer.headers.get('retry-after')) > 0);
        assert.ok(performance.now() - began < 4500, 'not after the delay');
    }

    relay.delay = 0;
    await eventually('the list is fresh again', async () => await cacheStatus() === 'ets144; hit');
    await eventually('a write is taken', async () => (await register.call('POST', '/v1/actions',
        { token, json: act('PRT', 'signature', '2026-01-01') })).status === 201);
    await register.stop();
});
