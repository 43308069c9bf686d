// HTTP/1.1 byte by byte (RFC 9110, RFC 9112): what is well-formed is taken however it is sent, and each
// refusal is one response with a problem document.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { eventually, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const host = 'Host: register.example\r\n';
const get = (address, headers = '') => `GET ${address} HTTP/1.1\r\n${host}${headers}\r\n`;
const post = (headers, body = '') => 'POST /v1/actions HTTP/1.1\r\n'
    + `${host}Authorization: Bearer ${holder.token}\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;
const chunked = (body) => post('Transfer-Encoding: chunked\r\n', body);

async function answer(bytes) {
    const { status, text } = await holder.register.raw(
        typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    const [head, body] = text.split(/\r\n\r\n(.*)/s);
    const headers = new Headers(head.split('\r\n').slice(1).map((line) => line.split(/: (.*)/s).slice(0, 2)));
    return { status, headers, body, text };
}

// The refusal, after it was seen to be the only response, and a whole one.
async function refused(bytes, status, type, name) {
    const given = await answer(bytes);
    assert.equal(given.status, status, `${name}: ${given.text}`);
    assert.equal(given.text.match(/HTTP\/1\.1 \d/g).length, 1, name);
    assert.equal(given.body.length, Number(given.headers.get('content-length')), name);
    assert.equal(JSON.parse(Buffer.from(given.body, 'latin1')).type, `/problems/${type}`, name);
    return given;
}
async function allRefused(rows, status, type) {
    for (const [name, bytes] of Object.entries(rows)) {
        await refused(bytes, status, type, name);
    }
}
async function allTaken(rows, status = 200) {
    for (const [name, bytes] of Object.entries(rows)) {
        const given = await answer(bytes);
        assert.equal(given.status, status, `${name}: ${given.text}`);
    }
}

test('a Content-Length is one number', async () => {
    const lengths = (values) => Object.fromEntries(values.map((value) =>
        [`"${value}"`, post(`Content-Length: ${value}\r\n`, 'hello')]));
    await allRefused(lengths(['abc', '+5', '-5', '5, 5', '5,6', '', '0x5', '5 5', '5.0', '5;']), 400,
        'malformed-request');
    await allRefused(lengths(['99999999999', '9223372036854775808', '18446744073709551615',
        '18446744073709551616', '9'.repeat(400)]), 413, 'body-too-large');
    for (const [name, bytes] of Object.entries(lengths(['5', '5 ', ' \t5\t ', '005', `${'0'.repeat(40)}5`]))) {
        assert.equal((await refused(bytes, 400, 'malformed-body', name)).headers.get('connection'), null);
    }
});

test('headers are counted, and one too many or too long is 431', async () => {
    // 64 lines, and 5120 bytes of names and values, of which Host has 20.
    const lines = (count) => get('/v1/states/ITA',
        Array.from({ length: count - 1 }, (_, i) => `X-${i}: 1\r\n`).join(''));
    const long = (bytes) => get('/v1/states/ITA', `X-Long: ${'a'.repeat(bytes - 20 - 6)}\r\n`);
    await allTaken({ 64: lines(64), 5120: long(5120) });
    await allRefused({ 65: lines(65), 200: lines(200), 1000: lines(1000), 5121: long(5121),
        20000: long(20000), 200000: long(200000) }, 431, 'headers-too-large');
    // The same of headers that are read, which libmicrohttpd would have to keep.
    const read = (bytes) => get('/v1/states/ITA', `Accept: ${'a'.repeat(bytes)}\r\n`);
    const turns = (count) => get('/v1/states/ITA', 'Accept: a\r\nPrefer: a\r\n'.repeat(count / 2));
    await allRefused({ 5121: read(5121), 9000: read(9000), 9500: read(9500), 10000: read(10000),
        'in turns': turns(150), 'many in turns': turns(600) }, 431, 'headers-too-large');
});

test('an address that is too long is 414', async () => {
    const address = (bytes) => get(`/v1/states/${'a'.repeat(bytes - 11)}`);
    await allTaken({ 4096: address(4096) }, 404);
    await allRefused({ 4097: address(4098), 20000: address(20000), 200000: address(200000) }, 414,
        'address-too-long');
});

test('the longest address and all headers that there may be are taken together', async () => {
    const headers = `Accept: ${'a/b, '.repeat(999)}*/*\r\n`;
    const given = await answer(get(`/v1/states?${'a'.repeat(4085)}`, headers));
    assert.equal(given.status, 400, given.text);
    assert.match(given.body, /invalid-parameter/);
    const lines = Array.from({ length: 60 }, () => `Forwarded: for=${'1'.repeat(70)}\r\n`).join('');
    await allTaken({ repeated: get('/v1/states/ITA', lines) });
});

test('cookies cost nothing, up to the limit of all headers', async () => {
    const cookies = (count, size) => get('/v1/states/ITA', `Cookie: ${
        Array.from({ length: count }, (_, i) => `c${i}=${'v'.repeat(size)}`).join('; ')}\r\n`);
    await allTaken({ 1: cookies(1, 60), 49: cookies(49, 60), 52: cookies(52, 60), 75: cookies(75, 60),
        400: cookies(400, 4), unreadable: get('/v1/states/ITA', 'Cookie: =;;=",\x01\xe9\r\n') });
    await allRefused({ 100: cookies(100, 60), 1000: cookies(1000, 60) }, 431, 'headers-too-large');
});

test('an address has no NUL, raw or encoded', async () => {
    await allRefused({ path: get('/v1/states/ITA\0x'), query: get('/v1/states?as_of=2020-01-01\0x'),
        end: get('/\0'), encoded: get('/v1/states/ITA%00'), unknown: get('/nowhere%00'),
        'in a query': get('/v1/states?as_of=2020-01-01%00'), 'in a name': get('/v1/states?a%00=1') }, 400,
    'malformed-request');
});

test('a request line is a method, an address and a version, with one space between them', async () => {
    const line = (text) => `${text}\r\n${host}\r\n`;
    await allRefused({ spaces: line('GET  /v1/states HTTP/1.1'), space: line('GET /v1/ states HTTP/1.1'),
        tab: line('GET\t/v1/states\tHTTP/1.1'), 'no version': line('GET /v1/states'), method: line('GET'),
        small: line('GET /v1/states http/1.1'), 'no number': line('GET /v1/states HTTP/x.1'),
        parenthesis: line('G(T /v1/states HTTP/1.1'), 'no method': line(' /v1/states HTTP/1.1'),
        'CR': line('GET /v1/states\r HTTP/1.1'), 'trailing': line('GET /v1/states HTTP/1.1 '),
        'blank lines': '\r\n'.repeat(1000) + get('/v1/states/ITA') }, 400,
    'malformed-request');
    await allRefused({ 0.9: line('GET / HTTP/0.9'), 2: line('GET / HTTP/2.0'), 9.9: line('GET / HTTP/9.9'),
        h2: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' }, 505, 'http-version-not-supported');
    await allTaken({ 1.2: line('GET /v1/states/ITA HTTP/1.2'), 'blank lines': `\r\n\r\n${get('/v1/states/ITA')}`,
        LF: get('/v1/states/ITA').replaceAll('\r', '') });
});

test('a header is a line of a name, a colon and a value', async () => {
    await allRefused({ 'no colon': get('/v1/states', 'X y\r\n'), 'no name': get('/v1/states', ': y\r\n'),
        'a space in the name': get('/v1/states', 'X : y\r\n'), tab: get('/v1/states', 'X\t: y\r\n'),
        NUL: get('/v1/states', 'X: a\0b\r\n'), CR: get('/v1/states', 'X: a\rb\r\n'),
        folded: get('/v1/states', 'X: y\r\n z\r\n'), 'folded first': 'GET / HTTP/1.1\r\n X: y\r\n\r\n' }, 400,
    'malformed-request');
});

test('a request has one Host, which names a host', async () => {
    const hosts = (...values) => `GET /v1/states/ITA HTTP/1.1\r\n${
        values.map((value) => `Host: ${value}\r\n`).join('')}\r\n`;
    await allRefused({ none: hosts(), two: hosts('a', 'b'), same: hosts('a', 'a'), space: hosts('a b'),
        user: hosts('u@a'), path: hosts('a/b'), port: hosts('a:b'), literal: hosts('[::1'),
        'empty literal': hosts('[]'), 'in a literal': hosts('[a b]'), quote: hosts('"a"'), latin: hosts('\xe9') },
    400, 'malformed-request');
    await allTaken({ name: hosts('register.example'), port: hosts('a:80'), 'no port': hosts('a:'),
        literal: hosts('[2001:db8::1]:8080'), address: hosts('127.0.0.1:1'), empty: hosts(''),
        encoded: hosts('%c3%a9.example'), 'HTTP/1.0': 'GET /v1/states/ITA HTTP/1.0\r\n\r\n' });
    await refused('GET /v1/states/ITA HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n', 400, 'malformed-request', '1.0');
});

test('a chunked body is taken as it is defined, and in no other form', async () => {
    // An empty object: 422, as it lacks fields.
    await allTaken({ plain: chunked('2\r\n{}\r\n0\r\n\r\n'), two: chunked('1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'),
        extension: chunked('2;a=b;c="d"\r\n{}\r\n0;x\r\n\r\n'), zeros: chunked('0002\r\n{}\r\n000\r\n\r\n'),
        'space before the extension': chunked('2 ;a\r\n{}\r\n0\r\n\r\n'),
        capitals: chunked(`A\r\n{}${' '.repeat(8)}\r\n0\r\n\r\n`),
        trailer: chunked('2\r\n{}\r\n0\r\nX-Trailer: y\r\nContent-Length: 7\r\n\r\n') }, 422);
    await allRefused({ 'LF after a size': chunked('2\n{}\r\n0\r\n\r\n'), 'LF after data': chunked('2\r\n{}\n0\r\n\r\n'),
        'LF after the last': chunked('2\r\n{}\r\n0\n\r\n'), 'LF at the end': chunked('2\r\n{}\r\n0\r\n\n'),
        'LF after an extension': chunked('2;a\n{}\r\n0\r\n\r\n'), 'LF after a trailer': chunked('2\r\n{}\r\n0\r\nX: y\n\r\n'),
        letters: chunked('zz\r\n{}\r\n0\r\n\r\n'), sign: chunked('+2\r\n{}\r\n0\r\n\r\n'),
        prefix: chunked('0x2\r\n{}\r\n0\r\n\r\n'), space: chunked('2 \r\n{}\r\n0\r\n\r\n'),
        'no size': chunked('\r\n{}\r\n0\r\n\r\n'), 'too much': chunked('2\r\n{}x\r\n0\r\n\r\n'),
        CR: chunked('2\r\r\n{}\r\n0\r\n\r\n'), NUL: chunked('2;\0\r\n{}\r\n0\r\n\r\n'),
        'a long line': chunked(`2;${'a'.repeat(5000)}\r\n{}\r\n0\r\n\r\n`),
        '1.0': chunked('2\r\n{}\r\n0\r\n\r\n').replace('HTTP/1.1', 'HTTP/1.0') }, 400, 'malformed-request');
    await allRefused({ size: chunked('fffffffffffffffff\r\n{}\r\n') }, 413, 'body-too-large');
    await allRefused({ trailers: chunked(`2\r\n{}\r\n0\r\n${'X: y\r\n'.repeat(2000)}\r\n`) }, 431,
        'headers-too-large');
});

test('the four forms of a request target', async () => {
    const request = (method, target) => `${method} ${target} HTTP/1.1\r\n${host}\r\n`;
    const origin = await answer(request('GET', '/v1/states/ITA?lang=fr'));
    for (const target of ['http://register.example/v1/states/ITA?lang=fr',
        'HTTP://REGISTER.EXAMPLE:80/v1/states/ITA?lang=fr', 'https://[2001:db8::1]/v1/states/ITA?lang=fr']) {
        const { status, body } = await answer(request('GET', target));
        assert.equal(status, 200, target);
        assert.equal(body, origin.body, target);
    }
    const entry = await answer(request('GET', '/'));
    assert.equal((await answer(request('GET', 'HTTP://register.example'))).body, entry.body);
    await refused(request('GET', 'http://register.example?a=1'), 400, 'invalid-parameter', 'query');
    for (const target of ['*', 'http://register.example', '/v1/states', 'http://register.example/v1/states']) {
        const { status, headers } = await answer(request('OPTIONS', target));
        assert.equal(status, 204, target);
        assert.match(headers.get('allow'), /^GET, HEAD, /, target);
    }
    const tunnel = await refused(request('CONNECT', 'register.example:443'), 405, 'method-not-allowed', 'CONNECT');
    assert.match(tunnel.headers.get('allow'), /^GET, HEAD, /);
    assert.equal(tunnel.headers.get('connection'), 'close');
    await allRefused({ star: request('GET', '*'), authority: request('GET', 'register.example:80'),
        relative: request('GET', 'v1/states'), scheme: request('GET', 'ftp://register.example/v1/states'),
        'no host': request('GET', 'http:///v1/states'), user: request('GET', 'http://u@register.example/') }, 400,
    'malformed-request');
});

test('who waits for 100 Continue is refused before the body', async () => {
    const expecting = (token) => 'POST /v1/actions HTTP/1.1\r\n'
        + `${host}${token}Content-Type: application/json\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n`;
    for (const token of ['', 'Authorization: Bearer ets144_wrong\r\n']) {
        await refused(expecting(token), 401, 'unauthenticated', token);
    }
    await refused(expecting(`Authorization: Bearer ${holder.token}\r\nContent-Encoding: gzip\r\n`), 415,
        'unsupported-media-type', 'coding');
    const { text } = await holder.register.raw(expecting(`Authorization: Bearer ${holder.token} \r\n`), 1000);
    assert.match(text, /^HTTP\/1\.1 100 /);
    await allTaken({ 'without a body': get('/v1/states/ITA', 'Expect: 100-continue\r\n'),
        other: get('/v1/states/ITA', 'Expect: something\r\n') });
});

test('white space around a value is no part of it', async () => {
    for (const space of [' ', '\t', ' \t  ']) {
        await allTaken({ token: `POST /v1/actions?dry_run=true HTTP/1.1\r\n${host}Authorization:${space}Bearer ${
            holder.token}${space}\r\nContent-Type: application/json${space}\r\nIdempotency-Key: "a"${
            space}\r\nContent-Length: 2${space}\r\n\r\n{}`,
        chunked: chunked('2\r\n{}\r\n0\r\n\r\n').replace('chunked', `${space}chunked${space}`) }, 422);
        const { headers } = await answer(get('/v1/states/ITA'));
        for (const [name, value] of [['If-Modified-Since', headers.get('last-modified')],
            ['If-None-Match', headers.get('etag')]]) {
            assert.equal((await answer(get('/v1/states/ITA', `${name}:${space}${value}${space}\r\n`))).status,
                304, name);
        }
        const far = 'Fri, 01 Jan 2027 00:00:00 GMT';
        assert.equal((await answer(get('/v1/states/ITA', `Accept-Datetime: ${far}${space}\r\n`))).status,
            (await answer(get('/v1/states/ITA', `Accept-Datetime: ${far}\r\n`))).status);
        const named = await answer(get('/v1/states/ITA', `X-Request-Id:${space}me${space}\r\n`));
        assert.equal(named.headers.get('x-request-id'), 'me');
    }
});

test('bytes above 0x7F in a header that is not read are nobody\'s business', async () => {
    for (const name of ['User-Agent', 'Cookie', 'Referer', 'X-Anything']) {
        await allTaken({ [name]: get('/v1/states/ITA', `${name}: d\xe9partement\r\n`) });
    }
    await refused(get('/v1/states/ITA', 'Accept-Language: fran\xe7ais\r\n'), 400, 'malformed-request', 'read');
});

test('a date of HTTP has three forms', async () => {
    const modified = new Date((await answer(get('/v1/states/ITA'))).headers.get('last-modified'));
    const [, day, month, year, time] = /^..., (..) (...) (....) (........)/.exec(modified.toUTCString());
    const name = modified.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' });
    const forms = [modified.toUTCString(), `${name}, ${day}-${month}-${year.slice(2)} ${time} GMT`,
        `${name.slice(0, 3)} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`];
    for (const form of forms) {
        assert.equal((await answer(get('/v1/states/ITA', `If-Modified-Since: ${form}\r\n`))).status, 304, form);
        assert.equal((await answer(get('/v1/states/ITA', `If-Unmodified-Since: ${form}\r\n`))).status, 200, form);
    }
    for (const form of ['Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994',
        'Sun, 06 Nov 1994 08:49:37 GMT']) {
        assert.equal((await answer(get('/v1/states/ITA', `If-Modified-Since: ${form}\r\n`))).status, 200, form);
        await refused(get('/v1/states/ITA', `If-Unmodified-Since: ${form}\r\n`), 412, 'precondition-failed', form);
        assert.equal((await answer(get('/v1/states/ITA', `Accept-Datetime: ${form}\r\n`))).status, 404, form);
    }
    for (const form of ['Monday, 06-Nov-94 08:49:37 GMT', 'Sun Nov 6 08:49:37 1994', 'Sun, 6 Nov 1994 08:49:37 GMT',
        'Sun, 06 Nov 1994 08:49:37 UTC', '1994-11-06', 'Sun, 31 Nov 1994 08:49:37 GMT', 'Sun Nov  6 08:49:37 94']) {
        assert.equal((await answer(get('/v1/states/ITA', `Accept-Datetime: ${form}\r\n`))).status, 400, form);
        assert.equal((await answer(get('/v1/states/ITA', `If-Unmodified-Since: ${form}\r\n`))).status, 200, form);
    }
});

test('a reader may ask for one representation and no other', async () => {
    for (const address of ['/v1/states/ITA', '/v1/states', '/v1/changes', '/openapi.json', '/v1/convention']) {
        const { headers } = await answer(get(address));
        const tag = headers.get('etag');
        for (const condition of [tag, '*', `"other", ${tag}`]) {
            assert.equal((await answer(get(address, `If-Match: ${condition}\r\n`))).status, 200, condition);
        }
        for (const condition of ['"other"', `W/${tag}`, 'nonsense']) {
            await refused(get(address, `If-Match: ${condition}\r\n`), 412, 'precondition-failed', condition);
        }
        // If-Match comes first, then If-Unmodified-Since, then the conditions of 304.
        assert.equal((await answer(get(address, `If-Match: ${tag}\r\nIf-None-Match: ${tag}\r\n`))).status, 304);
        await refused(get(address, `If-Match: "other"\r\nIf-None-Match: ${tag}\r\n`), 412, 'precondition-failed',
            address);
        assert.equal((await answer(get(address, `If-Match: ${tag}\r\nIf-Unmodified-Since: ${
            'Mon, 01 Jan 2001 00:00:00 GMT'}\r\n`))).status, 200);
    }
});

test('a body has no content coding', async () => {
    const coded = (coding) => post(`Content-Encoding: ${coding}\r\nContent-Length: 2\r\n`, '{}');
    for (const coding of ['gzip', 'br', 'identity, gzip', 'x']) {
        const { headers } = await refused(coded(coding), 415, 'unsupported-media-type', coding);
        assert.equal(headers.get('accept-encoding'), 'identity');
    }
    await allTaken({ identity: coded('Identity') }, 422);
    await allTaken({ 'no body': get('/v1/states/ITA', 'Content-Encoding: gzip\r\n') });
});

test('a refusal is in the language of the request', async () => {
    const given = await refused(`GET /v1/states HTTP/1.1\r\nAccept-Language: fr\r\n\r\n`, 400, 'malformed-request',
        'Host');
    assert.match(Buffer.from(given.body, 'latin1').toString(), /en-tête Host/);
});

// Writes the pieces one after the other; answers the statuses, once there are so many.
async function statusesOf(pieces, count) {
    const connection = net.connect(holder.register.port, '127.0.0.1').setNoDelay();
    let came = '';
    connection.on('data', (data) => { came += data.toString('latin1'); });
    connection.on('error', () => {});
    for (const piece of pieces) {
        await new Promise((done) => { connection.write(piece, 'latin1', done); });
    }
    const statuses = () => [...came.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
    await eventually(() => `${count} responses: ${came}`, () => statuses().length >= count);
    connection.destroy();
    return statuses();
}

test('requests may come in any pieces', async () => {
    const requests = [get('/v1/states/ITA', `User-Agent: ${'x'.repeat(900)}  \r\n`),
        chunked('1;a\r\n{\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n'), post('Content-Length: 2 \r\n', '{}'),
        get('/nowhere', 'Cookie: a=b\r\n'), get('/v1/states/FRA')];
    const statuses = [200, 422, 422, 404, 200];
    const text = requests.join('');
    for (const size of [1, 2, 7, 100, text.length]) {
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g'));
        assert.deepEqual(await statusesOf(pieces, 5), statuses, `${size} bytes`);
    }
    assert.deepEqual(await statusesOf([text.repeat(40)], 200), Array(40).fill(statuses).flat());
});

test('what follows a refused request is not answered', async () => {
    const good = get('/v1/states/ITA');
    for (const bad of [post('Content-Length: +5\r\n', good), chunked(`2\n{}${good}`),
        'GET /v1/states HTTP/1.1\r\n\r\n', 'nonsense\r\n\r\n', get('/', `X: ${'a'.repeat(20000)}\r\n`)]) {
        const text = await new Promise((done) => {
            const connection = net.connect(holder.register.port, '127.0.0.1');
            let came = '';
            connection.on('data', (data) => { came += data.toString('latin1'); });
            connection.on('close', () => done(came));
            connection.on('error', () => {});
            connection.write(good + good + bad + good);
        });
        assert.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => status),
            ['200', '200', bad.length > 20000 ? '431' : '400'], bad);
    }
});

// Sends the head and then a body of 50 MB without a pause, as a client does that reads the response
// when it has sent all, or cannot.
function sendAll(head, body, localAddress = '127.0.0.1') {
    return new Promise((done) => {
        let came = '';
        const connection = net.connect({ port: holder.register.port, host: '127.0.0.1', allowHalfOpen: true,
            localAddress });
        const ended = (error) => {
            connection.destroy();
            done({ came, error });
        };
        connection.on('data', (data) => { came += data.toString('latin1'); });
        connection.on('error', ended);
        connection.write(head, 'latin1');
        connection.write(body, (error) => {
            if (error) {
                ended(error);
            } else if (connection.readableEnded) {
                ended();
            } else {
                connection.on('end', () => ended());
            }
        });
    });
}

test('a client that sends 50 MB after the response can read it', async () => {
    const body = Buffer.alloc(50 << 20, 'x');
    const head = (headers) => `POST /v1/imports HTTP/1.1\r\n${host}Content-Type: text/csv\r\n${headers}\r\n`;
    const token = `Authorization: Bearer ${holder.token}\r\n`;
    const length = `Content-Length: ${body.length}\r\n`;
    const expecting = 'Expect: 100-continue\r\n';
    const cases = [[401, head(`${length}${expecting}`)], [413, head(`${token}Content-Length: 99999999999\r\n`)],
        [400, head(`${token}Content-Length: +5\r\n`)]];
    for (let i = 0; i < 30; i++) {
        const [status, bytes] = cases[i % cases.length];
        const { came, error } = await sendAll(bytes, body);
        assert.equal(error, undefined, `${status}, ${i}: ${came}`);
        const [answer, text] = came.split(/\r\n\r\n(.*)/s);
        assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), came);
        assert.equal(JSON.parse(text).status, status);
    }
});

test('a client that keeps its refused connections open leaves others the time to read theirs', async (t) => {
    const head = `${post('').split('\r\n\r\n')[0]}\r\nContent-Length: +5\r\n\r\n`;
    const kept = await Promise.all(Array.from({ length: 300 }, () => new Promise((done, failed) => {
        const connection = net.connect({ port: holder.register.port, host: '127.0.0.1', allowHalfOpen: true,
            localAddress: '127.0.0.2' });
        connection.on('data', () => done(connection)).on('error', failed);
        connection.write(head, 'latin1');
    })));
    t.after(() => kept.forEach((connection) => connection.destroy()));
    const body = Buffer.alloc(50 << 20, 'x');
    for (let i = 0; i < 10; i++) {
        const { came, error } = await sendAll(`${head.replace('+5', body.length + 1e11)}`, body, '127.0.0.3');
        assert.equal(error, undefined, `${i}: ${came}`);
        assert.ok(came.startsWith('HTTP/1.1 413 '), came);
    }
});
