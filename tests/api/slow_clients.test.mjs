// Slow clients: each part of a request has a deadline, and a slow client delays no other.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { sleep, untilLogged, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after }, {
    ETS144_THREADS: '1', ETS144_IDLE_TIMEOUT: '2', ETS144_REQUEST_TIMEOUT: '2',
});

// Sends a text in pieces; answers what came back, and the seconds until the connection ended.
function trickle(text, { piece = 1, pause = 100 } = {}) {
    return new Promise((done) => {
        const began = performance.now();
        const connection = net.connect(holder.register.port, '127.0.0.1');
        let came = '';
        let open = true;
        const end = () => {
            open = false;
            connection.destroy();
            done({ came, seconds: (performance.now() - began) / 1000 });
        };
        connection.on('data', (data) => {
            came += data.toString('latin1');
            if (came.includes('\r\n\r\n')) {
                end();
            }
        });
        connection.on('close', () => { if (open) { end(); } });
        connection.on('error', () => {});
        (async () => {
            for (let i = 0; open && i < text.length; i += piece) {
                connection.write(text.slice(i, i + piece));
                await sleep(pause);
            }
        })();
    });
}

const head = 'GET /v1/convention HTTP/1.1\r\nHost: x\r\n';
const padding = 'x'.repeat(400);

test('a client that is slow with its headers, or with its request line, is disconnected', async () => {
    const slow = await Promise.all([
        trickle(`${head}X-Slow: ${padding}\r\n\r\n`),
        trickle(`GET /${padding} HTTP/1.1\r\n\r\n`),
    ]);
    for (const { came, seconds } of slow) {
        assert.equal(came, '');
        assert.ok(seconds < 30, `${seconds} s`);
    }
    await untilLogged(holder.register, 'clients_timed_out');
    // A client that is within its deadline is answered.
    const { came } = await trickle(`${head}\r\n`, { piece: 10, pause: 20 });
    assert.match(came, /^HTTP\/1.1 200 /);
});

test('the deadline of a body grows with its length', async () => {
    const { token } = holder;
    const begin = (length) => 'POST /v1/actions HTTP/1.1\r\nHost: x\r\n'
        + `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
        + `Content-Length: ${length}\r\n\r\n`;
    const inTime = trickle(begin(60000) + ' '.repeat(60000), { piece: 6000, pause: 400 });
    const tooSlow = trickle(begin(1000) + ' '.repeat(1000), { piece: 200, pause: 1000 });
    assert.match((await inTime).came, /^HTTP\/1.1 400 /);
    const { came, seconds } = await tooSlow;
    assert.equal(came, '');
    assert.ok(seconds < 30, `${seconds} s`);
});

test('an idle connection is closed, and a long poll is not', async () => {
    const began = performance.now();
    await new Promise((done) => {
        net.connect(holder.register.port, '127.0.0.1').on('close', done).resume();
    });
    assert.ok((performance.now() - began) / 1000 < 30);
    const { body } = await holder.register.call('GET', '/v1/changes?after=latest');
    const waited = await holder.register.call('GET', body.next, { headers: { Prefer: 'wait=6' } });
    assert.equal(waited.status, 200);
});

test('a thousand slow clients do not delay the others', async () => {
    const slow = Array.from({ length: 1000 }, () => trickle(`${head}X-Slow: ${padding}\r\n\r\n`,
        { pause: 500 }));
    const began = performance.now();
    for (let i = 0; i < 50; i++) {
        assert.equal((await holder.register.call('GET', '/v1/convention')).status, 200);
    }
    assert.ok((performance.now() - began) / 1000 < 20);
    for (const { came } of await Promise.all(slow)) {
        assert.equal(came, '');
    }
});
