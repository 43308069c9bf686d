// TLS in the service itself, and what proxies are believed: the connection decides who is asking.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import net from 'node:net';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { Register, act, checkAgainstContract, environmentFor, makeDatabase, run, sql } from
    '../harness.mjs';

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

// Asks over TLS; answers what came and the connection's own facts.
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
const waitFor = async (pattern, from) => {
    for (let i = 0; i < 500 && !pattern.test(register.log.slice(from)); i++) {
        await new Promise((done) => { setTimeout(done, 10); });
    }
    assert.match(register.log.slice(from), pattern);
};

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

test('it speaks http/1.1, and says so in the handshake', async () => {
    const socket = tls.connect({ host: '127.0.0.1', port: register.port, rejectUnauthorized: false,
        ALPNProtocols: ['h2', 'http/1.1'] });
    await new Promise((done, failed) => { socket.on('secureConnect', done).on('error', failed); });
    assert.equal(socket.alpnProtocol, 'http/1.1');
    socket.destroy();
});

test('a token is taken, since nobody could read it', async () => {
    const token = await register.token('secretariat', 'actions:write');
    const written = await ask('/v1/actions', { method: 'POST',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify(act('PRT', 'signature', '2026-01-01')) });
    assert.equal(written.status, 201, written.text);
});

test('plain HTTP gets no answer where TLS is spoken', async () => {
    const socket = net.connect(register.port, '127.0.0.1');
    socket.write('GET /v1/states HTTP/1.1\r\nHost: a\r\n\r\n');
    let came = '';
    socket.on('data', (data) => { came += data.toString('latin1'); });
    await new Promise((done) => { socket.on('close', done).on('error', done); });
    assert.doesNotMatch(came, /HTTP/);
    assert.equal((await ask('/v1/states')).status, 200);
});

test('SIGHUP takes a new certificate in: who comes gets it, who is there stays', async () => {
    const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal((await ask('/v1/states/ITA', { agent })).name, 'first');
    use('second');
    const from = register.log.length;
    register.child.kill('SIGHUP');
    await waitFor(/certificate_reloaded/, from);
    assert.equal((await ask('/v1/states/ITA')).name, 'second');
    const stands = await ask('/v1/states/ITA', { agent });
    assert.equal(stands.status, 200);
    assert.equal(stands.name, 'first');
    agent.destroy();
});

test('one that is not good leaves the old one where it is', async () => {
    const broken = {
        'not PEM': () => writeFileSync(`${folder}/served.pem`, 'certificate'),
        'the key of another': () => copyFileSync(`${folder}/first.pem`, `${folder}/served.pem`),
        gone: () => rmSync(`${folder}/served.key`),
    };
    for (const [how, breakIt] of Object.entries(broken)) {
        use('second');
        breakIt();
        const from = register.log.length;
        register.child.kill('SIGHUP');
        await waitFor(/certificate_reload_failed/, from);
        assert.equal((await ask('/v1/states/ITA')).name, 'second', how);
    }
});

test('handshakes go on while certificates follow each other', async () => {
    use('first');
    let over = false;
    const switching = (async () => {
        for (let i = 0; i < 20; i++) {
            use(i % 2 ? 'first' : 'second');
            register.child.kill('SIGHUP');
            await new Promise((done) => { setTimeout(done, 20); });
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

test('the figures tell when the certificate ends', async () => {
    use('first');
    const from = register.log.length;
    register.child.kill('SIGHUP');
    await waitFor(/certificate_reloaded/, from);
    const { text } = await ask('/metrics');
    const end = Number(/^ets144_tls_certificate_not_after_timestamp_seconds (\d+)$/m.exec(text)[1]);
    const date = execFileSync('openssl', ['x509', '-in', `${folder}/first.pem`, '-noout', '-enddate'],
        { encoding: 'utf8' });
    assert.equal(end * 1000, Date.parse(date.trim().replace('notAfter=', '')));
});

test('what cannot serve TLS does not start', async () => {
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

test('SIGHUP does nothing to a service without TLS', async (t) => {
    const plain = await Register.start();
    t.after(() => plain.stop());
    plain.child.kill('SIGHUP');
    assert.equal((await plain.call('GET', '/v1/states')).status, 200);
});
