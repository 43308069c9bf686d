// The next release replaces this release on a database in use: first its schema, which only adds, then one
// replica after the other, and last the removal of what only the old release used.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Cluster, run, scratch, serve, top } from '../cluster.mjs';
import { eventually, run as ets144, sleep, untilLogged } from '../harness.mjs';
import { startProxy } from '../support/proxy.mjs';

const changes = {
    // A column in the midst of what is read and written, and a function for the next release.
    expand: `begin;
        set local role ets144_owner;
        alter table register.outlook_version add column weight integer;
        do $$
        begin
            execute replace(pg_get_functiondef(
                'register.outlook_at(date, timestamptz, boolean)'::regprocedure),
                'outlook_at', 'outlook_on');
        end
        $$;
        grant execute on function register.outlook_on(date, timestamptz, boolean)
            to ets144_service;
        commit;`,
    contract: `begin;
        set local role ets144_owner;
        call service.schema_retire('expand');
        drop function register.outlook_at(date, timestamptz, boolean);
        commit;`,
};

// A tree like this one with a further change of the schema.
function release(directory, from, change) {
    run('mkdir', [directory]);
    run('cp', ['-r', ...['Makefile', 'service', 'openapi', 'docker', 'sql'].map((name) =>
        `${from}/${name}`), directory]);
    writeFileSync(`${directory}/sql/deploy/${change}.sql`, changes[change]);
    writeFileSync(`${directory}/sql/sqitch.plan`, `${change} 2027-01-01T00:00:00Z `
        + 'The register\'s keepers <register@localhost> # The next one.\n', { flag: 'a' });
    return directory;
}

// The program as the next release has it: it asks what the schema has only since then.
function build(directory) {
    const query = `${directory}/sql/queries/outlook.sql`;
    const text = readFileSync(query, 'utf8').replace('register.outlook_at(', 'register.outlook_on(');
    assert.ok(text.includes('outlook_on'));
    writeFileSync(query, text);
    run('make', ['-C', directory, '--quiet', '--jobs=2', 'build/release/ets144',
        'release_CFLAGS=-O0 -fPIE']);
    return `${directory}/build/release/ets144`;
}

const addresses = ['/v1/states', '/v1/states/ITA', '/v1/outlook', '/v1/calls', '/v1/changes',
    '/v1/statistics'];
const someDay = () => new Date(Date.UTC(1993 + Math.random() * 30, Math.random() * 12, 1))
    .toISOString().slice(0, 10);

test('a rolling upgrade under load: no read fails, and every write is there once', async (t) => {
    const folder = scratch(t);
    const expanded = release(`${folder}/expanded`, top.slice(0, -1), 'expand');
    const contracted = release(`${folder}/contracted`, expanded, 'contract');
    const newer = build(expanded);
    assert.match(run(newer, ['--version']), /schema expand$/);

    const cluster = Cluster.loaded(t);
    const deploy = (tree) => run(`${tree}/sql/cluster.sh`, ['deploy', cluster.url()]);
    const more = { ETS144_TRUSTED_PROXIES: 'loopback', ETS144_DRAIN_DELAY_MS: '3000' };
    const url = (role) => cluster.url(role);
    const older = [await serve(t, url, more), await serve(t, url, more)];
    const token = await older[0].token('secretariat', 'outlook:write');
    const proxy = await startProxy(t, 'haproxy', older.map((replica) => replica.port));

    let running = true;
    t.after(() => { running = false; });
    let reads = 0;
    const failed = [];
    const acknowledged = [];
    const read = async (path) => {
        const status = await proxy.ask(path).then((answer) => answer.status, (error) => error.code);
        reads++;
        if (status !== 200) {
            failed.push(`${path}: ${status}`);
        }
    };
    const clients = [1, 2, 3, 4].map(async (client) => {
        for (let i = client; running; i++) {
            await read(addresses[i % addresses.length]);
            await read(`/v1/outlook?as_of=${someDay()}`);
        }
    });
    // Whether it is acknowledged; if not it may be sent again.
    const write = async (note) => {
        const body = JSON.stringify({ state: 'PRT', stage: 'no_information', date: '2026-01-05',
            visibility: 'public', note_en: note, sources: [] });
        const { status } = await proxy.ask('/v1/outlook', { method: 'POST', body, headers: {
            Authorization: `Bearer ${token}`, 'Content-Type': 'application/json',
            'Idempotency-Key': note } }).catch(() => ({ status: 0 }));
        if (![0, 201, 409, 502, 503].includes(status)) {
            failed.push(`write: ${status}`);
        }
        return status === 201;
    };
    clients.push((async () => {
        for (let i = 0; running; i++) {
            while (!await write(`entry-${i}`)) {
                await sleep(20);
            }
            acknowledged.push(`entry-${i}`);
        }
    })());
    const served = async () => {
        const before = [reads, acknowledged.length];
        await eventually('reads and writes go on', () => reads > before[0] + 40
            && acknowledged.length > before[1] + 4, 60);
        assert.deepEqual(failed, []);
    };

    await served();
    deploy(expanded);
    await served();
    const newest = [];
    for (const replica of older) {
        assert.throws(() => deploy(contracted), /built for the schema "v1" is connected/);
        replica.child.kill('SIGTERM');
        // It says that it goes before it goes.
        await eventually('it is not ready', async () => {
            const answer = await replica.call('GET', '/health/ready');
            return answer.status === 503;
        });
        assert.equal((await replica.call('GET', '/v1/states')).status, 200);
        assert.throws(() => cluster.sql("call service.schema_retire('expand')"), /is connected/);
        assert.equal((await replica.ended).status, 0, replica.log.slice(-2000));
        const next = await serve(t, url, { ...more, ETS144_PORT: String(replica.port) }, newer);
        await eventually('the proxy sees it', async () => {
            await sleep(1100);
            return (await next.call('GET', '/health/ready')).status === 200;
        });
        newest.push(next);
        await served();
    }
    deploy(contracted);
    await served();
    running = false;
    await Promise.all(clients);
    t.diagnostic(`${reads} reads, ${acknowledged.length} writes`);
    assert.deepEqual(failed, []);
    assert.deepEqual(cluster.sql('select note_en from register.outlook_version order by 1')
        .split('\n'), [...acknowledged].sort());

    const refused = await ets144(['serve'], { ...older[0].environment, ETS144_PORT: '0' });
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /the schema "contract", which does not serve this binary/);
    for (const replica of newest) {
        replica.child.kill('SIGINT');
        assert.equal((await replica.ended).status, 0, replica.log.slice(-2000));
    }
});

test('a replica that was cut off while its schema was retired ends', async (t) => {
    const folder = scratch(t);
    const tree = release(`${folder}/expanded`, top.slice(0, -1), 'expand');
    const cluster = Cluster.loaded(t);
    const replica = await serve(t, (role) => cluster.url(role));
    run(`${tree}/sql/cluster.sh`, ['deploy', cluster.url()]);
    assert.throws(() => cluster.sql("call service.schema_retire('expand')"), /is connected/);
    await eventually('it is retired', () => {
        try {
            cluster.sql(`select pg_terminate_backend(pid, 1000) from pg_stat_activity
                          where application_name like 'ets144 listener %';
                         call service.schema_retire('expand')`);
            return true;
        } catch (error) {
            assert.match(error.stderr, /is connected/);
            return false;
        }
    });
    assert.equal((await replica.ended).status, 1);
    await untilLogged(replica, 'schema_retired');
    rmSync(tree, { recursive: true });
});
