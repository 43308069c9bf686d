// A role of the same cluster without any right in the register, that may connect all the same: it can
// notify every channel and take every advisory lock, and ends, delays and misleads nobody.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Register, act, eventually, logLines, sql, url } from '../harness.mjs';

const stranger = `stranger_${process.pid}`;
const second = new Register();
const holder = {};

before(async () => {
    holder.register = await Register.start();
    holder.token = await holder.register.token('secretariat', 'actions:write', 'webhooks:write');
    sql('postgres', `create role ${stranger} login;
        grant connect on database ${holder.register.database} to ${stranger}`);
    second.environment = holder.register.environment;
    await second.serve();
});
after(async () => {
    await second.end();
    await holder.register.stop();
    sql('postgres', `drop role ${stranger}`);
});

const says = (text) => sql(holder.register.database, text, stranger);

// A write over a replica is seen by both, and neither has gone.
async function worksOn(replica = holder.register) {
    const earlier = holder.register.revision();
    const { status, text, body } = await replica.call('POST', '/v1/actions',
        { token: holder.token, json: act('SWE', 'communication', '2020-01-01') });
    assert.equal(status, 201, text);
    const revision = holder.register.revision();
    assert.equal(revision, earlier + 1);
    for (const each of [holder.register, second]) {
        assert.equal(each.child.exitCode, null, each.log.slice(-2000));
        await eventually('the replica shows the write', async () =>
            (await each.call('GET', '/v1/states')).body.revision === revision);
        assert.equal((await each.call('GET', '/health/ready')).status, 200);
        assert.equal(logLines(each).find(({ event }) => event === 'database_history_diverged'),
            undefined);
    }
    return body;
}

test('a role of the cluster that may connect has no right in the register', () => {
    for (const attempt of ['select number from register.revision',
        'begin; lock table register.write_queue in access share mode',
        'select service.webhook_backlog()', 'listen ets144_revision; select service.schema_use(\'v1\')']) {
        assert.throws(() => says(attempt), /permission denied for/, attempt);
    }
});

test('a forged notification is asked about, and not believed', async () => {
    for (const channel of ['ets144_revision', 'ets144_webhook']) {
        for (const payload of ['999999999', '0', '-1', '9'.repeat(7999), 'x'.repeat(7999), '',
            '1; drop schema register']) {
            says(`notify ${channel}, '${payload}'`);
        }
    }
    await worksOn();
    await worksOn(second);
});

test('floods of notifications end and delay nobody', async () => {
    for (const payload of ["(i + 1000000)::text", "rpad(i::text, 7999, 'x')"]) {
        for (const channel of ['ets144_revision', 'ets144_webhook']) {
            says(`select pg_notify('${channel}', ${payload}) from generate_series(1, 10000) as i`);
            await worksOn();
        }
    }
    await worksOn(second);
});

test('a full queue of notifications holds up no write', async () => {
    const listener = spawn('psql', [url(holder.register.database, stranger), '-XAtq']);
    try {
        let said = '';
        listener.stdout.on('data', (data) => { said += data; });
        listener.stdin.write("listen nothing; begin; select 'it stays';\n");
        await eventually('it listens', () => said.includes('it stays'));
        says(`select pg_notify('nothing', rpad(i::text, 7999, 'x')) from generate_series(1, 1000) as i`);
        // A queue of 8 GB is too much for a test: what a write asks is how full it is.
        const database = holder.register.database;
        sql(database, `create schema full_queue;
            create function full_queue.pg_notification_queue_usage() returns float8
                language sql return 1;
            grant usage on schema full_queue to public;
            create function full_queue.pg_notify(text, text) returns void language plpgsql
                as $$ begin raise 'the queue is full'; end $$;
            do $$ begin
                execute replace(pg_get_functiondef('register.notify_listeners(text)'::regprocedure),
                    'pg_catalog.pg_notif', 'full_queue.pg_notif');
            end $$`);
        await worksOn();
        await worksOn(second);
    } finally {
        listener.kill();
    }
});

test('advisory locks of a stranger hold up neither writes nor a start', async (t) => {
    const locks = ["hashtextextended('register.revision', 144)",
        "hashtextextended('service.webhook', 144)", "hashtextextended(E'secretariat\\nk', 144)",
        "144, hashtext('v1')"];
    const holding = spawn('psql', [url(holder.register.database, stranger), '-XAtq']);
    t.after(() => holding.kill());
    let said = '';
    holding.stdout.on('data', (data) => { said += data; });
    holding.stdin.write(`${locks.map((lock) => `select pg_advisory_lock(${lock});`).join('\n')}
        select 'it holds them';\n`);
    await eventually('the stranger has the locks', () => said.includes('it holds them'));
    await worksOn();
    const keyed = await holder.register.call('POST', '/v1/actions', { token: holder.token,
        json: act('SWE', 'communication', '2020-01-01'), headers: { 'Idempotency-Key': 'k' } });
    assert.equal(keyed.status, 201, keyed.text);
    const hook = await holder.register.call('POST', '/v1/webhooks',
        { token: holder.token, json: { url: 'https://receiver.example/' } });
    assert.equal(hook.status, 201, hook.text);
    const third = new Register();
    third.environment = holder.register.environment;
    await third.serve();
    await eventually('the third replica is ready',
        async () => (await third.call('GET', '/health/ready')).status === 200);
    await third.end();
    assert.equal(holding.exitCode, null);
});
