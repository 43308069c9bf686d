// Kept answers: fresh while no newer revision is known, stale and saying so without the database.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Register, act, sql, url } from '../harness.mjs';

const kept = (answer) => answer.headers.get('cache-status');
const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

async function listening(register) {
    for (let i = 0; i < 100 && !register.log.includes('listener_connected'); i++) {
        await sleep(50);
    }
    assert.match(register.log, /listener_connected/);
}

test('what was asked before is answered without the database, byte for byte', async () => {
    const register = await Register.start();
    await listening(register);
    for (const address of ['/v1/convention', '/v1/states', '/v1/states/ITA', '/v1/actions',
        '/v1/actions/ITA-2', '/v1/actions/ITA-2/versions', '/v1/anomalies',
        '/v1/states?as_of=2000-01-01&status=party&fields=code']) {
        const first = await register.call('GET', address);
        assert.equal(kept(first), null, address);
        const again = await register.call('GET', address);
        assert.equal(kept(again), 'ets144; hit', address);
        assert.equal(again.text, first.text);
        assert.equal(again.headers.get('etag'), first.headers.get('etag'));
        assert.equal(again.headers.get('age'), null, 'it is as the register says now');
        const french = await register.call('GET', address, { headers: { 'Accept-Language': 'fr' } });
        assert.equal(kept(french), null, `${address} in French is another answer`);
        const unchanged = await register.call('GET', address,
            { headers: { 'If-None-Match': first.headers.get('etag') } });
        assert.equal(unchanged.status, 304);
    }
    // Another spelling of the same question is the same question; another question is not.
    const mixed = await register.call('GET',
        '/v1/states?fields=code&status=party&as_of=2000-01-01');
    assert.equal(kept(mixed), 'ets144; hit');
    assert.equal(kept(await register.call('GET', '/v1/states?as_of=2000-01-02')), null);
    // What was known at a moment a write may still change is not kept; once no write can, it is, and
    // stays so through later revisions. Pages behind a cursor are of one revision for ever.
    const { body } = await register.call('GET', '/v1/states');
    for (let i = 0; i < 2; i++) {
        assert.equal(kept(await register.call('GET',
            `/v1/states?known_at=${new Date().toISOString()}`)), null);
    }
    const page = await register.call('GET', '/v1/actions?limit=2&state=ita');
    assert.equal(kept(await register.call('GET', '/v1/actions?state=ITA&limit=2')),
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
            assert.equal(kept(again), 'ets144; hit', address);
            assert.equal(again.text, before.text);
        }
    }
    assert.equal((await register.call('GET', '/v1/states')).body.revision, body.revision + 1);
    await register.stop();
});

test('a writer reads its own write at once, and other replicas within a moment', async () => {
    const register = await Register.start();
    await listening(register);
    const token = await register.token('secretariat', 'actions:write');
    const other = new Register();
    Object.assign(other, { database: register.database, environment: register.environment });
    await other.serve();
    await listening(other);
    const states = ['PRT', 'AUT', 'DEU', 'FRA', 'ESP'];
    for (const [i, state] of states.entries()) {
        for (const replica of [register, other]) {
            await replica.call('GET', '/v1/states');
            assert.equal(kept(await replica.call('GET', '/v1/states')), 'ets144; hit');
        }
        assert.equal((await register.call('POST', '/v1/actions',
            { token, json: act(state, 'signature', '2026-01-01') })).status, 201);
        const own = await register.call('GET', '/v1/states');
        assert.equal(own.body.revision, i + 2);
        const until = Date.now() + 5000;
        let seen;
        do {
            seen = (await other.call('GET', '/v1/states')).body.revision;
        } while (seen !== i + 2 && Date.now() < until);
        assert.equal(seen, i + 2);
    }
    other.child.kill('SIGTERM');
    assert.equal((await other.ended).status, 0);
    await register.stop();
});

test('no reader\'s revision goes back while writers write', async () => {
    const register = await Register.start();
    await listening(register);
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

test('without the database kept answers go on, marked stale; what was never kept is 503', async () => {
    const register = await Register.start({ ETS144_CHECKOUT_TIMEOUT_MS: '200' });
    await listening(register);
    const first = await register.call('GET', '/v1/states');
    sql('postgres', `alter database ${register.database} allow_connections false`);
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${register.database}'`);
    await sleep(300);
    const began = Date.now();
    const stale = await register.call('GET', '/v1/states');
    assert.equal(stale.status, 200);
    assert.equal(kept(stale), 'ets144; hit; detail=stale');
    assert.equal(stale.text, first.text);
    assert.equal((await register.call('GET', '/v1/states?as_of=1999-01-01')).status, 503);
    assert.ok(Date.now() - began < 2000);
    sql('postgres', `alter database ${register.database} allow_connections true`);
    const until = Date.now() + 10000;
    let fresh;
    do {
        fresh = await register.call('GET', '/v1/states');
        await sleep(20);
    } while (kept(fresh) !== 'ets144; hit' && Date.now() < until);
    assert.equal(kept(fresh), 'ets144; hit');
    await register.stop();
});

test('a flood of different questions does not push out the common ones', async () => {
    const register = await Register.start({ ETS144_CACHE_ENTRIES: '20' });
    await listening(register);
    await register.call('GET', '/v1/states/ITA');
    for (let i = 0; i < 100; i++) {
        const day = `19${50 + (i % 50)}-0${1 + Math.floor(i / 50)}-01`;
        await register.call('GET', `/v1/states/NLD?as_of=${day}`);
        assert.equal(kept(await register.call('GET', '/v1/states/ITA')), 'ets144; hit');
    }
    assert.equal(kept(await register.call('GET', '/v1/states/NLD?as_of=1950-01-01')), null);
    await register.stop();
});

test('the common answers are there before anyone asks, and again after each change', async () => {
    const register = await Register.start({ ETS144_CACHE_WARMING: 'yes', ETS144_LOG_LEVEL: 'debug' });
    const warm = async (revision) => {
        for (let i = 0; i < 400 && !register.log.includes(`"cache_warmed","revision":${revision}`); i++) {
            await sleep(50);
        }
        assert.ok(register.log.includes(`"cache_warmed","revision":${revision}`), register.log.slice(-800));
    };
    const addresses = ['/v1/states', '/v1/convention', '/v1/statistics', '/v1/states/ITA',
        '/v1/states/NOR?lang=fr'];
    const token = await register.token('secretariat', 'actions:write');
    for (const revision of [1, 2]) {
        await warm(revision);
        for (const address of addresses) {
            assert.equal(kept(await register.call('GET', address)), 'ets144; hit', address);
        }
        assert.equal((await register.call('POST', '/v1/actions', { token,
            json: act(['PRT', 'AUT'][revision - 1], 'signature', '2026-01-01') })).status, 201);
    }
    await register.stop();
});

test('the common answers are kept at the start where reads have a server of their own, too', async () => {
    const register = await Register.start();
    register.child.kill('SIGTERM');
    await register.ended;
    register.environment = { ...register.environment, ETS144_CACHE_WARMING: 'yes',
        ETS144_READ_DATABASE_URL: url(register.database, 'ets144_service') };
    await register.serve();
    const end = Date.now() + 20000;
    while (kept(await register.call('GET', '/v1/states/ITA')) !== 'ets144; hit') {
        assert.ok(Date.now() < end, register.log.slice(-800));
        await sleep(20);
    }
    // And what was not kept is read from there.
    assert.equal((await register.call('GET', '/v1/states?as_of=2001-01-01')).status, 200);
    await register.stop();
});

test('near midnight, where the database is in another day, nothing is kept for the wrong one', async () => {
    const register = await Register.start();
    await listening(register);
    const setDay = (days) => sql(register.database, `create or replace function register.today()
        returns date language sql stable parallel safe
        return (pg_catalog.now() at time zone 'UTC')::date + ${days}`);
    const today = (await register.call('GET', '/v1/convention')).body.as_of;
    for (const days of [-1, 1]) {
        setDay(days);
        for (let i = 0; i < 3; i++) {
            const answer = await register.call('GET', '/v1/states');
            assert.notEqual(answer.body.as_of, today);
            assert.equal(kept(answer), null);
        }
    }
    setDay(0);
    for (const expected of [null, 'ets144; hit', 'ets144; hit']) {
        const answer = await register.call('GET', '/v1/states');
        assert.equal(answer.body.as_of, today);
        assert.equal(kept(answer), expected);
    }
    await register.stop();
});

test('why listener_cannot_connect is said, once', async () => {
    const register = await Register.start();
    await listening(register);
    sql('postgres', `alter database ${register.database} allow_connections false`);
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${register.database}'`);
    await sleep(1500);
    assert.equal(register.log.match(/listener_cannot_connect.*not currently accepting/g).length, 1);
    sql('postgres', `alter database ${register.database} allow_connections true`);
    await register.stop();
});
