// The database has no room, no connection to give, or a clock that was set back.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Cluster, run, scope, scratch, serve } from '../cluster.mjs';
import { act, eventually, run as ets144 } from '../harness.mjs';

const impatient = { ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '1000', ETS144_CHECKOUT_TIMEOUT_MS: '500' };

async function begin(test_, cluster) {
    const register = await serve(test_, (role) => cluster.url(role), impatient);
    const token = await register.token('secretariat', 'actions:write', 'outlook:write');
    await eventually('it is kept', async () => (await register.call('GET', '/v1/states'))
        .headers.get('cache-status') === 'ets144; hit');
    // What was sent, and what of it was acknowledged, by its key.
    const sent = [];
    const acknowledged = [];
    const write = async (text = '', key = `note-${sent.length}`) => {
        sent.push(key);
        const answer = await register.call('POST', '/v1/outlook', { token,
            headers: { 'Idempotency-Key': key },
            json: { state: 'PRT', stage: 'no_information', date: '2026-01-05',
                visibility: 'public', note_en: key, next_step_en: text || null, sources: [] } });
        if (answer.status === 201) {
            acknowledged.push(key);
        }
        return answer;
    };
    return { register, token, write, sent, acknowledged };
}

async function isSound(register) {
    const { status, stdout, stderr } = await ets144(['check'], register.environment);
    assert.equal(status, 0, stdout + stderr);
}

// A file system that can be filled; null where none may be mounted.
function smallRoom(here) {
    const room = scratch(here);
    try {
        run('mount', ['-t', 'tmpfs', '-o', 'size=200m,mode=0777', 'tmpfs', room]);
    } catch {
        return null;
    }
    here.after(() => run('umount', [room]));
    return room;
}

test('no room on the disk: writes are refused, reads go on, and with room all is well', async (t) => {
    const here = scope(t);
    const room = smallRoom(here);
    if (room === null) {
        t.skip('a small file system cannot be mounted here');
        return;
    }
    const cluster = Cluster.loaded(here, 'c', room);
    const { register, write, sent, acknowledged } = await begin(here, cluster);
    assert.equal((await write()).status, 201);
    run('bash', ['-c', `! dd if=/dev/zero of=${room}/ballast bs=64k 2>&1`]);

    const answer = await eventually('a write is refused', async () => {
        const refused = await write('x'.repeat(1900));
        return refused.status !== 201 && refused;
    }, 120);
    t.diagnostic(`refused after ${acknowledged.length} writes`);
    assert.equal(answer.status, 503);
    assert.ok(answer.headers.get('retry-after'));
    for (let i = 0; i < 20; i++) {
        assert.equal((await register.call('GET', '/v1/states')).status, 200);
    }

    rmSync(`${room}/ballast`);
    // A server that had no room for its log has to be started again, as its supervisor would.
    await eventually('the database is back', () => {
        try {
            return cluster.start().sql('select 1') === '1';
        } catch {
            rmSync(`${cluster.data}/postmaster.pid`, { force: true });
            return false;
        }
    });
    await eventually('writes are taken', async () => (await write()).status === 201);
    // What was acknowledged is there, what was not may be, and nothing is there twice.
    const notes = cluster.sql('select note_en from register.outlook_version').split('\n');
    assert.equal(new Set(notes).size, notes.length);
    assert.deepEqual(acknowledged.filter((note) => !notes.includes(note)), []);
    assert.deepEqual(notes.filter((note) => !sent.includes(note)), []);
    await isSound(register);
    await register.end();
});

test('no connection is free: cached reads go on, all others get Retry-After', async (t) => {
    const here = scope(t);
    const cluster = Cluster.loaded(here);
    cluster.configure({ max_connections: '14', superuser_reserved_connections: '3',
        max_wal_senders: '0' });
    const { register, write } = await begin(here, cluster);
    // Others take every connection there is, as soon as one is free.
    cluster.sql('create role other login; grant connect on database ets144 to other');
    const others = Array.from({ length: 14 }, () => spawn('bash', ['-c',
        `until psql '${cluster.url('other')}' -XAtqc 'select pg_sleep(600)' 2>/dev/null; do sleep 0.1; done`],
    { detached: true, stdio: 'ignore' }));
    here.after(() => others.forEach((other) => {
        try {
            process.kill(-other.pid, 'SIGKILL');
        } catch {
            // It has ended.
        }
    }));
    // A connection that is about to be refused holds a place, too, even a reserved one.
    const ask = async (text) => (await eventually('a reserved connection is free', () => {
        try {
            return { answer: cluster.sql(text) };
        } catch (error) {
            assert.match(error.message, /too many clients already/);
            return null;
        }
    })).answer;
    const count = async (users) => Number(await ask(
        `select count(*) from pg_stat_activity where usename in (${users})`));
    await eventually('others have what is left', async () =>
        await count("'other', 'ets144_service'") >= 11);
    await eventually('and all of it', async () => {
        await ask(`select pg_terminate_backend(pid) from pg_stat_activity
            where usename = 'ets144_service'`);
        return await count("'other'") === 11;
    });

    const kept = await register.call('GET', '/v1/states');
    assert.equal(kept.status, 200);
    assert.equal(kept.headers.get('cache-status'), 'ets144; hit; detail=stale');
    for (const answer of [await register.call('GET', '/v1/states?as_of=1994-05-06'), await write(),
        await register.call('GET', '/health/ready')]) {
        assert.equal(answer.status, 503);
        assert.ok(answer.headers.get('retry-after'));
    }
    // Said by who mends the connections, a moment later.
    await eventually('the log says why', () =>
        /remaining connection slots|too many clients/.test(register.log));

    others.forEach((other) => process.kill(-other.pid, 'SIGKILL'));
    await ask("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'other'");
    await eventually('writes are taken', async () => (await write()).status === 201);
    await register.end();
});

test('a clock set back: revisions stay in order, and impossible times are refused', async (t) => {
    const library = `/usr/lib/${run('uname', ['-m'])}-linux-gnu/faketime/libfaketimeMT.so.1`;
    if (!existsSync(library)) {
        t.skip('libfaketime is not installed');
        return;
    }
    const here = scope(t);
    const clock = `${scratch(here)}/clock`;
    const setClock = (offset) => writeFileSync(clock, `${offset}\n`, { mode: 0o644 });
    setClock('+0');
    const cluster = Cluster.loaded(here);
    cluster.stop();
    cluster.environment = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    cluster.start();
    const { register, token, write } = await begin(here, cluster);
    const now = () => Date.parse(cluster.sql(
        `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`));
    const shown = async () => (await register.call('GET', '/v1/states')).body;
    // Of yesterday, which it still is with a clock that is an hour behind.
    const yesterday = new Date(Date.now() - 24 * 3600e3).toISOString().slice(0, 10);
    const record = (state) => register.call('POST', '/v1/actions', { token,
        json: act(state, 'signature', yesterday) });

    assert.equal((await record('PRT')).status, 201);
    const before = await shown();
    setClock('-3600');
    assert.ok(now() < Date.now() - 3500e3, 'the database has another time');
    const written = await write();
    assert.equal(written.status, 201);
    const later = await shown();
    assert.equal(later.revision, before.revision + 1);
    assert.ok(later.known_at > before.known_at, 'a later revision has a later time');
    assert.equal((await register.call('GET', `/v1/states?known_at=${before.known_at}`)).body.revision,
        before.revision);
    assert.equal((await write('', 'note-0')).text, written.text, 'what is repeated is answered so');

    // By days: what was done is then still to come, which the law does not take.
    setClock('-2d');
    const refused = await record('FRA');
    assert.equal(refused.status, 422);
    assert.ok(refused.body.errors.some((error) => error.type === '/problems/day-not-in-future'));
    assert.equal((await shown()).revision, later.revision);

    setClock('+0');
    assert.equal((await record('FRA')).status, 201);
    await isSound(register);
    await register.end();
});
