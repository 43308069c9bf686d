// A database that answers everything, but five seconds late: as good as none, and said so at once.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { Register, act, makeDatabase, environmentFor } from '../harness.mjs';

const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Stands between the service and the database, and hands on what the database says after a delay.
function startSlowWay() {
    const way = { delay: 0 };
    way.server = net.createServer((service) => {
        const database = net.connect(`${process.env.ETS144_TEST_SOCKET}/.s.PGSQL.5432`);
        service.pipe(database);
        database.on('data', (data) => {
            setTimeout(() => { if (!service.destroyed) { service.write(data); } }, way.delay);
        });
        for (const [one, other] of [[service, database], [database, service]]) {
            one.on('error', () => {});
            one.on('close', () => other.destroy());
        }
    });
    return new Promise((listening) => {
        way.server.listen(0, '127.0.0.1', () => listening(way));
    });
}

async function until(what, holds) {
    const end = Date.now() + 30000;
    while (!await holds()) {
        assert.ok(Date.now() < end, what);
        await sleep(20);
    }
}

test('five seconds a statement: kept reads go on, all else is 503 at once, and it comes back', async (t) => {
    const way = await startSlowWay();
    t.after(() => way.server.close());
    const register = new Register();
    register.database = makeDatabase();
    register.environment = { ...environmentFor(register.database),
        ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '500' };
    const token = await register.token('secretariat', 'actions:write');
    register.environment.ETS144_DATABASE_URL =
        `postgresql://ets144_service@127.0.0.1:${way.server.address().port}/${register.database}`;
    await register.serve();
    t.after(() => register.child.kill('SIGKILL'));
    const kept = async () => (await register.call('GET', '/v1/states')).headers.get('cache-status');
    await until('the list is kept', async () => await kept() === 'ets144; hit');

    way.delay = 5000;
    await until('the list is known to be stale', async () =>
        await kept() === 'ets144; hit; detail=stale');
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

    way.delay = 0;
    await until('it is whole again', async () => await kept() === 'ets144; hit');
    await until('a write is taken', async () => (await register.call('POST', '/v1/actions',
        { token, json: act('PRT', 'signature', '2026-01-01') })).status === 201);
    await register.stop();
});
