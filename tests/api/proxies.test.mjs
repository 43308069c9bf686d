// The client's address behind a proxy: forwarding headers count if the proxy is trusted. The proxies are
// the examples in docker/.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Register, act, eventually, logLines, sleep, untilLogged } from '../harness.mjs';
import { proxies, startProxy } from '../support/proxy.mjs';

let asked = 0;
const clientOf = async (register, headers) => {
    const id = `asked-${asked++}`;
    await register.call('GET', '/v1/calls', { headers: { ...headers, 'X-Request-Id': id } });
    return (await untilLogged(register, 'request', { request_id: id })).client;
};
const signature = act('PRT', 'signature', '2026-01-01');
const dryRun = (register, token, headers) => register.call('POST', '/v1/actions?dry_run=true',
    { token, headers, json: signature });

test('forwarding headers of an untrusted peer are ignored', async (t) => {
    const register = await Register.start();
    t.after(() => register.stop());
    const forged = { 'X-Forwarded-For': '192.0.2.9', Forwarded: 'for=192.0.2.9;proto=https',
        'X-Forwarded-Proto': 'https' };
    assert.equal(await clientOf(register, forged), '127.0.0.1');
    const token = await register.token('secretariat', 'actions:write');
    assert.equal((await dryRun(register, token)).status, 200);
    // An untrusted proxy: the peer's address is not the client's, so nothing is granted by it.
    for (const header of ['X-Forwarded-For', 'Forwarded']) {
        const headers = { [header]: forged[header] };
        assert.equal((await dryRun(register, token, headers)).status, 401, header);
        assert.equal((await register.call('GET', '/metrics', { headers })).status, 404, header);
    }
});

test('a trusted proxy gives the client\'s address, and whether it used TLS', async (t) => {
    const register = await Register.start({ ETS144_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8' });
    t.after(() => register.stop());
    const token = await register.token('secretariat', 'actions:write', 'outlook:read');
    const said = (addresses, proto) => ({ 'X-Forwarded-For': addresses,
        ...(proto && { 'X-Forwarded-Proto': proto }) });
    assert.equal(await clientOf(register, said('192.0.2.9')), '192.0.2.9');
    assert.equal(await clientOf(register, said('127.0.0.1, 192.0.2.9')), '192.0.2.9');
    assert.equal(await clientOf(register, said('2001:db8::7, 10.1.2.3')), '2001:db8::7');
    assert.equal(await clientOf(register, { Forwarded: 'for=192.0.2.9' }), '127.0.0.1');
    // The fast path logs the client, too.
    for (let i = 0; i < 3; i++) {
        await register.call('GET', '/v1/outlook', { headers: { ...said('192.0.2.9'),
            Accept: 'application/json' } });
    }
    await untilLogged(register, 'request', { cache: 'fast', client: '192.0.2.9' });
    for (const [headers, status] of [[said('192.0.2.9', 'https'), 200],
        [said('192.0.2.9', 'http'), 401], [said('192.0.2.9'), 401], [said('unknown', 'http'), 401],
        [said('127.0.0.1'), 200], [{ Forwarded: 'for=127.0.0.1' }, 401], [{}, 200]]) {
        assert.equal((await dryRun(register, token, headers)).status, status,
            JSON.stringify(headers));
    }
    const { body, headers } = await dryRun(register, token, { ...said('192.0.2.9'),
        'Accept-Language': 'fr' });
    assert.equal(body.type, '/problems/insecure-transport');
    assert.match(body.errors[0].detail, /en HTTP sans chiffrement/);
    assert.match(headers.get('www-authenticate'), /error="invalid_token"/);
    // A read that may take a token refuses it as well; a read without tokens does not look at it.
    const read = (address) => register.call('GET', address, { token, headers: said('192.0.2.9') });
    assert.equal((await read('/v1/outlook')).status, 401);
    assert.equal((await read('/v1/states')).status, 200);
    const metrics = (address) => register.call('GET', '/metrics', { headers: said(address) });
    assert.equal((await metrics('192.0.2.9')).status, 404);
    assert.equal((await metrics('127.0.0.1')).status, 200);
    assert.equal((await metrics('_hidden')).status, 404);
});

test('the header Forwarded is read if the operator has set it', async (t) => {
    const register = await Register.start({ ETS144_TRUSTED_PROXIES: '127.0.0.0/8',
        ETS144_PROXY_HEADER: 'forwarded' });
    t.after(() => register.stop());
    const token = await register.token('secretariat', 'actions:write');
    assert.equal(await clientOf(register, { Forwarded: 'for="[2001:db8::7]:4711";proto=https' }),
        '2001:db8::7');
    assert.equal(await clientOf(register, { 'X-Forwarded-For': '192.0.2.9' }), '127.0.0.1');
    const secure = { Forwarded: 'for=192.0.2.9;proto=https' };
    assert.equal((await dryRun(register, token, secure)).status, 200);
    assert.equal((await dryRun(register, token, { Forwarded: 'for=192.0.2.9' })).status, 401);
});

test('an operator may allow tokens in the clear', async (t) => {
    const register = await Register.start({ ETS144_TRUSTED_PROXIES: 'loopback',
        ETS144_TOKENS_OVER_HTTP: 'anywhere' });
    t.after(() => register.stop());
    const token = await register.token('secretariat', 'actions:write');
    assert.equal((await dryRun(register, token, { 'X-Forwarded-For': '192.0.2.9' })).status, 200);
});

const register = new Register();
let second;
let token;

before(async () => {
    const first = await Register.start({ ETS144_TRUSTED_PROXIES: 'loopback' });
    Object.assign(register, first);
    token = await register.token('secretariat', 'actions:write');
    second = new Register();
    second.environment = register.environment;
    await second.serve();
});
after(async () => {
    second.child.kill('SIGTERM');
    assert.equal((await second.ended).status, 0);
    await register.stop();
});

for (const name of proxies) {
    test(`${name}: the example serves, passes on the client, and keeps the metrics in`, async (t) => {
        const { ask } = await startProxy(t, name, [register.port, second.port]);

        const read = await ask('/v1/states/ITA', { headers: { 'X-Forwarded-For': '127.0.0.1',
            Forwarded: 'for=127.0.0.1', 'X-Request-Id': `${name}-read` } });
        assert.equal(read.status, 200);
        assert.equal(JSON.parse(read.text).code, 'ITA');
        assert.match(read.headers['strict-transport-security'], /max-age/);
        const { client } = await eventually('a replica has logged the request', () =>
            [register, second].flatMap(logLines).find((line) => line.request_id === `${name}-read`));
        assert.equal(client, '127.0.0.7');
        const again = await ask('/v1/states/ITA',
            { headers: { 'If-None-Match': read.headers.etag } });
        assert.equal(again.status, 304);

        const written = await ask('/v1/actions?dry_run=true', { method: 'POST',
            headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
            body: JSON.stringify(signature) });
        assert.equal(written.status, 200, written.text);

        for (const headers of [{}, { 'X-Forwarded-For': '127.0.0.1' }]) {
            assert.equal((await ask('/metrics', { headers })).status, 404);
        }
        const problem = await ask('/v1/states?no_such=1');
        assert.equal(problem.status, 400);
        assert.equal(JSON.parse(problem.text).type, '/problems/invalid-parameter');

        const plain = await ask('/v1/states?as_of=2001-02-03',
            { plain: true, method: 'POST', headers: { Authorization: `Bearer ${token}` } });
        assert.equal(plain.status, 308);
        assert.match(plain.headers.location, /^https:\/\/[^/]+\/v1\/states\?as_of=2001-02-03$/);
    });

    test(`${name}: a replica stops and no request fails`, async (t) => {
        const { ask } = await startProxy(t, name, [register.port, second.port]);
        const statuses = new Set();
        let over = false;
        const asking = Promise.all([1, 2, 3, 4].map(async () => {
            while (!over) {
                statuses.add((await ask('/v1/states')).status);
            }
        }));
        await sleep(300);
        second.child.kill('SIGTERM');
        assert.equal((await second.ended).status, 0);
        await sleep(1500);
        over = true;
        await asking;
        assert.deepEqual([...statuses], [200]);
        second.environment = { ...register.environment, ETS144_PORT: String(second.port) };
        await second.serve();
    });
}
