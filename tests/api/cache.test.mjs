// The response cache: fresh until a newer revision is known; stale, and marked so, without the database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Register, act, eventually, logLines, sleep, sql, untilLogged, url } from '../harness.mjs';

const cacheStatus = (answer) => answer.headers.get('cache-status');

// Ends every session of the database, and refuses new ones until `allow` is called.
function refuseSessions(register) {
    sql('postgres', `alter database ${register.database} allow_connections false`);
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${register.database}'`);
    return { allow: () => sql('postgres',
        `alter database ${register.database} allow_connections true`) };
}

test('the second request is served from the cache, byte for byte', async () => {
    const register = await Register.start();
    for (const address of ['/v1/convention', '/v1/states', '/v1/states/ITA', '/v1/actions',
        '/v1/actions/ITA-2', '/v1/actions/ITA-2/versions', '/v1/anomalies',
        '/v1/states?as_of=2000-01-01&status=party&fields=code']) {
        const first = await register.call('GET', address);
        assert.equal(cacheStatus(first), null, address);
        const again = await register.call('GET', address);
        assert.equal(cacheStatus(again), 'ets144; hit', address);
        assert.equal(again.text, first.text);
        assert.equal(again.headers.get('etag'), first.headers.get('etag'));
        assert.equal(again.headers.get('age'), null, 'a fresh response has no Age');
        const french = await register.call('GET', address, { headers: { 'Accept-Language': 'fr' } });
        assert.equal(cacheStatus(french), null, `${address} in French is another entry`);
        const unchanged = await register.call('GET', address,
            { headers: { 'If-None-Match': first.headers.get('etag') } });
        assert.equal(unchanged.status, 304);
    }
    // The key is the canonical query: the order of its parameters does not matter, their values do.
    const mixed = await register.call('GET',
        '/v1/states?fields=code&status=party&as_of=2000-01-01');
    assert.equal(cacheStatus(mixed), 'ets144; hit');
    assert.equal(cacheStatus(await register.call('GET', '/v1/states?as_of=2000-01-02')), null);
    // A known_at that a later write may still fall before is not cached. One that no write can reach any
    // more is immutable, and so is a page behind a cursor, which shows one revision.
    const { body } = await register.call('GET', '/v1/states');
    for (let i = 0; i < 2; i++) {
        assert.equal(cacheStatus(await register.call('GET',
            `/v1/states?known_at=${new Date().toISOString()}`)), null);
    }
    const page = await register.call('GET', '/v1/actions?limit=2&state=ita');
    assert.equal(cacheStatus(await register.call('GET', '/v1/actions?state=ITA&limit=2')),
        'ets144; hit');
    const past = '/v1/states?known_at=2020-01-01T00:00:00Z&lang=fr';
    const then = await register.call('GET', past);
    const second = await register.call('GET', page.body.next);
    const token = await register.token('secretariat', 'actions:write');
    assert.equal((await register.call('POST', '/v1/actions',
        { token, json: act('PRT', 'signature', '2026-01-01') })).status, 201);
    for (const [address, before] of [[past, then], [page.body.next, second]]) {
        for (let i = 0; i < 3; i++) {
            const again = await register.call('GET', address);
            assert.equal(cacheStatus(again), 'ets144; hit', address);
            assert.equal(again.text, before.text);
        }
    }
    assert.equal((await register.call('GET', '/v1/states')).body.revision, body.revision + 1);
    await register.stop();
});

test('a writer reads its own write at once, and other replicas read it within seconds', async () => {
    const register = await Register.start();
    const token = await register.token('secretariat', 'actions:write');
    const other = new Register();
    Object.assign(other, { database: register.database, environment: register.environment });
    await other.serve();
    await untilLogged(other, 'listener_connected');
    const states = ['PRT', 'AUT', 'DEU', 'FRA', 'ESP'];
    for (const [i, state] of states.entries()) {
        for (const replica of [register, other]) {
            await replica.call('GET', '/v1/states');
            assert.equal(cacheStatus(await replica.call('GET', '/v1/states')), 'ets144; hit');
        }
        assert.equal((await register.call('POST', '/v1/actions',
            { token, json: act(state, 'signature', '2026-01-01') })).status, 201);
        const own = await register.call('GET', '/v1/states');
        assert.equal(own.body.revision, i + 2);
        await eventually(`the other replica shows revision ${i + 2}`, async () =>
            (await other.call('GET', '/v1/states')).body.revision === i + 2, 5);
    }
    other.child.kill('SIGTERM');
    assert.equal((await other.ended).status, 0);
    await register.stop();
});

test('the revision that a reader sees never goes back while writers write', async () => {
    const register = await Register.start();
    const token = await register.token('secretariat', 'actions:write');
    let writing = true;
    const addresses = ['/v1/states', '/v1/convention', '/v1/states?member=true', '/v1/anomalies'];
    const readers = Array.from({ length: 6 }, async (_, reader) => {
        let last = 0;
        for (let i = reader; writing; i++) {
            const { body } = await register.call('GET', addresses[i % addresses.length]);
            assert.ok(body.revision >= last, `${body.revision} after ${last}`);
            last = body.revision;
        }
        return last;
    });
    const states = ['PRT', 'AUT', 'DEU', 'FRA', 'ESP', 'IRL', 'LUX', 'POL', 'ROU', 'HUN'];
    await Promise.all(states.map((state) => register.call('POST', '/v1/actions',
        { token, json: act(state, 'signature', '2026-01-01') })));
    const { body } = await register.call('GET', '/v1/states');
    writing = false;
    assert.equal(body.revision, 11);
    assert.equal(body.items.filter((item) => item.status === 'signatory').length, 14);
    await Promise.all(readers);
    await register.stop();
});

test('without the database cached responses are served, marked stale; all others are 503', async () => {
    const register = await Register.start({ ETS144_CHECKOUT_TIMEOUT_MS: '200' });
    const first = await register.call('GET', '/v1/states');
    const sessions = refuseSessions(register);
    await untilLogged(register, 'listener_disconnected');
    const began = Date.now();
    const stale = await register.call('GET', '/v1/states');
    assert.equal(stale.status, 200);
    assert.equal(cacheStatus(stale), 'ets144; hit; detail=stale');
    assert.equal(stale.text, first.text);
    assert.equal((await register.call('GET', '/v1/states?as_of=1999-01-01')).status, 503);
    assert.ok(Date.now() - began < 2000);
    sessions.allow();
    await eventually('the response is fresh again', async () =>
        cacheStatus(await register.call('GET', '/v1/states')) === 'ets144; hit');
    await register.stop();
});

test('a burst of different queries does not evict the common ones', async () => {
    const register = await Register.start({ ETS144_CACHE_ENTRIES: '20' });
    await register.call('GET', '/v1/states/ITA');
    for (let i = 0; i < 100; i++) {
        const day = `19${50 + (i % 50)}-0${1 + Math.floor(i / 50)}-01`;
        await register.call('GET', `/v1/states/NLD?as_of=${day}`);
        assert.equal(cacheStatus(await register.call('GET', '/v1/states/ITA')), 'ets144; hit');
    }
    assert.equal(cacheStatus(await register.call('GET', '/v1/states/NLD?as_of=1950-01-01')), null);
    await register.stop();
});

test('the warmer fills the cache with the common responses before the first request, and after each write', async () => {
    const register = await Register.start({ ETS144_CACHE_WARMING: 'yes', ETS144_LOG_LEVEL: 'debug' });
    const addresses = ['/v1/states', '/v1/convention', '/v1/statistics', '/v1/states/ITA',
        '/v1/states/NOR?lang=fr'];
    const token = await register.token('secretariat', 'actions:write');
    for (const revision of [1, 2]) {
        await untilLogged(register, 'cache_warmed', { revision });
        for (const address of addresses) {
            assert.equal(cacheStatus(await register.call('GET', address)), 'ets144; hit', address);
        }
        assert.equal((await register.call('POST', '/v1/actions', { token,
            json: act(['PRT', 'AUT'][revision - 1], 'signature', '2026-01-01') })).status, 201);
    }
    await register.stop();
});

test('the warmer fills the cache at the start with a separate read server, too', async () => {
    const register = await Register.start();
    register.child.kill('SIGTERM');
    await register.ended;
    register.environment = { ...register.environment, ETS144_CACHE_WARMING: 'yes',
        ETS144_READ_DATABASE_URL: url(register.database, 'ets144_service') };
    await register.serve();
    await eventually('Italy is in the cache', async () =>
        cacheStatus(await register.call('GET', '/v1/states/ITA')) === 'ets144; hit');
    // A cache miss is read from that server.
    assert.equal((await register.call('GET', '/v1/states?as_of=2001-01-01')).status, 200);
    await register.stop();
});

test('near midnight, while the database has another day, nothing is cached for the wrong day', async () => {
    const register = await Register.start();
    const setDay = (days) => sql(register.database, `create or replace function register.today()
        returns date language sql stable parallel safe
        return (pg_catalog.now() at time zone 'UTC')::date + ${days}`);
    const today = (await register.call('GET', '/v1/convention')).body.as_of;
    for (const days of [-1, 1]) {
        setDay(days);
        for (let i = 0; i < 3; i++) {
            const answer = await register.call('GET', '/v1/states');
            assert.notEqual(answer.body.as_of, today);
            assert.equal(cacheStatus(answer), null);
        }
    }
    setDay(0);
    for (const expected of [null, 'ets144; hit', 'ets144; hit']) {
        const answer = await register.call('GET', '/v1/states');
        assert.equal(answer.body.as_of, today);
        assert.equal(cacheStatus(answer), expected);
    }
    await register.stop();
});

test('the listener logs once why it cannot connect', async () => {
    const register = await Register.start();
    const sessions = refuseSessions(register);
    const refusals = () => logLines(register).filter(({ event, error }) =>
        event === 'listener_cannot_connect' && /not currently accepting/.test(error)).length;
    await eventually('the listener is refused', () => refusals() > 0);
    // It tries again meanwhile, and each attempt fails.
    await sleep(1500);
    assert.equal(refusals(), 1);
    sessions.allow();
    await register.stop();
});

test('a percent-encoded unreserved character in a path is that character', async (t) => {
    const register = await Register.start();
    t.after(() => register.stop());
    const plain = await register.call('GET', '/v1/states/ITA');
    for (const path of ['/v1/states/%49TA', '/v1/%73tates/I%54A', '/%76%31/states/%49%54%41']) {
        const encoded = await register.bytes(path, {});
        assert.equal(encoded.status, 200, path);
        assert.equal(encoded.bytes.toString(), plain.text);
        assert.match(encoded.headers['cache-status'], /hit/, 'it has no entry of its own');
    }
});
