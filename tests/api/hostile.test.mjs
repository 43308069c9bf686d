// Hostile requests: each gets a clear error, and changes nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const call = (...words) => holder.register.call(...words);
const get = (address) => call('GET', address);
const send = (body, headers = {}) => call('POST', '/v1/actions', { body, token: holder.token,
    headers: { 'Content-Type': 'application/json', ...headers } });
const raw = (bytes, wait) => holder.register.raw(bytes, wait);

test('the register is untouched by all that follows', async (t) => {
    await t.test('parameters: unknown, repeated, empty and malformed, all at once', async () => {
        const answer = await get('/v1/states?as_of=2023-02-30&colour=red&member=yes&member=no'
            + '&status=party,happy&chapter=&known_at=yesterday&sort=size');
        assert.equal(answer.status, 400);
        assert.deepEqual(answer.body.errors.map((error) => error.parameter).sort(),
            ['as_of', 'chapter', 'colour', 'known_at', 'member', 'member', 'sort', 'status']);
    });

    await t.test('days that no calendar has', async () => {
        for (const day of ['2023-02-30', '2023-2-3', '0000-01-01', '99999-01-01', '2023-13-01',
            '2023-00-10', '2023-01-00', '1900-02-29', '2023-01-01T00:00:00Z', '01/05/1997', 'today',
            '-001-01-01', '2023-01-01%20', 'infinity', '2023-W01-1']) {
            const answer = await get(`/v1/states?as_of=${day}`);
            assert.equal(answer.status, 400, day);
            assert.equal(answer.body.errors[0].parameter, 'as_of');
        }
        assert.equal((await get('/v1/states?as_of=2024-02-29')).status, 200);
    });

    await t.test('moments that no clock has, and those to come', async () => {
        for (const time of ['2023-01-01', '2023-01-01T25:00:00Z', '2023-01-01T00:00:00',
            '2023-01-01T00:00:00.Z', '2023-01-01T00:00:00+25:00', '2099-01-01T00:00:00Z', 'now',
            '2023-02-30T00:00:00Z', 'infinity']) {
            assert.equal((await get(`/v1/states?known_at=${time}`)).status, 400, time);
        }
        for (const time of ['2026-01-01T00:00:00.123456789Z', '2026-01-01T02:00:00%2B02:00',
            '2026-01-01t00:00:00z']) {
            assert.equal((await get(`/v1/states?known_at=${time}`)).status, 200, time);
        }
    });

    await t.test('numbers out of their range', async () => {
        for (const limit of ['0', '-1', '501', '1e2', '99999999999999999999', '1.5', 'x', '%201']) {
            assert.equal((await get(`/v1/actions?limit=${limit}`)).status, 400, limit);
        }
    });

    await t.test('addresses that are not UTF-8, or hide a NUL', async () => {
        for (const address of ['/v1/states/%ff', '/v1/states/%C0%AF', '/v1/states/IT%00',
            '/v1/states?as_of=%ff', '/v1/states?as_of=2020-01-01%00', '/v1/states?%ff=1',
            '/v1/states?as_of=%zz', '/v1/states/%', '/v1/states/%%34%39TA', '/v1/actions/ITA-2%2F..', '/v1/states?=x',
            '/v1/states?as_of=%ED%A0%80']) {
            const answer = await get(address);
            assert.ok([400, 404].includes(answer.status), `${address} ${answer.status}`);
        }
        const { status } = await raw('GET /v1/states/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n');
        assert.ok([400, 404].includes(status), String(status));
    });

    await t.test('headers that are not UTF-8', async () => {
        const answer = await raw(Buffer.from(
            'GET /v1/states HTTP/1.1\r\nHost: x\r\nAccept-Language: \xff\xfe\r\n\r\n', 'latin1'));
        assert.equal(answer.status, 400);
        assert.match(answer.text, /Accept-Language/);
    });

    await t.test('a storm of headers, and one very long', async () => {
        const many = Array.from({ length: 200 }, (_, i) => `X-Storm-${i}: 1\r\n`).join('');
        assert.equal((await raw(`GET /v1/states HTTP/1.1\r\nHost: x\r\n${many}\r\n`)).status, 431);
        const long = `X-Long: ${'a'.repeat(5500)}\r\n`;
        assert.equal((await raw(`GET /v1/states HTTP/1.1\r\nHost: x\r\n${long}\r\n`)).status, 431);
        const huge = `X-Long: ${'a'.repeat(200000)}\r\n`;
        assert.ok([0, 400, 431].includes(
            (await raw(`GET /v1/states HTTP/1.1\r\nHost: x\r\n${huge}\r\n`)).status));
    });

    await t.test('a very long address', async () => {
        assert.equal((await get(`/v1/states?as_of=${'1'.repeat(5000)}`)).status, 414);
        assert.ok([0, 400, 414, 431].includes((await raw(
            `GET /${'a'.repeat(100000)} HTTP/1.1\r\nHost: x\r\n\r\n`)).status));
    });

    await t.test('lines that are not HTTP', async () => {
        for (const bytes of ['\r\n\r\n', 'GET\r\n\r\n', '\x16\x03\x01\x02',
            'GET /v1/states HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
            'GET /v1/states HTTP/1.1\r\nHost x\r\n\r\n', 'BREW /v1/states HTTP/1.1\r\nHost: x\r\n\r\n']) {
            const { status } = await raw(bytes, 500);
            assert.ok(status < 500 && ![200, 201].includes(status), `${bytes} ${status}`);
        }
        // RFC 9110 15.6.6: the one answer above 499 that is about the request.
        assert.equal((await raw('GET / HTTP/9.9\r\n\r\n', 500)).status, 505);
    });

    await t.test('bodies that are not JSON', async () => {
        for (const body of ['{', '[]', '"x"', 'null', '{"a":1,}', '{"a":1,"a":2}', '{"a":\u0001}',
            '{"state":"PRT\\u0000"}', '{"state":"\\ud800"}', '{"n":1e400}', '{}{}',
            '['.repeat(60000), '{"a":'.repeat(5000), '\ufeff{}', '{"n":99999999999999999999999}',
            Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), Buffer.from([0, 0, 0])]) {
            const answer = await send(body);
            assert.equal(answer.status, 400, String(body).slice(0, 40));
            assert.equal(answer.body.type, '/problems/malformed-body');
        }
    });

    await t.test('fields: unknown, missing, of another type, too long - all at once', async () => {
        const answer = await send(JSON.stringify({ state: 'prtx', kind: 7, date: '2023-02-30',
            colour: 'red', articles: ['1', 2], chapters: 'C', territories: { covered: 'x', sea: [] },
            summary_en: 'x'.repeat(3000), sources: ['ftp://x', 'https://x y'], summary_fr: '',
            'a/b~c': 1, vehicle_en: 'a\u0007b' }));
        assert.equal(answer.status, 422);
        assert.deepEqual(answer.body.errors.map((error) => error.pointer).sort(),
            ['/articles/1', '/a~1b~0c', '/chapters', '/colour', '/date', '/kind', '/sources/0',
                '/sources/1', '/state', '/summary_en', '/summary_fr', '/territories/covered',
                '/territories/sea', '/vehicle_en', '/verification']);
    });

    await t.test('a body over the limit, announced or not', async () => {
        const big = JSON.stringify(act('PRT', 'signature', '2026-11-02',
            { summary_en: 'x'.repeat(10 * 1024 * 1024) }));
        assert.equal((await send(big)).status, 413);
        const chunk = 'x'.repeat(65536);
        const chunks = Array(160).fill(`10000\r\n${chunk}\r\n`).join('');
        const { status } = await raw(`POST /v1/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${
            holder.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${
            chunks}0\r\n\r\n`);
        assert.equal(status, 413);
        const close = JSON.stringify(act('PRT', 'signature', '2026-11-02'));
        assert.equal((await send(close + ' '.repeat(65537 - close.length))).status, 413);
        assert.equal((await send(close + ' '.repeat(65536 - close.length),
            { 'Content-Type': 'text/plain' })).status, 415);
    });

    await t.test('a thousand faults in one body: a hundred are named', async () => {
        const body = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`f${i}`, i]));
        const answer = await send(JSON.stringify(body));
        assert.equal(answer.status, 422);
        assert.equal(answer.body.errors.length, 100);
        assert.equal(answer.body.error_count, 1003);
    });

    await t.test('words that mean something to SQL', async () => {
        for (const word of ["'; drop table register.action; --", '$1', "\\'", '%s%n', '{0}']) {
            assert.ok((await get(`/v1/states/${encodeURIComponent(word)}`)).status < 500);
            assert.equal((await get(`/v1/actions?state=${encodeURIComponent(word)}`)).status, 400);
            assert.ok((await get(`/v1/states?fields=${encodeURIComponent(word)}`)).status === 400);
            const answer = await send(JSON.stringify(act('PRT', word, '2026-11-02')));
            assert.equal(answer.body.type, '/problems/kind-exists');
        }
    });

    await t.test('more parameters than there is room for, however they are sent', async () => {
        for (const count of [100, 140, 150, 300, 1000]) {
            const { status } = await raw(`GET /v1/states?${'a=1&'.repeat(count)} HTTP/1.1\r\n`
                + 'Host: x\r\n\r\n', 3000);
            assert.equal(status, 400, String(count));
            // What is left unanswered is forgotten; what is not the sanitizer finds at the end.
            await raw(`GET /v1/states?${'a=1&'.repeat(count)} HTTP/1.1\r\n`, 1);
        }
    });

    await t.test('a parameter\'s name may be percent-encoded, and is heeded all the same', async () => {
        assert.equal((await get('/v1/states/ITA?%6cang=fr')).body.name, 'Italie');
        assert.equal((await get('/v1/states?%66ormat=csv')).headers.get('content-type'),
            'text/csv; charset=utf-8; header=present');
    });

    await t.test('a cursor that was altered', async () => {
        const next = (await get('/v1/actions?limit=3')).body.next;
        const cursor = new URLSearchParams(next.split('?')[1]).get('cursor');
        const carried = JSON.parse(Buffer.from(cursor, 'base64url').toString());
        assert.equal((await get(next)).status, 200);
        for (let place = 1; place < carried.length; place++) {
            for (const value of ['infinity', '9999-12-31', '2999-01-01T00:00:00Z',
                '1999-01-01T00:00:00Z', '294276-12-31', '-1', '99999999999999999999', 'x', '', null,
                7]) {
                const altered = JSON.stringify(carried.map((was, i) => (i === place ? value : was)));
                const { status, body } = await get(`/v1/actions?limit=3&cursor=${
                    Buffer.from(altered).toString('base64url')}`);
                assert.equal(status, 400, altered);
                assert.equal(body.errors[0].parameter, 'cursor');
            }
        }
    });

    await t.test('a long body from someone who may not send it is not taken in', async () => {
        const body = `state,kind\n${'x'.repeat(4000000)}`;
        for (const [token, status] of [[undefined, 401], ['ets144_wrong', 401], [holder.token, 422]]) {
            const answer = await call('POST', '/v1/imports', { token, body,
                headers: { 'Content-Type': 'text/csv' } });
            assert.equal(answer.status, status, answer.text);
        }
    });

    await t.test('requests of which nobody can tell where they end', async () => {
        const body = 'GET /v1/states/FRA HTTP/1.1\r\nHost: x\r\n\r\n';
        for (const headers of [`Content-Length: 0\r\nContent-Length: ${body.length}`,
            'Content-Length: 5\r\nTransfer-Encoding: chunked', 'Transfer-Encoding : chunked',
            'Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: xchunked',
            'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity']) {
            for (const method of ['POST', 'GET']) {
                const { status, text } = await raw(`${method} /v1/states HTTP/1.1\r\nHost: x\r\n${
                    headers}\r\n\r\n${body}`, 3000);
                assert.equal(status, 400, `${method} ${headers}: ${text}`);
                assert.match(text, /Connection: close/i);
                assert.equal(text.match(/HTTP\/1\.1 /g).length, 1, headers);
            }
        }
    });

    await t.test('a client that stops half-way', async () => {
        await raw('POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"st', 200);
        await raw('GET /v1/sta', 200);
        assert.equal((await get('/health/live')).status, 200);
    });

    assert.equal(holder.register.revision(), 1);
});
