// A primary and its standby: one takes over from the other, and what was acknowledged is there.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { Cluster, scope, serve, urlOf } from '../cluster.mjs';
import { act, eventually, run as ets144, sleep, untilLogged } from '../harness.mjs';

const entry = (note) => ({ state: 'PRT', stage: 'no_information', date: '2026-01-05',
    visibility: 'public', note_en: note, sources: [] });

// Sends a write until its answer is known; what is repeated has the same key.
async function writeUntilDone(register, token, note, going = () => true) {
    while (going()) {
        try {
            const answer = await register.call('POST', '/v1/outlook', { token,
                json: entry(note), headers: { 'Idempotency-Key': note } });
            if (answer.status === 201) {
                return true;
            }
            assert.ok([409, 503].includes(answer.status), answer.text);
        } catch (error) {
            assert.ok(error.cause, error);
        }
        await sleep(20);
    }
    return false;
}

const notesOf = (cluster) => cluster.sql(
    'select note_en from register.outlook_version order by 1').split('\n').filter(Boolean);
const caughtUp = (primary, standby) => eventually('the standby has caught up', () =>
    standby.sql('select number from register.revision')
    === primary.sql('select number from register.revision'));

async function isSound(register) {
    const { status, stdout, stderr } = await ets144(['check'], register.environment);
    assert.equal(status, 0, stdout + stderr);
}

describe('the primary is killed, and its synchronous standby promoted', () => {
    const here = scope({ after });
    let primary;
    let standby;
    let replicas;
    let token;

    before(async () => {
        primary = Cluster.loaded(here, 'primary');
        standby = primary.makeStandby(here);
        primary.set({ synchronous_standby_names: '*' });
        await eventually('it is synchronous', () => primary.sql(
            'select sync_state from pg_stat_replication') === 'sync');
        const more = { ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '1000',
            ETS144_READ_DATABASE_URL: urlOf([standby, primary], 'prefer-standby')('ets144_service') };
        const url = urlOf([primary, standby], 'read-write');
        replicas = [await serve(here, url, more), await serve(here, url, more)];
        here.after(() => Promise.all(replicas.map((replica) => replica.end())));
        token = await replicas[0].token('secretariat', 'actions:write', 'outlook:write');
    });

    test('a lagging standby is not read from: a writer reads its own write', async () => {
        standby.sql('select pg_wal_replay_pause()');
        for (const date of ['2026-01-05', '2026-01-06']) {
            const written = await replicas[0].call('POST', '/v1/actions',
                { token, json: act(date.endsWith('5') ? 'FRA' : 'ESP', 'signature', date) });
            assert.equal(written.status, 201);
        }
        assert.equal((await replicas[0].call('GET', '/v1/states/FRA')).body.status, 'signatory');
        assert.equal((await replicas[0].call('GET', '/v1/actions?state=ESP')).body.items.length, 1);
        assert.equal(standby.sql("select count(*) from register.action where state = 'FRA'"), '0');
        standby.sql('select pg_wal_replay_resume()');
        await caughtUp(primary, standby);
    });

    test('writes go on, no write is lost or doubled, and reads never fail', async (t) => {
        const acknowledged = [];
        const failed = [];
        let running = true;
        let abandoned = false;
        t.after(() => {
            running = false;
            abandoned = true;
        });
        let killed = 0;
        let resumed = false;
        const writers = Array.from({ length: 4 }, async (_, writer) => {
            for (let i = 0; running; i++) {
                const note = `writer-${writer}-${i}`;
                const begun = Date.now();
                if (await writeUntilDone(replicas[writer % 2], token, note, () => !abandoned)) {
                    acknowledged.push(note);
                    resumed ||= killed && begun > killed && Date.now();
                }
            }
        });
        const readers = replicas.map(async (replica) => {
            for (let newest = 0; running;) {
                const { status, body, text } = await replica.call('GET', '/v1/states');
                if (status !== 200 || body.revision < newest) {
                    failed.push(text.slice(0, 200));
                }
                newest = body.revision;
                await sleep(5);
            }
        });
        await eventually('the writers are busy', () => acknowledged.length > 20);
        primary.kill();
        killed = Date.now();
        // Between the two, what nobody asked before is read from the standby.
        for (const replica of replicas) {
            await eventually('a cold read', async () =>
                (await replica.call('GET', '/v1/states?as_of=1993-04-05')).status === 200);
            assert.equal((await replica.call('GET', '/health/ready')).status, 503);
        }
        standby.sql('alter system reset synchronous_standby_names');
        standby.promote();
        await eventually('writes resume', () => resumed, 60);
        t.diagnostic(`writes resumed ${resumed - killed} ms after the kill`);
        assert.ok(resumed - killed < 15000, `${resumed - killed} ms`);
        await sleep(500);
        running = false;
        await Promise.all([...writers, ...readers]);

        assert.deepEqual(failed, []);
        const notes = notesOf(standby);
        assert.equal(new Set(notes).size, notes.length, 'none twice');
        assert.deepEqual(acknowledged.filter((note) => !notes.includes(note)), [], 'none lost');
        assert.equal(notes.length, acknowledged.length);
        await isSound(replicas[0]);
    });
});

describe('a commit that the standby has not confirmed', () => {
    const here = scope({ after });
    let primary;
    let standby;
    let register;
    let token;

    before(async () => {
        primary = Cluster.loaded(here, 'primary');
        standby = primary.makeStandby(here);
        primary.set({ synchronous_standby_names: '*' });
        register = await serve(here, (role) => primary.url(role),
            { ETS144_STATEMENT_TIMEOUT_MS: '3000', ETS144_CHECKOUT_TIMEOUT_MS: '3000' });
        here.after(() => register.end());
        token = await register.token('secretariat', 'outlook:write');
    });

    const post = (note) => register.call('POST', '/v1/outlook',
        { token, json: entry(note), headers: { 'Idempotency-Key': note } });
    const shown = async (note) => (await register.call('GET', `/v1/states/PRT/outlook`)).body.items
        .filter((item) => item.note === note).length;

    test('is not acknowledged, and not visible before', async () => {
        standby.stop();
        const answer = await post('unconfirmed');
        assert.equal(answer.status, 503);
        assert.match(answer.body.detail, /repeat the request with the same Idempotency-Key/);
        assert.equal(await shown('unconfirmed'), 0);
        assert.ok([409, 503].includes((await post('unconfirmed')).status));
        standby.start();
        assert.ok(await writeUntilDone(register, token, 'unconfirmed'));
        assert.equal(await shown('unconfirmed'), 1);
    });

    test('nor when the wait is cancelled and only the primary has it', async () => {
        standby.stop();
        const waiting = post('cancelled');
        await eventually('it waits', () => primary.sql(`select count(*) from pg_stat_activity
            where wait_event = 'SyncRep'`) === '1');
        primary.sql("select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
        assert.equal((await waiting).status, 503);
        await untilLogged(register, 'commit_unconfirmed_by_standbys');
        // It is there, and still the repetition is not answered before the standby has it.
        assert.equal((await post('cancelled')).status, 503);
        standby.start();
        assert.ok(await writeUntilDone(register, token, 'cancelled'));
        assert.equal(await shown('cancelled'), 1);
        assert.deepEqual(notesOf(standby).filter((note) => note === 'cancelled').length, 1);
    });

    test('a server that has become read-only is left for the primary', async () => {
        primary.set({ synchronous_standby_names: '', default_transaction_read_only: 'on' });
        await eventually('it is read-only', () =>
            primary.sql('show default_transaction_read_only') === 'on');
        assert.equal((await post('demoted')).status, 503);
        primary.set({ default_transaction_read_only: 'off' });
        assert.ok(await writeUntilDone(register, token, 'demoted'));
        assert.equal(await shown('demoted'), 1);
    });
});

test('a standby shows a revision before its primary: the replica goes on', async (t) => {
    const here = scope(t);
    const primary = Cluster.loaded(here, 'primary');
    const standby = primary.makeStandby(here);
    await caughtUp(primary, standby);
    const register = await serve(here, urlOf([primary, standby], 'read-write'), {
        ETS144_READ_DATABASE_URL: urlOf([standby, primary], 'prefer-standby')('ets144_service') });
    here.after(() => register.end());
    const { body: { known_at: before_ } } = await register.call('GET', '/v1/states');
    // The primary shows a commit after a standby has confirmed it, which none does here.
    primary.set({ synchronous_standby_names: 'nobody' });
    const waits = spawn('psql', [primary.url('postgres'), '-XAtqc',
        "select register.operation_apply('void', 'call', 'CG-REC-304', jsonb_build_object('reason', 'a test'), 'tests')"], { stdio: 'ignore' });
    here.after(() => waits.kill());
    await eventually('the standby shows the revision', () =>
        standby.sql('select number from register.revision') === '2');
    assert.equal(primary.sql('select number from register.revision'), '1');
    let year = 1900;
    await eventually('the replica has read it', async () =>
        (await register.call('GET', `/v1/states?as_of=${++year}-01-01`)).body.known_at !== before_);
    const beats = () => primary.sql(`select count(*) from pg_stat_activity
        where application_name like 'ets144 listener%' and state_change > now() - interval '1 second'`);
    await eventually('the replica has asked the primary since', () => beats() === '1');
    await sleep(1000);
    assert.equal(register.child.exitCode, null, register.log);
    assert.ok(!register.log.includes('database_history_diverged'), register.log);
    primary.set({ synchronous_standby_names: '' });
    await eventually('the primary shows it, too', () =>
        primary.sql('select number from register.revision') === '2');
});

test('a standby without the newest revision takes over: the replica exits, and mixes no histories',
    async (t) => {
        const primary = Cluster.loaded(t, 'primary');
        const standby = primary.makeStandby(t);
        const url = urlOf([primary, standby], 'read-write');
        const register = await serve(t, url);
        const token = await register.token('secretariat', 'outlook:write');
        await caughtUp(primary, standby);
        standby.stop();
        assert.ok(await writeUntilDone(register, token, 'lost'));
        primary.kill();
        standby.start();
        standby.promote();
        const { status } = await register.ended;
        assert.equal(status, 1);
        const { known, revision } = await untilLogged(register, 'database_history_diverged');
        assert.deepEqual([known, revision], [2, 1]);
        // Who runs it starts it again, and it tells what the database holds.
        const again = await serve(t, url);
        assert.equal((await again.call('GET', '/v1/states')).body.revision, 1);
        await again.end();
    });

test('the same revision number with another time is another history', async (t) => {
    const cluster = Cluster.loaded(t);
    const register = await serve(t, (role) => cluster.url(role));
    await untilLogged(register, 'listener_connected');
    cluster.sql(`set session_replication_role = replica;
        update register.revision_log set at = at + interval '1 second' where revision = 1`);
    assert.equal((await register.ended).status, 1);
    await untilLogged(register, 'database_history_diverged');
});

test('a host that is silent costs its time once, and not for each connection', async (t) => {
    const cluster = Cluster.loaded(t);
    let asked = 0;
    const silent = net.createServer(() => { asked++; });
    t.after(() => silent.close());
    await new Promise((done) => { silent.listen(0, '127.0.0.1', done); });
    silent.unref();
    const register = await serve(t, (role) => `postgresql:///ets144?host=127.0.0.1,${cluster.socket}`
        + `&port=${silent.address().port},5432&user=${role}&target_session_attrs=read-write`,
    { ETS144_POOL_SIZE: '8' });
    await eventually('every connection stands', () => cluster.sql(`select count(*)
        from pg_stat_activity where usename = 'ets144_service'`) === '9');
    assert.equal(asked, 2, 'once by the pool, once by the listener');
    // A connection that is lost is made again at once.
    const begun = Date.now();
    cluster.sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ets144_service'");
    await eventually('they stand again', async () => {
        const answers = await Promise.all(Array.from({ length: 16 }, (_, i) =>
            register.call('GET', `/v1/states?as_of=1994-05-${10 + i}`)));
        return answers.every(({ status }) => status === 200);
    });
    t.diagnostic(`again after ${Date.now() - begun} ms`);
    assert.equal(asked, 2);
    await register.end();
});
