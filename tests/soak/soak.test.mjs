// The register under load for a long time, while database and network fail again and again: it ends with
// the memory, connections and descriptors that it began with, and loses nothing.
//
// SOAK_REQUESTS is the number of requests after the warm-up; without it the load lasts SOAK_SECONDS.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { scope, scratch } from '../cluster.mjs';
import { eventually, run as ets144, sleep } from '../harness.mjs';
import { Receiver } from '../support/receiver.mjs';
import { Crowds, Others } from './readers.mjs';
import { Replica, makeHeapTeller } from './replica.mjs';
import { writeReport } from './report.mjs';
import { Servers } from './servers.mjs';
import { Writers } from './writers.mjs';

const begun = performance.now();
const wanted = Number(process.env.SOAK_REQUESTS ?? 0);
const seconds = Number(process.env.SOAK_SECONDS ?? 140);
// By the third rest the small first entries of the cache have been evicted by those of a rest.
const rounds = { warmUp: 3, least: 1, most: wanted ? 10 : Infinity };
// The heap in use is counted to the byte. Anonymous memory varies by some percent with malloc's arenas,
// so that only a trend shows there.
const growthAllowed = { heap: 0.01, anonymous: 0.1 };
// The size of the cache, a quarter of the default. Before each rest it is filled with the same responses,
// so that two rests can be compared.
const room = 16 * 1024 * 1024;

const elapsed = () => (performance.now() - begun) / 1000;

describe('a soak', () => {
    const here = scope({ after });
    const rests = [];
    let servers;
    let replicas;
    let writers;
    let crowds;
    let others;
    let receiver;
    let moment;
    let answeredBefore;
    let failOvers = 0;
    let clients = [];

    before(async () => {
        await setUp();
        for (let round = 0; !isOver(round); round++) {
            if (round === rounds.warmUp) {
                answeredBefore = await answered();
            }
            await work(round);
            rests.push(await rest());
        }
        await others.catchUp();
    });

    // Nothing is set but what a test cannot do without: receivers on this machine, and the room for
    // what is kept.
    async function setUp() {
        servers = await Servers.start(here);
        const environment = { ETS144_DATABASE_URL: servers.url('ets144_service'),
            ETS144_ADMIN_DATABASE_URL: servers.url('ets144_admin'), ETS144_PORT: '0',
            ETS144_WEBHOOK_HTTP: 'yes', ETS144_WEBHOOK_PRIVATE: 'yes',
            ETS144_WEBHOOK_TIMEOUT_MS: '2000', ETS144_REQUEST_TIMEOUT: '3',
            ETS144_CACHE_BYTES: String(room) };
        const directory = scratch(here);
        makeHeapTeller(directory);
        replicas = [
            await Replica.start(here, 'one', directory, environment),
            await Replica.start(here, 'two', directory, { ...environment,
                ETS144_READ_DATABASE_URL: servers.readUrl('ets144_service') })];
        const token = await replicas[0].token('soak', 'actions:write', 'outlook:write',
            'imports:write', 'webhooks:write');
        moment = (await replicas[0].call('GET', '/v1/states')).body.known_at;
        receiver = await Receiver.start(here);
        receiver.answer = (_, response) => { response.writeHead(204, { Connection: 'close' }).end(); };
        const hook = await replicas[0].call('POST', '/v1/webhooks',
            { token, json: { url: receiver.url } });
        assert.equal(hook.status, 201, hook.text);
        receiver.secrets = [hook.body.secret];
        writers = new Writers(replicas, token);
        crowds = new Crowds(replicas, directory);
        others = new Others(replicas, moment);
        await others.addFollowers(8);
        // Where something failed nobody waits for a writer's answer.
        here.after(() => {
            writers.abandoned = true;
            return Promise.allSettled(clients.map((kind) => kind.stop()));
        });
    }

    async function answered() {
        const statuses = await Promise.all(replicas.map((replica) => replica.statuses()));
        return statuses.flatMap(Object.values).reduce((all, some) => all + some, 0);
    }

    const share = (round) => wanted * (round - rounds.warmUp + 1) / rounds.most;

    function isOver(round) {
        const measured = round - rounds.warmUp;
        const average = elapsed() / round;
        return wanted ? measured >= rounds.most
            : measured >= rounds.least && elapsed() + average > seconds;
    }

    // A round: the load goes on while each blow falls, and until the round's share is answered.
    async function work(round) {
        await crowds.begin();
        clients = [crowds, others, writers];
        clients.forEach((kind) => kind.start());
        // Whoever finds something wrong ends it at once.
        await Promise.race([blows(round), ...clients.map((kind) => kind.found())]);
        await stop();
    }

    async function stop() {
        await Promise.all(clients.map((kind) => kind.stop()));
        clients = [];
    }

    async function blows(round) {
        for (const blow of ['failOver', 'cut', 'restartStandby', 'restartPrimary']) {
            replicas.forEach((replica) => replica.child.kill('SIGHUP'));
            await servers[blow]();
            await writesAgain();
        }
        failOvers++;
        while (wanted && round >= rounds.warmUp
            && await answered() - answeredBefore < share(round)) {
            await sleep(1000);
        }
    }

    function writesAgain() {
        const before_ = writers.acknowledged.length;
        return eventually('writes go on', () => writers.acknowledged.length > before_ + 4, 60);
    }

    // A second request makes a prebuilt response, too. Each response has more than 8 KiB; they come one
    // after the other, so that the cache has them in the same order.
    function fill() {
        const answers = room / 2 / 8192;
        return Promise.all(replicas.map(async (replica) => {
            for (let asked = 0; asked < answers; asked++) {
                await others.fill(replica, asked);
            }
            const kept = (await replica.figures()).get('ets144_cache_bytes');
            assert.ok(kept > 0.95 * room / 2, `${kept} bytes are kept`);
        }));
    }

    async function rest() {
        await fill();
        for (const replica of replicas) {
            // An idle connection of these clients may stay for a minute.
            await eventually(`${replica.name} is at rest`, () => replica.isIdle(), 120);
        }
        const samples = await Promise.all(replicas.map((replica) => replica.sample()));
        samples.forEach((sample) => { sample.connections = servers.connections(); });
        replicas.forEach((replica) => replica.forgetLog());
        return samples;
    }

    const first = (replica) => rests[rounds.warmUp - 1][replica];
    const last = (replica) => rests.at(-1)[replica];

    for (const [number, name] of ['one', 'two'].entries()) {
        test(`replica ${name} holds what it held after the warm-up`, (t) => {
            const growth = last(number).heap / first(number).heap - 1;
            t.diagnostic(`${first(number).heap} KiB, then ${last(number).heap} KiB`);
            assert.ok(growth <= growthAllowed.heap, `${(growth * 100).toFixed(2)} % more`);
        });

        test(`replica ${name} has the memory that it had in the warm-up`, (t) => {
            const most = Math.max(...rests.slice(0, rounds.warmUp)
                .map((samples) => samples[number].anonymous));
            const growth = last(number).anonymous / most - 1;
            t.diagnostic(rests.map((samples) => `${samples[number].anonymous} KiB`).join(', '));
            assert.ok(growth <= growthAllowed.anonymous, `${(growth * 100).toFixed(2)} % more`);
        });

        test(`replica ${name} has the descriptors and threads that it had`, () => {
            const of = ({ descriptors, threads }) => ({ descriptors, threads });
            assert.deepEqual(of(last(number)), of(first(number)));
        });
    }

    test('the database has the connections that it had', () => {
        assert.equal(last(0).connections, first(0).connections);
    });

    test('every acknowledged write is there, once', () => {
        const marks = Writers.marksIn(servers.primary);
        assert.equal(new Set(marks).size, marks.length, 'none twice');
        assert.deepEqual([...writers.acknowledged].sort(), marks.sort());
    });

    test('cached reads are answered at any moment', () => {
        assert.deepEqual(crowds.failures, []);
    });

    test('everything else is answered as it should be, or with 503', () => {
        assert.deepEqual(others.strange, []);
    });

    test('no answer is a fault of the service', async () => {
        for (const replica of replicas) {
            const statuses = Object.keys(await replica.statuses()).map(Number);
            assert.deepEqual(statuses.filter((status) => status >= 500 && status !== 503), []);
        }
    });

    test('every follower has every change, in one order', () => {
        const [some, ...more] = others.followers.map(({ ids }) => ids);
        assert.ok(some.length > 0);
        more.forEach((ids) => assert.deepEqual(ids, some));
        assert.equal(new Set(some).size, some.length);
    });

    test('every change was delivered to the webhook', () => {
        const told = new Set(receiver.ids());
        assert.deepEqual(others.followers[0].ids.filter((id) => !told.has(id)), []);
        assert.ok(receiver.messages.every(({ by }) => by.length === 1), 'all are signed');
    });

    test('the audit finds nothing', async () => {
        const { status, stdout, stderr } = await ets144(['check'], replicas[0].environment);
        assert.equal(status, 0, stdout + stderr);
    });

    test('both replicas end as they should', async (t) => {
        const requests = await answered() - answeredBefore;
        const figures = { requests, all: await answered(), unchanged: crowds.unchanged, failOvers,
            rounds: rests.length - rounds.warmUp, seconds: elapsed(),
            writes: writers.acknowledged.length, repeated: writers.repeated,
            imports: writers.imports, unavailable: others.unavailable,
            silent: others.repeated, vanished: others.vanished,
            changes: others.followers[0].ids.length, deliveries: receiver.messages.length,
            rests,
            replicas: replicas.map((replica, number) => ({ name: replica.name, first: first(number),
                last: last(number) })) };
        for (const replica of replicas) {
            await replica.end();
        }
        t.diagnostic(`figures: ${JSON.stringify(figures)}`);
        if (wanted) {
            writeReport(figures);
        }
    });
});
