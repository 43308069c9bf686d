// How often a request waits for PostgreSQL. A proxy stands between the two and reads what is sent to
// PostgreSQL: a round trip ends with each Sync or Query message.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
    act, environmentFor, eventually, makeDatabase, Register, run, sleep, sql, untilLogged,
} from '../harness.mjs';

const folder = mkdtempSync(join(tmpdir(), 'ets144-proxy-'));
const name = '.s.PGSQL.5432';
const socket = process.env.ETS144_TEST_SOCKET;
const proxies = [];
const connections = [];

// Takes whole messages off the bytes. The first has no type (PostgreSQL's protocol 3.0, 55.7).
function reader(onMessage) {
    let bytes = Buffer.alloc(0);
    let started = false;
    return (data) => {
        bytes = Buffer.concat([bytes, data]);
        for (;;) {
            const head = started ? 1 : 0;
            if (bytes.length < head + 4 || bytes.length < head + bytes.readInt32BE(head)) {
                return;
            }
            const end = head + bytes.readInt32BE(head);
            onMessage(started ? String.fromCharCode(bytes[0]) : '', bytes.subarray(head + 4, end));
            started = true;
            bytes = bytes.subarray(end);
        }
    };
}

// Each flight is a list of the statements in it, by the name of the prepared statement or the text.
function observe(flights) {
    let flight = [];
    const texts = (payload) => payload.toString('utf8').split('\0');
    return reader((type, payload) => {
        if (type === 'B') {
            flight.push(texts(payload)[1]);
        } else if (type === 'Q') {
            flights.push(texts(payload).slice(0, 1));
        } else if (type === 'S') {
            flights.push(flight);
            flight = [];
        }
    });
}

async function startProxy() {
    const server = net.createServer((client) => {
        const flights = [];
        connections.push(flights);
        const look = observe(flights);
        const database = net.connect(join(socket, name));
        client.on('data', (data) => { look(data); database.write(data); });
        database.on('data', (data) => client.write(data));
        for (const [end, other] of [[client, database], [database, client]]) {
            end.on('close', () => other.destroy());
            end.on('error', () => other.destroy());
        }
    });
    await new Promise((done) => { server.listen(join(folder, name), done); });
    server.unref();
    proxies.push(server);
}

const register = new Register();
let token;

before(async () => {
    await startProxy();
    register.database = makeDatabase();
    register.environment = environmentFor(register.database, { ETS144_POOL_SIZE: '1',
        ETS144_DATABASE_URL: `postgresql:///${register.database}?host=${folder}&user=ets144_service` });
    await register.serve();
    await untilLogged(register, 'listener_connected');
    token = await register.token('secretariat', 'actions:write');
    // The first note of a token's use prepares its statement, which is a flight without a name.
    await register.call('GET', '/v1/token', { token });
    await eventually('the use of the token is noted', () => sql(register.database,
        "select true from service.access_token_use where name = 'secretariat'"));
});
after(async () => {
    await register.stop();
    proxies.forEach((server) => server.close());
    rmSync(folder, { recursive: true });
});

// The flights of one request; LISTEN and its heartbeats have a connection of their own.
async function flightsOf(request) {
    const pool = () => connections.filter((flights) => flights.flat().some((name) => /^states?$/.test(name))
        || flights.flat().includes('token_by_digest')).flat();
    const earlier = pool().length;
    await request();
    // When a token was used last is noted between the requests.
    return pool().slice(earlier).filter((flight) => flight.join() !== 'tokens_used');
}

const write = async (method, address, json, headers) => {
    const answer = await register.call(method, address, { json, token, headers });
    assert.ok(answer.status < 300, answer.text);
    return answer;
};
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const post = (state, key) => write('POST', '/v1/actions', act(state, 'signature', '2026-11-02'),
    { 'Idempotency-Key': key, traceparent });
const written = ['begin', 'set local statement_timeout = 0; commit'];

test('a State that is not cached costs one statement, in any spelling', async () => {
    await register.call('GET', '/v1/states/FRA');
    for (const [address, name] of [['/v1/states/NLD', 'state'], ['/v1/states/it', 'state'],
        ['/v1/states/ITA?as_of=1992-03-01', 'state'], ['/v1/states?as_of=1992-03-01', 'states']]) {
        const flights = await flightsOf(async () => {
            assert.equal((await register.call('GET', address)).status, 200);
        });
        assert.deepEqual(flights, [[name]], address);
    }
});

// Each read that is not cached, and the statement that answers it.
const reads = [
    ['/v1/states?status=party', 'states'], ['/v1/states/LUX', 'state'],
    ['/v1/states/NOR/explanation', 'explanation'], ['/v1/states/NOR/outlook', 'outlook_entries'],
    ['/v1/actions', 'actions'], ['/v1/actions?kind=signature', 'actions'],
    ['/v1/actions/NOR-1', 'actions'], ['/v1/actions/NOR-1/versions', 'action_versions'],
    ['/v1/statistics', 'statistics'], ['/v1/statistics/series', 'statistics_series'],
    ['/v1/chart', 'chart'], ['/v1/anomalies', 'anomalies'], ['/v1/outlook', 'outlook'],
    ['/v1/calls', 'calls'], ['/v1/convention', 'convention'], ['/v1/vocabulary', 'vocabulary'],
    ['/v1/revisions', 'revisions'], ['/v1/calendar.ics', 'calendar'], ['/v1/changes', 'changes'],
    ['/v1/catalog', 'register'],
];

test('a read that is not cached costs one round trip', async () => {
    await register.call('GET', '/v1/states/DNK');
    const call = sql(register.database, 'select min(reference) from register.call');
    const dated = reads.filter(([path]) => !/versions|vocab|revis|calendar|changes|catalog/.test(path))
        .map(([path, statement]) => [`${path}${path.includes('?') ? '&' : '?'}as_of=2001-02-03`, statement]);
    for (const [address, statement] of [...reads, ...dated,
        [`/v1/calls/${call}?lang=fr`, 'calls'],
        [`/v1/calls/${call}/progress`, 'call_progress']]) {
        const flights = await flightsOf(async () => {
            assert.equal((await register.call('GET', address)).status, 200, address);
        });
        assert.ok(flights.length <= 1, `${address}: ${JSON.stringify(flights)}`);
        assert.equal(flights.flat().at(-1), statement, address);
    }
});

test('after a write the first read finds the new moment, and the next needs one round trip', async () => {
    await post('MNE', 'moment');
    const first = await register.call('GET', '/v1/anomalies?as_of=2001-02-04');
    assert.equal(first.body.revision, register.revision());
    const flights = await flightsOf(async () => {
        const { body } = await register.call('GET', '/v1/anomalies?as_of=2001-02-05');
        assert.equal(body.revision, register.revision());
    });
    assert.deepEqual(flights, [['moment', 'anomalies']]);
});

test('a State by its two letters is found in a second round trip', async () => {
    const flights = await flightsOf(async () => {
        const answer = await register.call('GET', '/v1/states/no/explanation?as_of=2001-02-06');
        assert.equal(answer.body.state, 'NOR');
        assert.match(answer.headers.get('content-location'), /^\/v1\/states\/NOR\/explanation\?/);
    });
    assert.deepEqual(flights, [['moment', 'state_code', 'explanation'], ['explanation']]);
});

test('a State and its list give the same moment and the same State', async () => {
    const list = (await register.call('GET', '/v1/states?as_of=2003-01-01')).body;
    const item = (await register.call('GET', '/v1/states/NLD?as_of=2003-01-01')).body;
    const { as_of: day, _links: links, ...state } = item;
    assert.equal(day, list.as_of);
    assert.ok(list.items.some((each) => each.code === state.code && each.status === state.status));
    assert.equal(list.revision, register.revision());
    assert.ok(links === undefined || links.self);
});

test('an answer without a State has its moment, too', async () => {
    const { body } = await register.call('GET', '/v1/states?status=party&as_of=1980-01-01');
    assert.deepEqual(body.items, []);
    assert.equal(body.as_of, '1980-01-01');
    assert.equal(body.revision, register.revision());
    assert.equal((await register.call('GET', '/v1/states/XXX')).status, 404);
});

// A write is three round trips beside begin and commit: its token, its beginning, and the write.
const created = 'operation_apply actions consequences state';
const kept = 'request_store_result';
const flightsAsText = (flights) => flights.map((flight) => flight.join(' '));

test('recording costs three round trips beside begin and commit, with a key and a trace, too', async () => {
    await post('PRT', 'first');
    assert.deepEqual(flightsAsText(await flightsOf(() => post('BEL', 'second'))), ['token_by_digest',
        'begin', 'write_begin', `${created} ${kept}`, written[1]]);
    const plain = () => write('POST', '/v1/actions', act('FRA', 'signature', '2026-11-02'));
    assert.deepEqual(flightsAsText(await flightsOf(plain)), ['token_by_digest', 'begin',
        'write_begin', created, written[1]]);
});

test('so does the repetition of an Idempotency-Key', async () => {
    assert.deepEqual(flightsAsText(await flightsOf(() => post('BEL', 'second'))), ['token_by_digest',
        'begin', 'write_begin', 'changeset_of_record actions consequences state', written[1]]);
});

test('a dry run costs three round trips beside begin and rollback', async () => {
    const dry = () => write('POST', '/v1/actions?dry_run=true', act('ESP', 'signature', '2026-11-02'));
    assert.deepEqual(flightsAsText(await flightsOf(dry)), ['token_by_digest', 'begin', 'write_begin',
        created, 'rollback']);
});

// The flights of the first request that has a condition, without those that read its tag.
async function conditional(method, query, json) {
    const { headers } = await register.call('GET', '/v1/actions/PRT-1');
    return flightsAsText(await flightsOf(() => write(method, `/v1/actions/PRT-1${query}`, json,
        { 'If-Match': headers.get('etag') })));
}

test('correcting and voiding cost three round trips beside begin and commit', async () => {
    const json = { kind: 'signature', date: '2026-11-03', verification: 'unconfirmed' };
    const flights = (statement) => ['token_by_digest', 'begin', 'write_begin actions actions',
        `${statement} actions consequences state`, written[1]];
    await conditional('PUT', '', { ...json, reason: 'The day.' });
    assert.deepEqual(await conditional('PUT', '', { ...json, date: '2026-11-04', reason: 'The day.' }),
        flights('operation_apply'));
    assert.deepEqual(await conditional('DELETE', '?reason=x'),
        flights('operation_apply'));
});

test('a condition that does not hold is refused after two, and nothing is written', async () => {
    const revision = register.revision();
    const refused = async () => {
        const answer = await register.call('DELETE', '/v1/actions/BEL-1?reason=x',
            { token, headers: { 'If-Match': '"stale"' } });
        assert.equal(answer.status, 412);
    };
    assert.deepEqual(flightsAsText(await flightsOf(refused)), ['token_by_digest', 'begin',
        'write_begin actions actions', 'rollback']);
    assert.equal(register.revision(), revision);
});

test('a statement that is refused leaves the connection usable', async () => {
    const answer = await register.call('POST', '/v1/actions',
        { token, json: act('XKX', 'signature', '2026-11-02') });
    assert.equal(answer.status, 422);
    const flights = await flightsOf(() => post('AUT', 'third'));
    assert.ok(flights.length <= 7, JSON.stringify(flights));
    assert.equal(connections.filter((each) => each.flat().includes('write_begin')).length, 1);
});

// Sends the headers and half of the body, then what `meanwhile` does, then the rest.
async function sendSlowly(held, headers, meanwhile, address = '/v1/actions',
    json = act('AND', 'signature', '2026-11-02')) {
    const body = JSON.stringify(json);
    const connection = net.connect(register.port, '127.0.0.1');
    let came = '';
    connection.on('data', (data) => { came += data; });
    const ended = new Promise((done) => { connection.on('close', done); });
    connection.write(`POST ${address} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${held}\r\n`
        + 'Content-Type: application/json\r\nConnection: close\r\n'
        + `${headers}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 20)}`);
    await meanwhile();
    connection.write(body.slice(20));
    await ended;
    return Number(/^HTTP\/1\.1 (\d+)/.exec(came)[1]);
}

test('a token that is revoked while the body comes is refused, and nothing is recorded', async () => {
    const looked = () => connections.flat().filter((flight) => flight.includes('token_by_digest')).length;
    for (const headers of ['', 'Idempotency-Key: slow\r\n']) {
        const holder = `holder-${headers.length}`;
        const held = await register.token(holder, 'actions:write');
        const revision = register.revision();
        const earlier = looked();
        const status = await sendSlowly(held, headers, async () => {
            await eventually('the token is looked up', () => looked() > earlier);
            await sleep(100);
            const revoked = await run(['token', 'revoke', '--name', holder], register.environment);
            assert.equal(revoked.status, 0, revoked.stderr);
        });
        assert.equal(status, 401);
        assert.equal(register.revision(), revision);
        assert.equal(sql(register.database, "select count(*) from service.request_key where key = 'slow'"), '0');
    }
    const held = await register.token('holder-of-webhooks', 'webhooks:write');
    const earlier = looked();
    assert.equal(await sendSlowly(held, '', async () => {
        await eventually('the token is looked up', () => looked() > earlier);
        await run(['token', 'revoke', '--name', 'holder-of-webhooks'], register.environment);
    }, '/v1/webhooks', { url: 'https://receiver.example/' }), 401);
    assert.equal(sql(register.database, 'select count(*) from service.webhook'), '0');
    const good = await register.token('good', 'actions:write');
    assert.equal(await sendSlowly(good, '', () => sleep(200)), 201);
});
