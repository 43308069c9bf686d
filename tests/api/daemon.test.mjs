// The program as a daemon: settings, start, readiness, stop.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Register, environmentFor, eventually, makeDatabase, run, sql } from '../harness.mjs';

test('--help prints every setting, --version the schema', async () => {
    const help = await run(['--help']);
    assert.equal(help.status, 0);
    for (const name of ['LISTEN_ADDRESS', 'PORT', 'DATABASE_URL', 'POOL_SIZE', 'MAX_BODY_BYTES']) {
        assert.match(help.stdout, new RegExp(`ETS144_${name} .*default:`));
    }
    assert.match((await run(['--version'])).stdout, /^ets144 \d+\.\d+\.\d+, schema \w+\n$/);
    assert.equal((await run([])).status, 2);
    assert.match((await run(['fly'])).stderr, /unknown command/);
});

test('--help lists the same settings as text, as a manual and as an environment file', async () => {
    const named = (text, line) => [...text.matchAll(line)].map((match) => match[1]);
    const help = named((await run(['--help'])).stdout, /^ {2}ETS144_(\w+)/gm);
    const manual = (await run(['--help', 'manual'])).stdout;
    const environment = (await run(['--help', 'environment'])).stdout;
    assert.ok(help.length > 30);
    assert.deepEqual(named(manual, /^\\fBETS144_(\w+)\\fR$/gm), help);
    const lines = named(environment, /^#ETS144_(\w+)=/gm);
    const secrets = lines.filter((name) => lines.includes(`${name}_FILE`));
    assert.deepEqual(secrets, help.filter((name) => /DATABASE_URL$/.test(name)));
    assert.deepEqual(lines.filter((name) => !secrets.includes(name.replace(/_FILE$/, '')) ||
        !name.endsWith('_FILE')), help);
    assert.match(environment, /^#ETS144_PUBLISHER="The register's keepers"$/m);
    // No line that roff would read as a request, and no hyphen that it would change.
    assert.doesNotMatch(manual, /^['.](?!SH|TP|br)/m);
    assert.match(manual, /\\-\\-scope/);
    assert.equal((await run(['--help', 'song'])).status, 2);
});

test('an unknown setting and each bad value are refused by name', async () => {
    const wrong = await run(['serve'], { ETS144_COLOUR: 'red', ETS144_PORT: '70000',
        ETS144_LOG_LEVEL: 'loud', ETS144_POOL_SIZE: '4x', ETS144_DATABASE_URL_FILE: '/nowhere' });
    assert.equal(wrong.status, 2);
    for (const name of ['COLOUR', 'PORT', 'LOG_LEVEL', 'POOL_SIZE', 'DATABASE_URL_FILE']) {
        assert.match(wrong.stderr, new RegExp(`ETS144_${name} `));
    }
    assert.equal(wrong.stderr.trim().split('\n').length, 5);
});

test('a database that does not answer, and an address that cannot be listened on', async () => {
    const gone = await run(['serve'], { ETS144_PORT: '0',
        ETS144_DATABASE_URL: 'postgresql:///x?host=/nowhere&user=ets144_service' });
    assert.equal(gone.status, 1);
    assert.match(gone.stderr, /^ets144: the database does not answer: /m);
    const database = makeDatabase();
    for (const [name, value] of [['LISTEN_ADDRESS', 'here'], ['LISTEN_ADDRESS', '192.0.2.1']]) {
        const ended = await run(['serve'], environmentFor(database, { [`ETS144_${name}`]: value }));
        assert.equal(ended.status, 1);
        assert.match(ended.stderr, /^ets144: .*(listen|address)/m);
    }
    sql('postgres', `drop database ${database} with (force)`);
});

test('a port in use is reported in a sentence', async () => {
    const register = await Register.start();
    const second = await run(['serve'],
        { ...register.environment, ETS144_PORT: String(register.port) });
    assert.equal(second.status, 1);
    assert.match(second.stderr, /^ets144: cannot listen on 127\.0\.0\.1 port \d+: the port is in use\.$/m);
    await register.stop();
});

test('it listens on IPv6', async () => {
    const register = await Register.start({ ETS144_LISTEN_ADDRESS: '::1' });
    const answer = await fetch(`http://[::1]:${register.port}/v1/states/ITA`);
    assert.equal(answer.status, 200);
    await register.stop();
});

test('a schema that has retired this build, or no schema, is refused at the start', async () => {
    const database = makeDatabase();
    sql(database, `insert into sqitch.changes (change_id, change, project, note, committed_at,
            committer_name, committer_email, planned_at, planner_name, planner_email)
        select 'newer', 'newer', project, '', now() + interval '1 day', '', '', now(), '', ''
          from sqitch.changes limit 1;
        call service.schema_retire('newer')`);
    const newer = await run(['serve'], environmentFor(database));
    assert.equal(newer.status, 1);
    assert.match(newer.stderr,
        /has the schema "newer", which does not serve this binary, built for "\w+"/);
    sql(database, 'drop schema service cascade');
    const none = await run(['serve'], environmentFor(database));
    assert.equal(none.status, 1);
    assert.match(none.stderr, /deploy sql\/ with Sqitch first/);
    sql('postgres', `drop database ${database} with (force)`);
});

test('after SIGTERM it is not ready, and serves for the drain delay', async () => {
    const register = await Register.start({ ETS144_DRAIN_DELAY_MS: '60000' });
    assert.equal((await register.call('GET', '/health/ready')).status, 200);
    register.child.kill('SIGTERM');
    await eventually('it is not ready', async () =>
        (await register.call('GET', '/health/ready')).status === 503);
    // New connections are accepted meanwhile.
    const { status, text } = await register.raw('GET /v1/states/ITA HTTP/1.1\r\nHost: x\r\n\r\n');
    assert.equal(status, 200, text);
    assert.equal((await register.call('GET', '/health/live')).status, 200);
    // A second SIGTERM ends the delay.
    await register.stop();
    await assert.rejects(register.call('GET', '/health/live'));
});

test('SIGTERM finishes the requests under way, and exits 0', async () => {
    const register = await Register.start();
    const calls = Array.from({ length: 20 }, () => register.call('GET', '/v1/states'));
    await calls[0];
    register.child.kill('SIGTERM');
    const answers = await Promise.allSettled(calls);
    assert.ok(answers.some((answer) => answer.value?.status === 200));
    assert.ok(answers.every((answer) => answer.status === 'rejected'
        || answer.value.status === 200));
    await register.stop();
});

test('without the database, requests answer 503 at once and recover by themselves', async () => {
    const register = await Register.start({ ETS144_CHECKOUT_TIMEOUT_MS: '200' });
    const token = await register.token('secretariat', 'actions:write');
    sql('postgres', `alter database ${register.database} allow_connections false`);
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${register.database}'`);
    let answer;
    for (let i = 0; i < 10; i++) {
        answer = await register.call('GET', '/v1/states');
    }
    assert.equal(answer.status, 503);
    assert.equal(answer.headers.get('retry-after'), '1');
    assert.equal((await register.call('GET', '/health/ready')).status, 503);
    assert.equal((await register.call('GET', '/health/live')).status, 200);
    const write = await register.call('POST', '/v1/actions', { token,
        json: { state: 'PRT', kind: 'signature', date: '2026-11-02', verification: 'unconfirmed' } });
    assert.equal(write.status, 503);
    sql('postgres', `alter database ${register.database} allow_connections true`);
    await eventually('reads recover', async () =>
        (await register.call('GET', '/v1/states')).status === 200, 5);
    await register.stop();
});

// A socket as systemd's, whose messages are counted; Node.js has no sockets for datagrams of Unix.
async function startManager(here) {
    const folder = mkdtempSync(join(tmpdir(), 'ets144-'));
    const path = join(folder, 'notify');
    const child = spawn('/usr/bin/python3', ['-u', '-c', `
import socket, sys
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(sys.argv[1])
print("bound")
while True:
    print(manager.recv(4096).decode())`, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const manager = { path, messages: [] };
    here.after(() => {
        child.kill();
        rmSync(folder, { recursive: true });
    });
    await new Promise((bound) => {
        child.stdout.on('data', (data) => {
            manager.messages.push(...data.toString().match(/\S+/g) ?? []);
            bound();
        });
    });
    return manager;
}

async function until(holds) {
    const end = Date.now() + 20000;
    while (!holds()) {
        assert.ok(Date.now() < end);
        await new Promise((done) => { setTimeout(done, 10); });
    }
}

test('systemd is told when it listens, that it goes on, and when it ends', async (t) => {
    const manager = await startManager(t);
    const count = (message) => manager.messages.filter((other) => other === message).length;
    const register = await Register.start({ NOTIFY_SOCKET: manager.path, WATCHDOG_USEC: '400000',
        ETS144_WATCHDOG: '0' });
    await until(() => count('READY=1') === 1 && count('WATCHDOG=1') >= 3);
    assert.equal(count('STOPPING=1'), 0);
    await register.stop();
    await until(() => count('STOPPING=1') === 1);
    assert.deepEqual([...new Set(manager.messages)].sort(),
        ['READY=1', 'STOPPING=1', 'WATCHDOG=1', 'bound']);
});

// The real program with threads that hang at the test's will; see hang.c.
async function hang(here, threads) {
    const folder = mkdtempSync(join(tmpdir(), 'ets144-'));
    here.after(() => rmSync(folder, { recursive: true }));
    const [library, file] = [join(folder, 'hang.so'), join(folder, 'hang')];
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-D_GNU_SOURCE', '-o', library,
        fileURLToPath(new URL('../support/hang.c', import.meta.url))]);
    const asan = execFileSync('gcc', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
    const register = await Register.start({ LD_PRELOAD: `${asan} ${library}`, TEST_HANG: file,
        ETS144_WATCHDOG: '1' });
    await new Promise((done) => { setTimeout(done, 2500); });
    assert.equal((await register.call('GET', '/health/live')).status, 200);
    writeFileSync(file, threads);
    const { signal } = await register.ended;
    assert.equal(signal, 'SIGABRT', register.log);
    assert.match(register.log, /"event":"watchdog_expired","silence_ms":\d+/);
    sql('postgres', `drop database ${register.database} with (force)`);
}

for (const threads of ['1', '4']) {
    test(`a process with threads that hang ends itself: ${threads} of 4`, { timeout: 60000 },
        (t) => hang(t, threads));
}
