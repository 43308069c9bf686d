// Clients that read. Most of the load is h2load's, with the requests of dashboards; other clients of each
// kind are slower.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { eventually, sleep } from '../harness.mjs';
import { Clients } from './clients.mjs';

// Requests made before the load begins are cached, and answered whatever happens to the database.
const polled = ['/v1/states', '/v1/states', '/v1/states', '/v1/states/ITA', '/v1/states/FIN',
    '/v1/states/NLD', '/v1/states/ALB', '/v1/statistics', '/v1/statistics', '/v1/convention'];
const browsed = [...polled, '/v1/states?status=party', '/v1/actions?state=ITA', '/v1/anomalies',
    '/v1/statistics/series', '/v1/calls/CG-REC-304/progress', '/v1/outlook', '/v1/chart',
    '/v1/states?format=csv', '/v1/actions?format=ndjson', '/v1/changes?limit=20', '/v1/changes.atom',
    '/v1/states?as_of=2011-03-24', '/v1/states/ALB/explanation'];
// A crowd asks for the same addresses in the same way; `conditional`: and has the answer already.
const crowds = [
    { name: 'polls', addresses: polled, conditional: true, clients: 32 },
    { name: 'gzip', addresses: browsed, headers: { 'Accept-Encoding': 'gzip' }, clients: 8 },
    { name: 'French', addresses: browsed, headers: { 'Accept-Encoding': 'br, gzip',
        'Accept-Language': 'fr' }, clients: 4 },
    { name: 'plain', addresses: browsed, headers: {}, clients: 4 },
];

// How long a crowd asks with the tags that it has.
const turn = 2;

const headerWords = (headers) =>
    Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);

// What h2load says it did; a request that it could not make counts as failed.
function readCounts(said) {
    const [, done, failed, errored, timedOut] = /^requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout$/m
        .exec(said)?.map(Number) ?? [];
    const [, good, unchanged, refused, broken] = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m
        .exec(said)?.map(Number) ?? [];
    assert.ok(done >= 0 && good >= 0, said);
    return { done, good, unchanged, refused, broken, lost: errored + timedOut, failed };
}

// Everybody who reads by h2load, of all replicas.
export class Crowds extends Clients {
    constructor(replicas, scratch) {
        super();
        Object.assign(this, { replicas, scratch, requests: 0, unchanged: 0, failures: [] });
    }

    // Each form of each address once, so that it is kept.
    async begin() {
        for (const replica of this.replicas) {
            for (const { addresses, headers = {} } of crowds) {
                for (const address of new Set(addresses)) {
                    const answer = await replica.call('GET', address, { headers });
                    assert.equal(answer.status, 200, `${address}: ${answer.text}`);
                }
            }
        }
    }

    start() {
        this.running = true;
        this.done = this.replicas.flatMap((replica) => crowds.map((crowd) =>
            this.keepAsking(replica, crowd)));
    }

    async keepAsking(replica, crowd) {
        while (this.running) {
            const counts = await this.ask(replica, crowd);
            this.requests += counts.done;
            this.unchanged += counts.unchanged;
            if (counts.refused + counts.broken + counts.lost > 0) {
                this.failures.push({ replica: replica.name, crowd: crowd.name, ...counts });
            }
        }
    }

    async ask(replica, { name, addresses, headers = {}, conditional, clients }) {
        const file = `${this.scratch}/${replica.name}-${name}`;
        writeFileSync(file, addresses.map((address) =>
            `http://127.0.0.1:${replica.port}${address}\n`).join(''));
        const tags = conditional ? { 'If-None-Match': await this.tags(replica, addresses) } : {};
        const child = spawn('h2load', ['--h1', '-t1', `-c${clients}`, `-D${turn}`, '-N', '30', '-i', file,
            ...headerWords({ ...headers, ...tags })], { stdio: ['ignore', 'pipe', 'inherit'] });
        let said = '';
        child.stdout.on('data', (data) => { said += data; });
        await once(child, 'close');
        return readCounts(said);
    }

    // Of all the addresses in one header, since h2load sends the same ones with each of them.
    async tags(replica, addresses) {
        const answers = await Promise.all([...new Set(addresses)].map((address) =>
            replica.call('GET', address)));
        return answers.map((answer) => answer.headers.get('etag')).filter(Boolean).join(', ');
    }
}

// A day between the Convention's opening and now.
const pastDay = (number) =>
    new Date(Date.UTC(1992, 1, 5 + number % 12000)).toISOString().slice(0, 10);

// Those that read beside them, slowly and one by one.
export class Others extends Clients {
    constructor(replicas, moment) {
        super();
        Object.assign(this, { replicas, moment, days: 0, repeated: 0, unavailable: 0, vanished: 0,
            followers: [], strange: [] });
    }

    start() {
        this.running = true;
        this.done = this.replicas.flatMap((replica) => [
            this.keep(() => this.askForThePast(replica)), this.keep(() => this.askForToday(replica)),
            this.keep(() => this.askWrongly(replica)), this.keep(() => this.come(replica)),
            this.keep(() => this.vanish(replica)),
            ...this.followers.filter((follower) => follower.replica === replica)
                .map((follower) => this.keep(() => this.follow(follower))),
        ]);
    }

    async keep(doing) {
        while (this.running) {
            await doing();
            await sleep(20);
        }
    }

    // A connection that was silent may be closed at the moment when a question is sent.
    again() {
        this.repeated++;
        return {};
    }

    // Reads once; without a database a 503 will do, and nothing else will.
    async read(replica, address, expected, options) {
        const answer = await replica.call('GET', address, options).catch((error) => {
            assert.ok(error.cause, error);
            this.again();
            return replica.call('GET', address, options);
        });
        if (answer.status === 503) {
            this.unavailable++;
        } else if (!expected.includes(answer.status)) {
            this.strange.push(`${address}: ${answer.status} ${answer.text.slice(0, 200)}`);
        }
        return answer;
    }

    askForThePast(replica) {
        const day = pastDay(this.days++ * 7);
        const when = this.days % 2 ? `&known_at=${encodeURIComponent(this.moment)}` : '';
        return this.read(replica, `/v1/states?as_of=${day}${when}`, [200]);
    }

    // A day of the past, until the answer is kept, and once more.
    async fill(replica, number) {
        const address = `/v1/states?as_of=${pastDay(number)}`;
        for (let times = 0; times < 2; times++) {
            await eventually(`${address} is answered`, async () =>
                (await replica.bytes(address).catch(() => this.again())).status === 200, 60);
        }
    }

    async askForToday(replica) {
        await this.read(replica, `/v1/statistics?as_of=${pastDay(this.days++)}`, [200]);
        await this.read(replica, '/v1/actions?limit=50&format=csv', [200]);
        await this.read(replica, '/v1/changes?limit=100', [200]);
    }

    async askWrongly(replica) {
        await this.read(replica, '/v1/states?colour=red', [400]);
        await this.read(replica, '/v1/states/XXX', [404]);
        await this.read(replica, '/v1/nothing', [404]);
    }

    async come(replica) {
        const { status } = await replica.bytes('/v1/states', { Connection: 'close' });
        if (status !== 200) {
            this.strange.push(`a new connection: ${status}`);
        }
    }

    // In the middle of a question, of a body, or of the answer.
    async vanish(replica) {
        const beginnings = ['GET /v1/states HTTP/1.1\r\nHo',
            'POST /v1/outlook HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"state"',
            'GET /v1/actions?format=csv HTTP/1.1\r\nHost: a\r\n\r\n',
            'GET /v1/changes?after=latest HTTP/1.1\r\nHost: a\r\nPrefer: wait=5\r\n\r\n'];
        const socket = net.connect(replica.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.write(beginnings[this.vanished++ % beginnings.length]);
        await sleep(30);
        socket.destroy();
    }

    // Followers that wait for news, from now on.
    async addFollowers(count) {
        for (const replica of this.replicas) {
            const { body } = await replica.call('GET', '/v1/changes?after=latest');
            this.followers.push(...Array.from({ length: count }, () =>
                ({ replica, next: body.next, ids: [] })));
        }
    }

    async follow(follower) {
        const { status, body } = await this.read(follower.replica, follower.next, [200, 304],
            { headers: { Prefer: 'wait=2' } });
        if (status === 200) {
            follower.ids.push(...body.items.map((item) => item.id));
            follower.next = body.next;
        }
    }

    // To the end of the feed, without waiting.
    async catchUp() {
        for (const follower of this.followers) {
            for (let more = true; more;) {
                const { body } = await follower.replica.call('GET', follower.next);
                more = body.items.length > 0;
                follower.ids.push(...body.items.map((item) => item.id));
                follower.next = body.next;
            }
        }
    }
}
