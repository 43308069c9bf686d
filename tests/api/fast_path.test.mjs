// The fast path: a request whose bytes match an earlier one gets a prebuilt response, before Ulfius. It
// must be the response that any other request for the same gets.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { act, checkAgainstContract, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });

// Requests over one connection; answers the bytes and headers as they came.
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
after(() => agent.destroy());
function ask(address, headers = {}, method = 'GET') {
    return new Promise((done, failed) => {
        http.request({ port: holder.register.port, path: address, headers, method, agent },
            (answer) => {
                let text = '';
                answer.on('data', (data) => { text += data.toString('latin1'); });
                answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers,
                    text: Buffer.from(text, 'latin1').toString() }));
            }).on('error', failed).end();
    });
}

// Only a prebuilt response has no request id.
const isPrebuilt = (answer) => answer.headers['x-request-id'] === undefined;

// Asks until the response is prebuilt: the first request renders it, the second finds it in the cache. A
// request with an id of its own bypasses the fast path.
async function prebuild(address, headers = {}) {
    await ask(address, headers);
    await ask(address, headers);
    const cached = await ask(address, { ...headers, 'X-Request-Id': 'me' });
    assert.equal(cached.headers['cache-status'], 'ets144; hit');
    const prebuilt = await ask(address, headers);
    assert.ok(isPrebuilt(prebuilt), address);
    return { cached, prebuilt };
}

test('a prebuilt response equals the cached one, header by header', async () => {
    for (const [address, headers] of [['/v1/states', {}], ['/v1/states/ITA', {}],
        ['/v1/states/ita?as_of=2001-01-01', { 'Accept-Language': 'fr' }],
        ['/v1/actions?limit=3', { Accept: 'application/json' }],
        ['/v1/states?known_at=2020-01-01T00:00:00Z&as_of=2019-01-01', {}]]) {
        const { cached, prebuilt } = await prebuild(address, headers);
        assert.equal(prebuilt.text, cached.text);
        for (const header of [cached.headers, prebuilt.headers]) {
            delete header['x-request-id'];
            delete header.date;
        }
        assert.deepEqual(prebuilt.headers, cached.headers);
        checkAgainstContract('GET', address, 200, new Headers(prebuilt.headers), prebuilt.text);
    }
});

test('HEAD and 304 give the length of the bytes that they leave out', async () => {
    const { prebuilt } = await prebuild('/v1/states/NOR');
    const head = await ask('/v1/states/NOR', {}, 'HEAD');
    assert.ok(isPrebuilt(head));
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], prebuilt.headers['content-length']);
    for (const condition of [{ 'If-None-Match': prebuilt.headers.etag },
        { 'If-None-Match': `"a", W/${prebuilt.headers.etag}` }, { 'If-None-Match': '*' },
        { 'If-Modified-Since': prebuilt.headers['last-modified'] }]) {
        const unchanged = await ask('/v1/states/NOR', condition);
        assert.ok(isPrebuilt(unchanged));
        assert.equal(unchanged.status, 304);
        assert.equal(unchanged.text, '');
        assert.equal(unchanged.headers['content-type'], undefined);
        assert.equal(unchanged.headers['content-length'], prebuilt.headers['content-length']);
        checkAgainstContract('GET', '/v1/states/NOR', 304, new Headers(unchanged.headers), '');
        // The slow path answers the same.
        const named = await ask('/v1/states/NOR', { ...condition, 'X-Request-Id': 'me' });
        assert.equal(named.status, 304);
        assert.equal(named.headers['content-length'], prebuilt.headers['content-length']);
    }
    for (const condition of [{ 'If-None-Match': '"a"' }, { 'If-None-Match': 'nonsense' },
        { 'If-None-Match': '"a"', 'If-Modified-Since': prebuilt.headers['last-modified'] },
        { 'If-Modified-Since': 'Wed, 01 Jan 2020 00:00:00 GMT' }]) {
        assert.equal((await ask('/v1/states/NOR', condition)).status, 200);
    }
});

test('a client that already has the bytes gets a prebuilt 304, and others the whole response', async () => {
    for (const address of ['/v1/states/FIN', '/v1/states?lang=fr&sort=-name']) {
        const { headers, text } = await ask(address);
        const condition = { 'If-None-Match': headers.etag };
        assert.ok(!isPrebuilt(await ask(address, condition)));
        const unchanged = await ask(address, condition);
        assert.ok(isPrebuilt(unchanged));
        assert.equal(unchanged.status, 304);
        const whole = await ask(address);
        assert.ok(isPrebuilt(whole));
        assert.equal(whole.text, text);
        for (const name of ['content-type', 'content-language', 'content-length',
            'etag', 'last-modified', 'vary']) {
            assert.equal(whole.headers[name], headers[name], name);
        }
    }
});

test('a header that changes the response bypasses the fast path', async () => {
    const address = '/v1/states/SWE';
    await prebuild(address);
    const named = await ask(address, { 'X-Request-Id': 'me' });
    assert.equal(named.headers['x-request-id'], 'me');
    await prebuild('/v1/outlook');
    assert.equal((await ask('/v1/outlook', { Authorization: 'Bearer ets144_nonsense' })).status,
        401);
    assert.equal((await ask(address, { 'Accept-Datetime': 'soon' })).status, 400);
    assert.equal((await ask(address, { 'Accept-Language': 'caf\u00e9' })).status, 400);
    assert.equal((await ask(address, { 'User-Agent': 'x'.repeat(5200) })).status, 431);
    assert.equal((await ask(address, { Accept: 'text/html' })).status, 406);
    assert.equal((await ask(address, { 'Accept-Language': 'fr' })).headers['content-language'],
        'fr');
    assert.equal((await ask(address, { 'Accept-Encoding': 'gzip' })).headers['content-encoding'],
        'gzip');
    assert.equal((await ask(address, { 'Accept-Encoding': 'gzip' })).headers['content-encoding'],
        'gzip');
    assert.equal((await ask(address, {}, 'PUT')).status, 405);
    // A header that is sent twice is one list.
    const twice = await holder.register.raw(`GET ${address} HTTP/1.1\r\nHost: x\r\n`
        + 'Accept: text/html\r\nAccept: image/png\r\n\r\n');
    assert.equal(twice.status, 406);
    assert.ok(isPrebuilt(await ask(address)));
});

test('a write invalidates the prebuilt responses that it changes', async () => {
    const { prebuilt } = await prebuild('/v1/states');
    const denmark = (await prebuild('/v1/states/DNK')).prebuilt;
    const wrote = await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('AUT', 'signature', '2026-01-01') });
    assert.equal(wrote.status, 201);
    const after = await ask('/v1/states', { 'If-None-Match': prebuilt.headers.etag });
    assert.equal(after.status, 200);
    assert.equal(JSON.parse(after.text).revision, JSON.parse(prebuilt.text).revision + 1);
    // The response for another State has the same bytes as before.
    for (let i = 0; i < 4; i++) {
        assert.equal((await ask('/v1/states/DNK', { 'If-None-Match': denmark.headers.etag })).status,
            304);
    }
});
