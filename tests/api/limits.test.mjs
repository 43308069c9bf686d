// Limits of one client, and of the server before it is full: a client over its limit is refused, and
// the others do not notice.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import { test } from 'node:test';
import { Register, checkAgainstContract, eventually, sleep, url } from '../harness.mjs';

async function start(t, settings) {
    const register = await Register.start(settings);
    t.after(() => register.stop());
    return register;
}
const as = (client) => ({ headers: { 'X-Forwarded-For': client } });
const left = ({ headers }) => Number(/^"client";r=(\d+);t=\d+$/.exec(headers.get('ratelimit'))[1]);

// Sends requests until one is refused: after the burst, and before the rate has filled it up again.
async function useUp(register, client, most = 200) {
    for (let asked = 0; asked < most; asked++) {
        const answer = await register.call('GET', '/health/live', as(client));
        if (answer.status === 429) {
            return { asked, answer };
        }
        assert.equal(answer.status, 200);
    }
    return assert.fail(`${client} was never refused`);
}

test('a client sees what is left of its quota, and is refused when it is used up', async (t) => {
    const register = await start(t, { ETS144_CLIENT_RATE: '1', ETS144_CLIENT_BURST: '8',
        ETS144_TRUSTED_PROXIES: 'loopback' });
    const first = await register.call('GET', '/v1/states', as('192.0.2.1'));
    assert.equal(first.headers.get('ratelimit-policy'), '"client";q=8;w=8');
    assert.equal(left(first), 7);
    const { asked, answer } = await useUp(register, '192.0.2.1');
    assert.ok(asked >= 7);
    assert.equal(answer.body.type, '/problems/too-many-requests');
    assert.match(answer.body.detail, /8 requests in 8 seconds/);
    assert.equal(left(answer), 0);
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 2, `${wait}`);

    // Other clients are not affected; the client is refused whatever the request is.
    assert.equal(left(await register.call('GET', '/v1/states', as('192.0.2.2'))), 7);
    let refused = 0;
    for (const [method, address] of [['HEAD', '/v1/states'], ['OPTIONS', '/v1/states'],
        ['GET', '/nowhere'], ['POST', '/v1/actions'], ['GET', '/v1/states?no_such=1']]) {
        await useUp(register, '192.0.2.1');
        const { status, body } = await register.call(method, `${address}`,
            { headers: { 'X-Forwarded-For': '192.0.2.1', 'Accept-Language': 'fr' } });
        refused += status === 429;
        assert.ok(status !== 429 || !body || /^Un client peut/.test(body.detail));
    }
    assert.ok(refused >= 4, `${refused}`);

    await sleep(wait * 1000);
    assert.equal((await register.call('GET', '/v1/states', as('192.0.2.1'))).status, 200);
});

test('the addresses of one IPv6 /64 share a quota', async (t) => {
    const register = await start(t, { ETS144_CLIENT_RATE: '1', ETS144_CLIENT_BURST: '5',
        ETS144_TRUSTED_PROXIES: 'loopback' });
    await useUp(register, '2001:db8:1:2::1');
    assert.equal((await register.call('GET', '/health/live', as('2001:db8:1:2:ffff::7'))).status, 429);
    assert.equal((await register.call('GET', '/health/live', as('2001:db8:1:3::1'))).status, 200);
});

test('without a quota no RateLimit header is sent', async (t) => {
    const register = await start(t);
    const { headers } = await register.call('GET', '/v1/states');
    assert.equal(headers.get('ratelimit'), null);
    assert.equal(headers.get('ratelimit-policy'), null);
});

test('a client over its quota does not delay the others', async (t) => {
    const register = await start(t, { ETS144_CLIENT_RATE: '20', ETS144_CLIENT_BURST: '20',
        ETS144_TRUSTED_PROXIES: 'loopback' });
    let over = false;
    const refused = Promise.all(Array.from({ length: 16 }, async () => {
        let count = 0;
        while (!over) {
            const { status } = await register.call('GET', '/v1/states?as_of=2001-02-03',
                as('192.0.2.66'));
            count += status === 429;
        }
        return count;
    }));
    const took = [];
    for (let i = 0; i < 30; i++) {
        const begun = performance.now();
        const { status } = await register.call('GET', '/v1/states/ITA', as(`192.0.2.${i + 1}`));
        took.push(performance.now() - begun);
        assert.equal(status, 200);
    }
    over = true;
    const count = (await refused).reduce((sum, one) => sum + one);
    assert.ok(count > 50, `${count} were refused`);
    took.sort((a, b) => a - b);
    assert.ok(took[15] < 1000, `half of the others waited ${took[15]} ms`);
});

// Opens one connection from an address; `ask` sends a request over it.
function connect(register, localAddress) {
    const socket = net.connect({ port: register.port, host: '127.0.0.1', localAddress });
    let came = '';
    socket.on('data', (data) => { came += data.toString('latin1'); });
    socket.on('error', () => { });
    const closed = new Promise((done) => { socket.on('close', done); });
    const connected = new Promise((done) => { socket.on('connect', done); socket.on('close', done); });
    return { connected, closed, close: async () => { socket.destroy(); await closed; },
        ask: async (address) => {
            socket.write(`GET ${address} HTTP/1.1\r\nHost: a\r\n\r\n`);
            const complete = () => {
                const [head, body] = came.split('\r\n\r\n');
                const length = /content-length: (\d+)/i.exec(head ?? '')?.[1];
                return body !== undefined && length && Buffer.byteLength(body, 'latin1') >= length;
            };
            await eventually(`a response to ${address}`, () => complete() || socket.destroyed);
            const [head, body] = came.split('\r\n\r\n');
            came = '';
            if (!head) {
                return { status: 0 };
            }
            const lines = head.split('\r\n');
            const headers = new Headers(lines.slice(1).map((line) => line.split(/: (.*)/s)
                .slice(0, 2)));
            const status = Number(lines[0].split(' ')[1]);
            return { status, headers, body: checkAgainstContract('GET', address, status, headers,
                Buffer.from(body, 'latin1').toString()) };
        } };
}
async function connectMany(register, count, localAddress) {
    const connections = Array.from({ length: count }, () => connect(register, localAddress));
    await Promise.all(connections.map(({ connected }) => connected));
    return connections;
}
const closeAll = (connections) => Promise.all(connections.map(({ close }) => close()));
// The value of a counter or gauge, read over a new connection.
async function figure(register, name) {
    const { text } = await register.raw(
        'GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)[1]);
}

test('connections over the limit of a client are refused, and those over twice the limit closed', async (t) => {
    const register = await start(t, { ETS144_CLIENT_CONNECTIONS: '4',
        ETS144_TRUSTED_PROXIES: '127.0.0.9' });
    const client = '127.0.0.7';
    const held = await connectMany(register, 4, client);
    for (const connection of held) {
        assert.equal((await connection.ask('/health/live')).status, 200);
    }
    const fifth = connect(register, client);
    const refused = await fifth.ask('/v1/states');
    assert.equal(refused.status, 429);
    assert.equal(refused.body.type, '/problems/too-many-requests');
    assert.match(refused.body.detail, /too many connections/);
    assert.ok(refused.headers.get('retry-after'));
    await fifth.closed;

    // Over twice the limit a connection is closed as it comes, without a response.
    const silent = await connectMany(register, 4, client);
    // A thread accepts each one for itself; the connection that reads the metrics counts as well.
    await eventually('nine connections are open', async () =>
        await figure(register, 'ets144_http_connections') >= 9);
    const ninth = connect(register, client);
    assert.equal((await ninth.ask('/v1/states')).status, 0);
    await Promise.all(silent.map(({ closed }) => closed));

    // Accepted connections stay, and other clients and the proxy are not affected.
    assert.equal((await held[0].ask('/health/live')).status, 200);
    const other = connect(register, '127.0.0.8');
    assert.equal((await other.ask('/health/live')).status, 200);
    const proxy = await connectMany(register, 12, '127.0.0.9');
    for (const connection of proxy) {
        assert.equal((await connection.ask('/health/live')).status, 200);
    }
    await closeAll([...held.slice(0, 2), other, ...proxy]);
    await eventually('three connections are open', async () =>
        await figure(register, 'ets144_http_connections') <= 3);
    const again = connect(register, client);
    assert.equal((await again.ask('/health/live')).status, 200);
    await closeAll([...held.slice(2), again]);
    assert.ok(await figure(register, 'ets144_http_connections_refused_total') >= 6);
});

test('a nearly full server refuses new connections with 503', async (t) => {
    const register = await start(t, { ETS144_CONNECTION_LIMIT: '40', ETS144_THREADS: '1' });
    const held = await connectMany(register, 37, '127.0.0.7');
    // The connection that saw the service start may not have been closed yet.
    await eventually('the last connection that fits is served', async () => {
        const last = connect(register, '127.0.0.7');
        const { status } = await last.ask('/health/live');
        if (status === 200) {
            held.push(last);
        }
        return status === 200;
    });
    const next = connect(register, '127.0.0.8');
    const { status, body, headers } = await next.ask('/v1/states');
    assert.equal(status, 503);
    assert.equal(body.type, '/problems/overloaded');
    assert.ok(headers.get('retry-after'));
    await next.closed;
    await closeAll(held);
    await eventually('a new connection is served', async () => (await register.raw(
        'GET /v1/states HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).status === 200);
});

test('a request that would wait too long for a session is refused at once, and the cache serves on', async (t) => {
    const register = await start(t, { ETS144_POOL_SIZE: '1', ETS144_THREADS: '12',
        ETS144_CHECKOUT_TIMEOUT_MS: '10000' });
    await register.call('GET', '/v1/states');
    // Another session locks the table that every read begins with.
    const holder = spawn('psql', [url(register.database, 'postgres'), '-XAtq'],
        { stdio: ['pipe', 'pipe', 'pipe'] });
    t.after(() => holder.kill());
    holder.stdin.write("begin; lock table register.revision in access exclusive mode; select 'held';\n");
    await new Promise((done) => { holder.stdout.on('data', done); });
    const asked = [];
    for (let i = 0; i < 8; i++) {
        const begun = performance.now();
        asked.push(register.call('GET', `/v1/states?as_of=19${70 + i}-01-01`).then(({ status }) =>
            ({ status, took: performance.now() - begun })));
        // The session has been held for so long that one more request may wait for it.
        await sleep(i === 0 ? 5200 : 50);
    }
    assert.equal((await register.call('GET', '/v1/states')).headers.get('cache-status'),
        'ets144; hit');
    const refused = [];
    await eventually(() => `six requests are refused; so far ${refused.length}`, async () => {
        const done = await Promise.all(asked.map((one) => Promise.race([one, sleep(1)])));
        refused.splice(0, Infinity, ...done.filter(Boolean));
        return refused.length === 6;
    });
    assert.ok(refused.every(({ status, took }) => status === 503 && took < 5000));
    holder.stdin.end('commit;\n');
    const all = await Promise.all(asked);
    assert.equal(all.filter(({ status }) => status === 200).length, 2);
});
