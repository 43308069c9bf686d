// Prefer: wait (RFC 7240). A follower's request is suspended until there is news, and delays no other.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Register, act, sleep } from '../harness.mjs';

const wait = (seconds) => ({ headers: { Prefer: `wait=${seconds}` } });
const since = (began) => (performance.now() - began) / 1000;

// With one thread, a request that waited on it would delay all others.
const oneThread = { ETS144_THREADS: '1' };

async function begin() {
    const register = await Register.start(oneThread);
    const token = await register.token('secretariat', 'actions:write');
    const { body } = await register.call('GET', '/v1/changes?after=latest');
    return { register, token, next: body.next };
}

const sign = (register, token, state) => register.call('POST', '/v1/actions',
    { token, json: act(state, 'signature', '2026-01-01') });

test('a change wakes all followers, and other requests are answered meanwhile', async () => {
    const { register, token, next } = await begin();
    const began = performance.now();
    const followers = Array.from({ length: 200 }, () => register.call('GET', next, wait(50)));
    await sleep(300);
    const asked = performance.now();
    assert.equal((await register.call('GET', '/v1/convention')).status, 200);
    assert.ok(since(asked) < 5);
    assert.equal((await sign(register, token, 'AUT')).status, 201);
    for (const answer of await Promise.all(followers)) {
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('preference-applied'), 'wait');
        assert.deepEqual(answer.body.items.map((item) => item.subject), ['AUT-1', 'AUT']);
    }
    assert.ok(since(began) < 45, 'no follower waited to the end');
    await register.stop();
});

test('a wait without news ends in time, with the same cursor', async () => {
    const { register, next } = await begin();
    const began = performance.now();
    const { body } = await register.call('GET', next, wait(1));
    assert.ok(since(began) >= 1);
    assert.deepEqual(body.items, []);
    assert.equal(body.next, next);
    await register.stop();
});

test('a change of another State wakes its follower once', async () => {
    const { register, token } = await begin();
    const { body } = await register.call('GET', '/v1/changes?after=latest&state=PRT');
    const waiting = register.call('GET', body.next, wait(50));
    await sleep(200);
    await sign(register, token, 'AUT');
    const woken = await waiting;
    assert.deepEqual(woken.body.items, []);
    assert.notEqual(woken.body.next, body.next);
    const again = register.call('GET', woken.body.next, wait(50));
    await sleep(200);
    await sign(register, token, 'PRT');
    assert.deepEqual((await again).body.items.map((item) => item.subject), ['PRT-1', 'PRT']);
    // Without Prefer the same query has the same answer.
    const plain = await register.call('GET', '/v1/changes?after=latest&state=ESP');
    await sign(register, token, 'FRA');
    assert.equal((await register.call('GET', plain.body.next)).body.next, plain.body.next);
    await register.stop();
});

test('only a follower at the newest change waits', async () => {
    const { register, next } = await begin();
    const began = performance.now();
    for (const address of ['/v1/changes', '/v1/changes?limit=1', '/v1/states', '/v1/changes?after=x',
        `${next}&state=AUT`]) {
        await register.call('GET', address, wait(50));
    }
    for (const preference of ['wait', 'wait=', 'wait=x', 'wait=-5', 'wait=0', 'respond-async', '',
        'awaits=50', 'wait=5x']) {
        const answer = await register.call('GET', next, { headers: { Prefer: preference } });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('preference-applied'), null);
    }
    assert.equal((await register.call('HEAD', next, wait(50))).status, 200);
    assert.ok(since(began) < 40);
    await register.stop();
});

test('suspended requests are answered when the service stops', async () => {
    const { register, next } = await begin();
    const waiting = register.call('GET', next, { headers: { Prefer: 'respond-async, wait = 50' } });
    await sleep(300);
    const began = performance.now();
    await register.stop();
    assert.equal((await waiting).status, 200);
    assert.ok(since(began) < 30);
});
