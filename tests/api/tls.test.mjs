// TLS in the service itself: versions, certificates, and their reload.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { Register, act, checkAgainstContract, environmentFor, eventually, makeDatabase, run, sleep,
    sql, untilLogged } from '../harness.mjs';

const folder = mkdtempSync('/tmp/ets144-tls-');
after(() => rmSync(folder, { recursive: true }));

function makeCertificate(name, ...more) {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30',
        '-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', ...more,
        '-keyout', `${folder}/${name}.key`, '-out', `${folder}/${name}.pem`], { stdio: 'pipe' });
}
const use = (name) => {
    copyFileSync(`${folder}/${name}.pem`, `${folder}/served.pem`);
    copyFileSync(`${folder}/${name}.key`, `${folder}/served.key`);
};
const settings = { ETS144_TLS_CERTIFICATE_FILE: `${folder}/served.pem`,
    ETS144_TLS_KEY_FILE: `${folder}/served.key` };

let register;
before(async () => {
    makeCertificate('first');
    makeCertificate('second');
    use('first');
    register = await Register.start(settings);
});
after(async () => { await register?.stop(); });

// Sends a request over TLS; answers the response, the TLS version and the certificate's name.
function ask(address, { method = 'GET', headers = {}, body, ...options } = {}) {
    return new Promise((done, failed) => {
        const request = https.request({ host: '127.0.0.1', port: register.port, path: address, method,
            headers: { 'Accept-Encoding': 'identity', ...headers }, rejectUnauthorized: false,
            agent: false, ...options }, (answer) => {
            const { socket } = answer;
            const about = { name: socket.getPeerCertificate().subject?.CN,
                version: socket.getProtocol() };
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('end', () => {
                const text = Buffer.concat(parts).toString();
                checkAgainstContract(method, address, answer.statusCode,
                    new Headers(answer.headers), text);
                done({ ...about, status: answer.statusCode, text });
            });
        });
        request.on('error', failed);
        request.end(body);
    });
}
// Sends SIGHUP, and waits until the log has this event anew.
async function reload(event) {
    register.log = '';
    register.child.kill('SIGHUP');
    await untilLogged(register, event);
}

test('it serves TLS 1.3 and 1.2, and nothing older', async () => {
    const ca = readFileSync(`${folder}/first.pem`);
    const newest = await ask('/v1/states/ITA', { ca, rejectUnauthorized: true });
    assert.deepEqual([newest.status, newest.version, newest.name], [200, 'TLSv1.3', 'first']);
    assert.equal((await ask('/v1/states', { maxVersion: 'TLSv1.2' })).version, 'TLSv1.2');
    for (const version of ['TLSv1.1', 'TLSv1']) {
        await assert.rejects(ask('/v1/states', { minVersion: version, maxVersion: version,
            ciphers: 'ALL:@SECLEVEL=0' }), /alert protocol version|ECONNRESET|disconnected before/);
    }
});

test('each connection has forward secrecy and authenticated encryption', async () => {
    const version = { maxVersion: 'TLSv1.2' };
    for (const ciphers of ['ECDHE-RSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256',
        'ECDHE-RSA-CHACHA20-POLY1305']) {
        assert.equal((await ask('/v1/states/ITA', { ...version, ciphers })).status, 200, ciphers);
    }
    for (const ciphers of ['AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES128-GCM-SHA256',
        'AES256-GCM-SHA384', 'ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA384']) {
        await assert.rejects(ask('/v1/states', { ...version, ciphers: `${ciphers}:@SECLEVEL=0` }),
            /alert handshake failure|ECONNRESET|disconnected before/, ciphers);
    }
});

test('requests may come in any pieces and records', async () => {
    const request = 'GET /v1/states/ITA HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nUser-Agent: me \r\n\r\n';
    for (const [count, size] of [[2, 1], [3, 7], [300, 100], [300, 20000]]) {
        const socket = tls.connect({ host: '127.0.0.1', port: register.port, rejectUnauthorized: false });
        let came = '';
        socket.on('data', (data) => { came += data.toString('latin1'); });
        socket.on('error', () => {});
        for (const piece of request.repeat(count).match(new RegExp(`[^]{1,${size}}`, 'g'))) {
            socket.write(piece);
        }
        const responses = () => (came.match(/HTTP\/1\.1 200 /g) ?? []).length;
        await eventually(() => `${count} responses, not ${responses()}`, () => responses() === count);
        socket.write('GET / HTTP/1.1\r\n\r\n');
        await new Promise((done) => { socket.on('close', done); });
        assert.match(came, /HTTP\/1\.1 400 [^]*malformed-request[^]*$/);
    }
});

test('a handshake that stalls ends with the time of a request; a connection after it may be idle', async (t) => {
    const short = await Register.start({ ...settings, ETS144_REQUEST_TIMEOUT: '1',
        ETS144_IDLE_TIMEOUT: '600' });
    t.after(() => short.stop());
    const idle = tls.connect({ host: '127.0.0.1', port: short.port, rejectUnauthorized: false });
    let came = '';
    idle.on('data', (data) => { came += data.toString('latin1'); });
    await new Promise((done, failed) => { idle.on('secureConnect', done).on('error', failed); });
    // No byte, and the first bytes of a ClientHello.
    await Promise.all(['', '\x16\x03\x01\x02\x00\x01\x00'].map((bytes) => new Promise((done) => {
        const socket = net.connect(short.port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
        socket.on('data', () => {}).on('error', () => {}).on('close', done);
    })));
    await untilLogged(short, 'clients_timed_out');
    idle.write('GET /v1/states/ITA HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually('a response', () => came.startsWith('HTTP/1.1 200 '));
    idle.destroy();
});

test('ALPN selects http/1.1', async () => {
    const socket = tls.connect({ host: '127.0.0.1', port: register.port, rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise((done, failed) => { socket.on('secureConnect', done).on('error', failed); });
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
});

test('a token over TLS is accepted', async () => {
    const token = await register.token('secretariat', 'actions:write');
    const written = await ask('/v1/actions', { method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(act('PRT', 'signature', '2026-01-01')) });
    assert.equal(written.status, 201, written.text);
});

test('plain HTTP gets no response on a TLS port', async () => {
    const socket = net.connect(register.port, '127.0.0.1');
    socket.write('GET /v1/states HTTP/1.1\r\nHost: a\r\n\r\n');
    let came = '';
    socket.on('data', (data) => { came += data.toString('latin1'); });
    await new Promise((done) => { socket.on('close', done).on('error', done); });
    assert.doesNotMatch(came, /HTTP/);
    assert.equal((await ask('/v1/states')).status, 200);
});

test('SIGHUP reloads the certificate for new connections, and leaves open ones as they are', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await ask('/v1/states/ITA', { agent })).name, 'first');
    use('second');
    await reload('certificate_reloaded');
    assert.equal((await ask('/v1/states/ITA')).name, 'second');
    const open = await ask('/v1/states/ITA', { agent });
    assert.equal(open.status, 200);
    assert.equal(open.name, 'first');
    agent.destroy();
});

test('a certificate that cannot be used leaves the old one in use', async () => {
    const broken = {
        'not PEM': () => writeFileSync(`${folder}/served.pem`, 'certificate'),
        'the key of another': () => copyFileSync(`${folder}/first.pem`, `${folder}/served.pem`),
        gone: () => rmSync(`${folder}/served.key`),
    };
    for (const [how, breakIt] of Object.entries(broken)) {
        use('second');
        breakIt();
        await reload('certificate_reload_failed');
        assert.equal((await ask('/v1/states/ITA')).name, 'second', how);
    }
});

test('no handshake fails while certificates are reloaded', async () => {
    use('first');
    let over = false;
    const switching = (async () => {
        for (let i = 0; i < 20; i++) {
            use(i % 2 ? 'first' : 'second');
            register.child.kill('SIGHUP');
            await sleep(20);
        }
        over = true;
    })();
    const names = new Set();
    while (!over) {
        const answers = await Promise.all([1, 2, 3, 4].map(() => ask('/v1/states/ITA')));
        answers.forEach(({ status, name }) => { assert.equal(status, 200); names.add(name); });
    }
    await switching;
    assert.deepEqual([...names].sort(), ['first', 'second']);
});

test('the metrics give the end of the certificate', async () => {
    use('first');
    await reload('certificate_reloaded');
    const { text } = await ask('/metrics');
    const end = Number(/^ets144_tls_certificate_not_after_timestamp_seconds (\d+)$/m.exec(text)[1]);
    const date = execFileSync('openssl', ['x509', '-in', `${folder}/first.pem`, '-noout', '-enddate'],
        { encoding: 'utf8' });
    assert.equal(end * 1000, Date.parse(date.trim().replace('notAfter=', '')));
});

test('settings that cannot serve TLS stop the start', async () => {
    const database = makeDatabase();
    writeFileSync(`${folder}/nonsense.pem`, 'nonsense');
    for (const [certificate, key, says] of [
        [`${folder}/first.pem`, '', /go together/], ['', `${folder}/first.key`, /go together/],
        [`${folder}/first.pem`, `${folder}/second.key`, /do not serve: .*second\.key/],
        [`${folder}/nonsense.pem`, `${folder}/first.key`, /do not serve/],
        [`${folder}/nowhere`, `${folder}/first.key`, /do not serve: .*nowhere/]]) {
        const ended = await run(['serve'], environmentFor(database,
            { ETS144_TLS_CERTIFICATE_FILE: certificate, ETS144_TLS_KEY_FILE: key }));
        assert.equal(ended.status, 1);
        assert.match(ended.stderr, says);
    }
    sql('postgres', `drop database ${database} with (force)`);
});

test('SIGHUP has no effect without TLS', async (t) => {
    const plain = await Register.start();
    t.after(() => plain.stop());
    plain.child.kill('SIGHUP');
    assert.equal((await plain.call('GET', '/v1/states')).status, 200);
});

test('a client that sends 20 MB after the response can read it over TLS', async () => {
    const body = Buffer.alloc(20 << 20, 'x');
    for (let i = 0; i < 10; i++) {
        const came = await new Promise((done, failed) => {
            let text = '';
            const socket = tls.connect({ host: '127.0.0.1', port: register.port, rejectUnauthorized: false,
                allowHalfOpen: true });
            socket.on('data', (data) => { text += data.toString('latin1'); });
            socket.on('error', (error) => failed(new Error(`${error.message}, after: ${text}`)));
            socket.write('POST /v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n'
                + 'Content-Length: 99999999999\r\n\r\n');
            socket.write(body, () => {
                const whole = () => (text.endsWith('}') ? done(text) : setTimeout(whole, 5));
                whole();
            });
        });
        assert.ok(came.startsWith('HTTP/1.1 413 '), `${i}: ${came}`);
    }
});
