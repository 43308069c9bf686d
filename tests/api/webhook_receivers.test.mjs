// Misbehaving receivers and misleading names: each has its outcome, and delays no other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql, untilLogged } from '../harness.mjs';
import { Receiver, rogue } from '../support/receiver.mjs';
import { Webhooks } from '../support/webhooks.mjs';

const directory = mkdtempSync('/tmp/ets144-webhooks-');
const at = (name) => `${directory}/${name}`;
let webhooks;
before(async () => {
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
        '-subj', '/CN=receiver', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', at('key.pem'),
        '-out', at('certificate.pem')], { stdio: 'ignore' });
    execFileSync('gcc', ['-shared', '-fPIC', '-D_GNU_SOURCE', '-o', at('names.so'),
        fileURLToPath(new URL('../support/names.c', import.meta.url))]);
    webhooks = await Webhooks.start({ ETS144_WEBHOOK_TIMEOUT_MS: '2000' });
});
after(async () => {
    await webhooks?.stop();
    rmSync(directory, { recursive: true });
});

// Words for what a rogue does once it was asked something.
const head = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
const pour = (first, more) => (socket) => {
    const on = () => {
        while (!socket.destroyed && socket.write(more));
    };
    socket.write(first);
    socket.on('drain', on);
    on();
};
const drip = (first, drop, pause) => (socket) => {
    socket.write(first);
    const drops = setInterval(() => socket.write(drop()), pause);
    socket.on('close', () => clearInterval(drops));
};
const slowly = (text) => {
    const bytes = [...text];
    return drip('', () => bytes.shift() ?? '', 5);
};

for (const [how, behave, error, status] of [
    ['garbage', (socket) => socket.end('\x00\x01 what? \xff\r\n\r\n'), 'answer_malformed', null],
    ['an answer of HTTP/0.9', (socket) => socket.end('fine\n'), 'answer_malformed', null],
    ['nothing, and hangs up', (socket) => socket.end(), 'connection_lost', null],
    ['half an answer', (socket) => socket.end(`${head}o`), 'connection_lost', 200],
    ['never', () => {}, 'timed_out', null],
    ['never to the end', (socket) => socket.write(`${head}o`), 'timed_out', 200],
    ['drop by drop', drip('HTTP/1.1 200 OK\r\n\r\n', () => '.', 100), 'timed_out', 200],
    ['slowly, but in time', slowly(`${head}yes`), null, 200],
    ['a flood', pour('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65536)), 'answer_too_large', 200],
    ['a flood of headers', pour('HTTP/1.1 200 OK\r\n', 'X-Flood: 1\r\n'.repeat(1000)),
        'answer_too_large', 200],
    ['100 again and again', pour('', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000)),
        'answer_too_large', 100],
    ['a redirect to where it must not go', (socket) => socket.end('HTTP/1.1 307 Elsewhere\r\n'
        + 'Location: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n'), 'redirected', 307],
    ['not modified', (socket) => socket.end('HTTP/1.1 304 Same\r\n\r\n'), 'redirected', 304],
    ['a status that is none', (socket) => socket.end('HTTP/1.1 099 Odd\r\n\r\n'),
        'answer_malformed', null],
    ['500', (socket) => socket.end('HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno'),
        'unsuccessful_status', 500],
]) {
    test(`a receiver that answers: ${how}`, async (t) => {
        const hook = await webhooks.create({ url: await rogue(t, behave) });
        t.after(() => webhooks.remove(hook));
        const attempt = await webhooks.tried(hook);
        assert.deepEqual([attempt.error, attempt.status], [error, status]);
        assert.equal(attempt.outcome, error === null ? 'delivered' : 'failed');
        assert.ok((attempt.answer ?? '').length <= 1024);
        if (error === 'timed_out') {
            assert.ok(attempt.duration_ms >= 1900, `${attempt.duration_ms} ms`);
        }
    });
}

test('a receiver that refuses connections', async (t) => {
    const receiver = await Receiver.start(t);
    await receiver.close();
    const hook = await webhooks.create({ url: receiver.url });
    t.after(() => webhooks.remove(hook));
    const attempt = await webhooks.tried(hook);
    assert.deepEqual([attempt.error, attempt.status, attempt.duration_ms],
        ['not_reached', null, null]);
    await untilLogged(webhooks.register, 'webhook_attempt', { error: 'connection_failed' });
});

test('receivers that hang, drip or flood delay no other', async (t) => {
    const patient = await Webhooks.start({ ETS144_WEBHOOK_TIMEOUT_MS: '30000',
        ETS144_SHUTDOWN_GRACE: '1' }, t);
    const hanging = [];
    for (const behave of [() => {}, () => {}, drip('HTTP/1.1 200 OK\r\n\r\n', () => '.', 50)]) {
        hanging.push(await patient.create({ url: await rogue(t, behave) }));
    }
    await patient.create({ url: await rogue(t, pour('HTTP/1.1 200 OK\r\n\r\n', 'x'.repeat(65536))) });
    const { receiver } = await patient.subscribe(t);
    const ids = [];
    for (let i = 0; i < 5; i++) {
        ids.push(await patient.happen());
    }
    await receiver.until(5);
    assert.deepEqual(receiver.ids(), ids);
    for (const hook of hanging) {
        const { items, progress } = (await patient.get(`${hook.address}/deliveries`)).body;
        assert.deepEqual(items.map(({ delivery, outcome }) => [delivery, outcome]),
            [[ids[0], 'under_way']]);
        assert.equal(progress.waiting, 5);
    }
    // It stops all the same, and leaves them to others.
    const stopping = performance.now();
    patient.register.child.kill('SIGTERM');
    await patient.register.ended;
    assert.ok(performance.now() - stopping < 15000, 'it does not wait for them');
});

test('TLS: the certificate must be trusted and fit the name', async (t) => {
    const tls = { key: readFileSync(at('key.pem')), cert: readFileSync(at('certificate.pem')) };
    const trusting = await Webhooks.start({ ETS144_WEBHOOK_CA_FILE: at('certificate.pem') }, t);
    const { hook, receiver } = await trusting.subscribe(t, {}, { tls });
    assert.equal((await trusting.tried(hook)).outcome, 'delivered');
    assert.deepEqual(receiver.messages[0].by, [hook.secret]);
    const wrong = async (url) => (await trusting.tried(await trusting.create({ url }))).error;
    // A name that the certificate does not have, and no TLS at all.
    assert.equal(await wrong(`https://localhost:${receiver.port}/hook`), 'tls_failed');
    const plain = await Receiver.start(t);
    assert.equal(await wrong(plain.url.replace('http', 'https')), 'tls_failed');
    // The system does not trust the certificate, and neither does a service without a CA file.
    for (const more of [{}, { ETS144_WEBHOOK_CA_FILE: at('none.pem') }]) {
        const strict = await Webhooks.start(more, t);
        const untrusted = await strict.create({ url: receiver.url });
        assert.equal((await strict.tried(untrusted)).error, 'tls_failed');
    }
    assert.equal(receiver.messages.length, 1);
});

// The real program with name resolution in the test's hands; see names.c.
async function withNames(t, lines, more) {
    writeFileSync(at('names'), `${lines.join('\n')}\n`);
    const asan = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
    return Webhooks.start({ LD_PRELOAD: `${asan} ${at('names.so')}`,
        TEST_NAMES: at('names'), ETS144_WEBHOOK_TIMEOUT_MS: '2000', ...more }, t);
}

const strictly = { ETS144_WEBHOOK_HTTP: 'no', ETS144_WEBHOOK_PRIVATE: 'no' };

test('a name that resolves to a private address only at the second look-up is not connected to',
    async (t) => {
        // 3000::1 is public, in a range that is not assigned yet.
        const names = await withNames(t, ['rebinding.example 3000::1 127.0.0.1'], strictly);
        const receiver = await Receiver.start(t);
        const hook = await names.create({ url: `https://rebinding.example:${receiver.port}/` });
        const id = await names.happen();
        const first = await names.settled(hook, id);
        assert.equal(first.error, 'not_reached');
        assert.equal((await names.settled(hook, id, 2)).error, 'not_reached');
        await untilLogged(names.register, 'webhook_attempt', { error: 'address_refused' });
        assert.equal(receiver.connections, 0);
    });

test('a name must resolve to public addresses, in any notation', async (t) => {
    const addresses = ['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.64.0.1', '::1',
        '::ffff:127.0.0.1', 'fd00::1', '64:ff9b::7f00:1', '0.0.0.0'];
    const names = await withNames(t, addresses.map((address, i) => `n${i}.example ${address}`),
        strictly);
    for (const i of addresses.keys()) {
        const hook = await names.create({ url: `https://n${i}.example/` });
        const { error, delivery } = await names.tried(hook);
        assert.equal(error, 'not_reached');
        // Where there is no IPv6 at all, its addresses are not even tried.
        const fine = addresses[i].includes(':') ? ['address_refused', 'name_not_resolved']
            : ['address_refused'];
        const logged = await untilLogged(names.register, 'webhook_attempt', { delivery });
        assert.ok(fine.includes(logged.error), `${addresses[i]}: ${logged.error}`);
    }
});

test('deliveries tell nothing of the names and addresses inside', async (t) => {
    const names = await withNames(t, ['inside.example 10.1.2.3', 'local.example 127.0.0.1',
        'cloud.example 169.254.169.254', 'closed.example 203.0.113.9', 'unknown.example nothing'],
    { ...strictly, ETS144_WEBHOOK_TIMEOUT_MS: '1000' });
    for (const name of ['inside', 'local', 'cloud', 'closed', 'unknown']) {
        const hook = await names.create({ url: `https://${name}.example/` });
        const { id, delivery, started_at: started, ...attempt } = await names.tried(hook);
        assert.deepEqual(attempt, { occasion: 'test', number: 1, outcome: 'failed',
            duration_ms: null, status: null, error: 'not_reached', answer: null }, name);
        await names.remove(hook);
    }
});

test('webhooks registered before obey the current settings', async (t) => {
    const strict = await Webhooks.start(strictly, t);
    const receiver = await Receiver.start(t);
    const hook = await strict.create({ url: 'https://receiver.example/' });
    sql(strict.register.database, `update service.webhook set url = '${receiver.url}'`);
    assert.equal((await strict.tried(hook)).error, 'not_reached');
    await untilLogged(strict.register, 'webhook_attempt', { error: 'address_refused' });
    assert.equal(receiver.connections, 0);
});

test('a name server that does not answer delays no other webhook', async (t) => {
    const names = await withNames(t, ['silent.example silence', 'no.example nothing',
        'there.example 127.0.0.1']);
    const silent = await names.create({ url: 'http://silent.example/' });
    const { receiver } = await names.subscribe(t);
    const hook = await names.create({ url: `http://there.example:${receiver.port}/` });
    const unknown = await names.create({ url: 'http://no.example/' });
    const id = await names.happen();
    await receiver.until(2);
    assert.deepEqual(receiver.ids(), [id, id]);
    assert.equal((await names.settled(silent, id)).error, 'not_reached');
    assert.equal((await names.settled(unknown, id)).error, 'not_reached');
    assert.equal((await names.tried(hook)).outcome, 'delivered');
});
