// Replicas that deliver webhooks die, stop, and lose the database: no change is lost, and repetitions have
// the same id.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Register, eventually, sleep, sql } from '../harness.mjs';
import { Webhooks } from '../support/webhooks.mjs';

// Another replica on the same database.
async function replica(webhooks, more = {}) {
    const other = new Register();
    other.database = webhooks.register.database;
    other.environment = { ...webhooks.register.environment, ETS144_WEBHOOKS: 'yes', ...more };
    await other.serve();
    return other;
}

async function end(register, signal = 'SIGTERM') {
    register.child.kill(signal);
    const { status } = await register.ended;
    assert.doesNotMatch(register.log, /AddressSanitizer|LeakSanitizer|runtime error:/);
    if (signal === 'SIGTERM') {
        assert.equal(status, 0, register.log.slice(-2000));
    }
}

const changes = (webhooks) => sql(webhooks.register.database,
    "select id from register.change where audience <> 'internal' order by at, number").split('\n');
const percentile = (numbers, share) => [...numbers].sort((a, b) => a - b)[
    Math.ceil(numbers.length * share) - 1];

test('the replica that delivers is killed fifty times under load, and no change is lost', async (t) => {
    // The lease is a second, so that what a dead replica held is free again soon.
    const webhooks = await Webhooks.start({ ETS144_WEBHOOKS: 'no', ETS144_WEBHOOK_BACKOFF_MS: '20',
        ETS144_WEBHOOK_TIMEOUT_MS: '500' }, t);
    const receivers = [];
    for (let i = 0; i < 3; i++) {
        const { receiver, hook } = await webhooks.subscribe(t);
        receiver.hook = hook;
        // There is a backlog from the start.
        await webhooks.call('POST', `${hook.address}/replay`, { since: '1990-01-01T00:00:00Z' });
        receiver.answer = async (message, response) => {
            await sleep(Math.random() * 40);
            response.writeHead(204).end();
        };
        receivers.push(receiver);
    }
    const replicas = [await replica(webhooks), await replica(webhooks)];
    t.after(() => Promise.all(replicas.map((one) => end(one, 'SIGKILL'))));
    let writing = true;
    const load = (async () => {
        while (writing) {
            await webhooks.happen();
        }
    })();
    for (let i = 0; i < 50; i++) {
        await sleep(Math.random() * 300);
        await end(replicas[i % 2], 'SIGKILL');
        replicas[i % 2] = await replica(webhooks);
    }
    writing = false;
    await load;
    const expected = changes(webhooks);
    for (const receiver of receivers) {
        await eventually(() => `${new Set(receiver.ids()).size} of ${expected.length}`,
            () => new Set(receiver.ids()).size === expected.length, 120000);
        assert.deepEqual([...new Set(receiver.ids())], expected, 'all of them, in their order');
        assert.ok(receiver.messages.every(({ by }) => by.length === 1), 'each is signed');
        await eventually('all is told', async () =>
            (await webhooks.progress(receiver.hook)).waiting === 0);
    }
    const interrupted = Number(sql(webhooks.register.database,
        "select count(*) from service.webhook_attempt where outcome = 'interrupted'"));
    const sent = receivers.reduce((sum, { messages }) => sum + messages.length, 0);
    t.diagnostic(`${expected.length} changes to 3 receivers: ${sent} messages, ${interrupted} cut off`);
    assert.ok(interrupted > 0, 'no replica was killed while it delivered');
});

test('a replica that stops finishes its deliveries, and leaves the rest to the others at once', async (t) => {
    const webhooks = await Webhooks.start({ ETS144_WEBHOOKS: 'no',
        ETS144_WEBHOOK_TIMEOUT_MS: '60000' }, t);
    const { hook, receiver } = await webhooks.subscribe(t);
    let answer = (response) => response.writeHead(200).end();
    receiver.answer = async (message, response) => answer(response);
    // A replica that does not deliver, does not.
    const first = await webhooks.happen();
    await sleep(500);
    assert.equal(receiver.messages.length, 0);

    let finish;
    answer = (response) => { finish = () => response.writeHead(200).end(); };
    const patient = await replica(webhooks);
    await receiver.until(1);
    patient.child.kill('SIGTERM');
    await webhooks.happen();
    await sleep(300);
    assert.equal(receiver.messages.length, 1, 'it begins nothing more');
    finish();
    await end(patient);
    assert.equal((await webhooks.settled(hook, first)).outcome, 'delivered');

    const hasty = await replica(webhooks, { ETS144_SHUTDOWN_GRACE: '0' });
    await receiver.until(2);
    await end(hasty);
    const { id } = receiver.messages[1];
    answer = (response) => response.writeHead(200).end();
    const successor = await replica(webhooks);
    t.after(() => end(successor));
    // The lease was for two minutes.
    await receiver.until(3);
    assert.equal(receiver.messages[2].id, id);
    const attempts = (await webhooks.get(`${hook.address}/deliveries`)).body.items
        .filter(({ delivery }) => delivery === id).map(({ outcome }) => outcome);
    await webhooks.settled(hook, id, 2);
    assert.equal(attempts.at(-1), 'interrupted');
});

// What the process has used of the processor, in seconds.
function used({ child: { pid } }) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
}

test('without the database the dispatcher waits, and delivers afterwards', async (t) => {
    const webhooks = await Webhooks.start({}, t);
    const { hook, receiver } = await webhooks.subscribe(t);
    const database = webhooks.register.database;
    let finish;
    receiver.answer = (message, response) => {
        finish = () => response.writeHead(200).end('at last');
    };
    const first = await webhooks.happen();
    await receiver.until(1);
    sql('postgres', `alter database ${database} allow_connections false`);
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${database}'`);
    finish();
    receiver.answer = (message, response) => response.writeHead(200).end('now');
    const before = used(webhooks.register);
    await sleep(3000);
    const spent = used(webhooks.register) - before;
    assert.ok(spent < 1.5, `${spent} s of processor in 3 s`);
    assert.equal(webhooks.register.child.exitCode, null);
    sql('postgres', `alter database ${database} allow_connections true`);
    await eventually('the database is reachable', async () =>
        (await webhooks.get('/health/ready')).status === 200);
    const attempt = await webhooks.settled(hook, first);
    assert.deepEqual([attempt.outcome, attempt.answer], ['delivered', 'at last']);
    const second = await webhooks.happen();
    await eventually('the next one comes', () => receiver.ids().includes(second));
    assert.deepEqual([...new Set(receiver.ids())], [first, second]);
});

test('a change is delivered soon after its commit', async (t) => {
    const webhooks = await Webhooks.start({}, t);
    const { receiver } = await webhooks.subscribe(t);
    const second = await replica(webhooks);
    t.after(() => end(second));
    const took = [];
    receiver.answer = (message, response) => {
        // The revision is opened shortly before the commit, by the same clock.
        took.push(Date.now() - Date.parse(message.body.time));
        response.writeHead(204).end();
    };
    for (let i = 0; i < 100; i++) {
        await webhooks.happen();
    }
    await receiver.until(100);
    t.diagnostic(`from the opening of the revision to the receiver, with sanitizers: `
        + `p50 ${percentile(took, 0.5)} ms, p99 ${percentile(took, 0.99)} ms`);
    // It is woken, and does not just look now and then.
    assert.ok(percentile(took, 0.5) < 1000, `${percentile(took, 0.5)} ms`);
});
