// Ready replies: what a dashboard gets that spells its question as one before it did. They must be
// the answer that everyone else gets, and nobody else's.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { act, checkAgainstContract, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });

// Bytes and headers as they came, over one connection.
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

// A ready reply is the one that does not name its request.
const isReady = (answer) => answer.headers['x-request-id'] === undefined;

// Asks until the reply stands ready: once rendered, once kept. A named request is read in full.
async function makeReady(address, headers = {}) {
    await ask(address, headers);
    await ask(address, headers);
    const kept = await ask(address, { ...headers, 'X-Request-Id': 'me' });
    assert.equal(kept.headers['cache-status'], 'ets144; hit');
    const ready = await ask(address, headers);
    assert.ok(isReady(ready), address);
    return { kept, ready };
}

test('a ready reply is the kept answer, header by header', async () => {
    for (const [address, headers] of [['/v1/states', {}], ['/v1/states/ITA', {}],
        ['/v1/states/ita?as_of=2001-01-01', { 'Accept-Language': 'fr' }],
        ['/v1/actions?limit=3', { Accept: 'application/json' }],
        ['/v1/states?known_at=2020-01-01T00:00:00Z&as_of=2019-01-01', {}]]) {
        const { kept, ready } = await makeReady(address, headers);
        assert.equal(ready.text, kept.text);
        for (const header of [kept.headers, ready.headers]) {
            delete header['x-request-id'];
            delete header.date;
        }
        assert.deepEqual(ready.headers, kept.headers);
        checkAgainstContract('GET', address, 200, new Headers(ready.headers), ready.text);
    }
});

test('HEAD and 304 tell the length of bytes they do not send', async () => {
    const { ready } = await makeReady('/v1/states/NOR');
    const head = await ask('/v1/states/NOR', {}, 'HEAD');
    assert.ok(isReady(head));
    assert.equal(head.text, '');
    assert.equal(head.headers['content-length'], ready.headers['content-length']);
    for (const condition of [{ 'If-None-Match': ready.headers.etag },
        { 'If-None-Match': `"a", W/${ready.headers.etag}` }, { 'If-None-Match': '*' },
        { 'If-Modified-Since': ready.headers['last-modified'] }]) {
        const unchanged = await ask('/v1/states/NOR', condition);
        assert.ok(isReady(unchanged));
        assert.equal(unchanged.status, 304);
        assert.equal(unchanged.text, '');
        assert.equal(unchanged.headers['content-type'], undefined);
        assert.equal(unchanged.headers['content-length'], ready.headers['content-length']);
        checkAgainstContract('GET', '/v1/states/NOR', 304, new Headers(unchanged.headers), '');
        // The same, read in full.
        const named = await ask('/v1/states/NOR', { ...condition, 'X-Request-Id': 'me' });
        assert.equal(named.status, 304);
        assert.equal(named.headers['content-length'], ready.headers['content-length']);
    }
    for (const condition of [{ 'If-None-Match': '"a"' }, { 'If-None-Match': 'nonsense' },
        { 'If-None-Match': '"a"', 'If-Modified-Since': ready.headers['last-modified'] },
        { 'If-Modified-Since': 'Wed, 01 Jan 2020 00:00:00 GMT' }]) {
        assert.equal((await ask('/v1/states/NOR', condition)).status, 200);
    }
});

test('a dashboard that has the answer from the start gets a ready 304, and others the whole', async () => {
    for (const address of ['/v1/states/FIN', '/v1/states?lang=fr&sort=-name']) {
        const { headers, text } = await ask(address);
        const condition = { 'If-None-Match': headers.etag };
        assert.ok(!isReady(await ask(address, condition)));
        const unchanged = await ask(address, condition);
        assert.ok(isReady(unchanged));
        assert.equal(unchanged.status, 304);
        const whole = await ask(address);
        assert.ok(isReady(whole));
        assert.equal(whole.text, text);
        for (const name of ['content-type', 'content-language', 'content-length',
            'etag', 'last-modified', 'vary']) {
            assert.equal(whole.headers[name], headers[name], name);
        }
    }
});

test('what has a say in the answer is never passed over', async () => {
    const address = '/v1/states/SWE';
    await makeReady(address);
    const named = await ask(address, { 'X-Request-Id': 'me' });
    assert.equal(named.headers['x-request-id'], 'me');
    await makeReady('/v1/outlook');
    assert.equal((await ask('/v1/outlook', { Authorization: 'Bearer ets144_nonsense' })).status,
        401);
    assert.equal((await ask(address, { 'Accept-Datetime': 'soon' })).status, 400);
    assert.equal((await ask(address, { 'User-Agent': 'caf\u00e9' })).status, 400);
    assert.equal((await ask(address, { 'User-Agent': 'x'.repeat(5200) })).status, 431);
    assert.equal((await ask(address, { Accept: 'text/html' })).status, 406);
    assert.equal((await ask(address, { 'Accept-Language': 'fr' })).headers['content-language'],
        'fr');
    assert.equal((await ask(address, { 'Accept-Encoding': 'gzip' })).headers['content-encoding'],
        'gzip');
    assert.equal((await ask(address, { 'Accept-Encoding': 'gzip' })).headers['content-encoding'],
        'gzip');
    assert.equal((await ask(address, {}, 'PUT')).status, 405);
    // A header that stands twice is one list.
    const twice = await holder.register.raw(`GET ${address} HTTP/1.1\r\nHost: x\r\n`
        + 'Accept: text/html\r\nAccept: image/png\r\n\r\n');
    assert.equal(twice.status, 406);
    assert.ok(isReady(await ask(address)));
});

test('a ready reply is gone with the revision that it was for', async () => {
    const { ready } = await makeReady('/v1/states');
    const italy = (await makeReady('/v1/states/DNK')).ready;
    const wrote = await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('AUT', 'signature', '2026-01-01') });
    assert.equal(wrote.status, 201);
    const after = await ask('/v1/states', { 'If-None-Match': ready.headers.etag });
    assert.equal(after.status, 200);
    assert.equal(JSON.parse(after.text).revision, JSON.parse(ready.text).revision + 1);
    // Another State's is the same as before, and is ready again.
    for (let i = 0; i < 4; i++) {
        assert.equal((await ask('/v1/states/DNK', { 'If-None-Match': italy.headers.etag })).status,
            304);
    }
});
