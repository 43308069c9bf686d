// Content codings of one response, their entity tags, and Last-Modified.
import assert from 'node:assert/strict';
import { execFile as run } from 'node:child_process';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { act, checkAgainstContract, sleep, source, url, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const execFile = promisify(run);

const get = (address, headers) => holder.register.bytes(address, headers);
const decoded = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync };

test('gzip and brotli decode to the same bytes, each with a strong tag', async () => {
    const plain = await get('/v1/states');
    assert.equal(plain.headers['content-encoding'], undefined);
    const tags = new Set([plain.headers.etag]);
    for (const [coding, decode] of Object.entries(decoded)) {
        for (let i = 0; i < 2; i++) {
            const answer = await get('/v1/states', { 'Accept-Encoding': coding });
            assert.equal(answer.headers['content-encoding'], coding);
            assert.match(answer.headers.vary, /Accept-Encoding/);
            assert.ok(answer.bytes.length < plain.bytes.length / 3);
            assert.ok(decode(answer.bytes).equals(plain.bytes));
            checkAgainstContract('GET', '/v1/states', 200, new Headers(answer.headers),
                decode(answer.bytes).toString());
            tags.add(answer.headers.etag);
            const unchanged = await get('/v1/states', { 'Accept-Encoding': coding,
                'If-None-Match': answer.headers.etag });
            assert.equal(unchanged.status, 304);
            assert.equal(unchanged.bytes.length, 0);
            assert.equal((await get('/v1/states', { 'If-None-Match': answer.headers.etag })).status,
                200);
        }
    }
    assert.equal(tags.size, 3);
    const head = await new Promise((done) => {
        http.request({ port: holder.register.port, path: '/v1/states', method: 'HEAD',
            headers: { 'Accept-Encoding': 'br' } }, done).end();
    });
    assert.equal(head.headers['content-encoding'], 'br');
    // The first response to a query is encoded too; a small one never.
    const first = await get('/v1/states?as_of=2001-01-01', { 'Accept-Encoding': 'gzip' });
    assert.equal(first.headers['content-encoding'], 'gzip');
    const small = await get('/v1/states?fields=code&status=former_party',
        { 'Accept-Encoding': 'gzip' });
    assert.equal(small.headers['content-encoding'], undefined);
});

test('If-Match takes the tag of any content coding', async () => {
    const read = await get('/v1/actions/FIN-3', { 'Accept-Encoding': 'br' });
    assert.equal(read.headers['content-encoding'], 'br');
    const corrected = await holder.register.call('PUT', '/v1/actions/FIN-3?dry_run=true', {
        token: holder.token, headers: { 'If-Match': read.headers.etag },
        json: { kind: 'declaration', date: '2001-01-12', verification: 'single_source',
            sources: [source], reason: 'x' } });
    assert.equal(corrected.status, 200, corrected.text);
});

// The problem of a request that was refused after the response had its encoding, or before.
test('a problem document is right under each content coding', async () => {
    const problems = [['/v1/states', 412, { 'If-Match': '"other"' }],
        ['/v1/states', 412, { 'If-Unmodified-Since': 'Mon, 01 Jan 2001 00:00:00 GMT' }],
        [`/v1/states?known_at=2001-01-01T00:00:00Z&fields=${'x'.repeat(2000)}`, 400, {}],
        [`/v1/states?${Array.from({ length: 60 }, (_, i) => `unknown_${i}=1`).join('&')}`, 400, {}],
        ['/v1/states/XXX', 404, {}], ['/nowhere', 404, {}], ['/v1/states', 406, { Accept: 'image/png' }]];
    for (const [address, status, headers] of problems) {
        let plain;
        for (const coding of ['identity', 'gzip', 'br', 'br, gzip']) {
            for (let i = 0; i < 2; i++) { // the second from the cache, if it could be
                const { status: got, headers: given, bytes } = await get(address,
                    { ...headers, 'Accept-Encoding': coding, 'X-Request-Id': 'one' });
                assert.equal(got, status, address);
                const text = (decoded[given['content-encoding']] ?? ((same) => same))(bytes).toString();
                assert.equal(Number(given['content-length']), bytes.length);
                assert.equal(given['content-type'], 'application/problem+json');
                assert.equal(JSON.parse(text).status, status);
                plain ??= text;
                assert.equal(text, plain, `${address}, ${coding}`);
            }
        }
    }
    // And what follows is the response as it was.
    const { headers, bytes } = await get('/v1/states', { 'Accept-Encoding': 'gzip' });
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(JSON.parse(zlib.gunzipSync(bytes)).items.length, 46);
});

test('Last-Modified moves with the bytes, and not when another State acts', async () => {
    const italy = await get('/v1/states/ITA');
    const list = await get('/v1/states');
    const since = { 'If-Modified-Since': italy.headers['last-modified'] };
    assert.equal((await get('/v1/states/ITA', since)).status, 304);
    assert.equal((await get('/v1/states/ITA', { ...since, 'If-None-Match': '"x"' })).status, 200);
    assert.equal((await get('/v1/states/ITA', { 'If-Modified-Since':
        'Wed, 01 Jan 2020 00:00:00 GMT' })).status, 200);
    assert.equal((await get('/v1/states/ITA', { 'If-Modified-Since': 'now' })).status, 200);
    await sleep(1100);
    const wrote = await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('AUT', 'signature', '2026-01-01') });
    assert.equal(wrote.status, 201);
    assert.equal((await get('/v1/states/ITA')).headers['last-modified'],
        italy.headers['last-modified']);
    assert.equal((await get('/v1/states/ITA', { 'If-None-Match': italy.headers.etag })).status, 304);
    assert.notEqual((await get('/v1/states')).headers['last-modified'],
        list.headers['last-modified']);
});

test('simultaneous cache misses of one query are one database read', async () => {
    // The first request waits for the locked table, and all others for the first.
    const locked = execFile('psql', [url(holder.register.database, 'postgres'), '-Xqc',
        'begin; lock table register.action_version; select pg_sleep(0.6); commit']);
    await sleep(200);
    const asking = [];
    for (let i = 0; i < 40; i++) {
        asking.push(get('/v1/states?as_of=1999-09-09&sort=name'));
        await sleep(5);
    }
    const answers = await Promise.all(asking);
    await locked;
    assert.equal(answers.filter((answer) => answer.headers['cache-status'] === undefined).length, 1);
    assert.equal(new Set(answers.map((answer) => answer.headers.etag)).size, 1);
});
