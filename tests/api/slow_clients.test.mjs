// Clients that take their time: each has so much of it, and none holds up another.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { useRegister } from '../harness.mjs';

const holder = useRegister({ before, after }, {
    ETS144_THREADS: '1', ETS144_IDLE_TIMEOUT: '2', ETS144_REQUEST_TIMEOUT: '2',
});
const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Sends a text a piece at a time; answers what came, and after how many seconds the end did.
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

test('one that dawdles over its headers, or its first line, is cut off', async () => {
    const dawdlers = await Promise.all([
        trickle(`${head}X-Slow: ${padding}\r\n\r\n`),
        trickle(`GET /${padding} HTTP/1.1\r\n\r\n`),
    ]);
    for (const { came, seconds } of dawdlers) {
        assert.equal(came, '');
        assert.ok(seconds < 30, `${seconds} s`);
    }
    assert.match(holder.register.log, /"clients_timed_out"/);
    // One that is merely slow is answered.
    const { came } = await trickle(`${head}\r\n`, { piece: 10, pause: 20 });
    assert.match(came, /^HTTP\/1.1 200 /);
});

test('a body has the time that its length asks for', async () => {
    const { token } = holder;
    const begin = (length) => 'POST /v1/actions HTTP/1.1\r\nHost: x\r\n'
        + `Authorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
        + `Content-Length: ${length}\r\n\r\n`;
    const patient = trickle(begin(60000) + ' '.repeat(60000), { piece: 6000, pause: 400 });
    const dawdling = trickle(begin(1000) + ' '.repeat(1000), { piece: 200, pause: 1000 });
    assert.match((await patient).came, /^HTTP\/1.1 400 /);
    const { came, seconds } = await dawdling;
    assert.equal(came, '');
    assert.ok(seconds < 30, `${seconds} s`);
});

test('a silent one is closed, and one that waits for news is not', async () => {
    const began = performance.now();
    await new Promise((done) => {
        net.connect(holder.register.port, '127.0.0.1').on('close', done).resume();
    });
    assert.ok((performance.now() - began) / 1000 < 30);
    const { body } = await holder.register.call('GET', '/v1/changes?after=latest');
    const waited = await holder.register.call('GET', body.next, { headers: { Prefer: 'wait=6' } });
    assert.equal(waited.status, 200);
});

test('a thousand dawdlers do not slow the others', async () => {
    const dawdlers = Array.from({ length: 1000 }, () => trickle(`${head}X-Slow: ${padding}\r\n\r\n`,
        { pause: 500 }));
    const began = performance.now();
    for (let i = 0; i < 50; i++) {
        assert.equal((await holder.register.call('GET', '/v1/convention')).status, 200);
    }
    assert.ok((performance.now() - began) / 1000 < 20);
    for (const { came } of await Promise.all(dawdlers)) {
        assert.equal(came, '');
    }
});
