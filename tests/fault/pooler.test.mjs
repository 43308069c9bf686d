// The register behind PgBouncer: with session pooling, and with transaction pooling and a direct URL for
// the listener. There are fewer server sessions than the service has connections.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Cluster, run, scope, scratch, serve } from '../cluster.mjs';
import { act, eventually, run as ets144 } from '../harness.mjs';

// Starts one in front of a cluster; answers the addresses of its database by role.
async function startPooler(here, cluster, mode) {
    const folder = scratch(here);
    writeFileSync(`${folder}/users`, ['ets144_service', 'ets144_admin', 'postgres']
        .map((role) => `"${role}" ""\n`).join(''));
    writeFileSync(`${folder}/pgbouncer.ini`, `
        [databases]
        ets144 = host=${cluster.socket} port=5432
        [pgbouncer]
        pool_mode = ${mode}
        default_pool_size = ${mode === 'session' ? 8 : 2}
        unix_socket_dir = ${folder}
        listen_port = 6432
        auth_type = trust
        auth_file = ${folder}/users
        ${mode === 'session' ? 'ignore_startup_parameters = options' : ''}
        logfile = ${folder}/log`);
    const words = ['/usr/sbin/pgbouncer', '-q', `${folder}/pgbouncer.ini`];
    const [program, ...rest] = process.getuid() === 0
        ? ['runuser', '-u', 'postgres', '--', ...words] : words;
    const pooler = spawn(program, rest, { cwd: '/', stdio: 'ignore' });
    const ended = new Promise((done) => { pooler.on('close', done); });
    here.after(async () => {
        pooler.kill('SIGTERM');
        await ended;
    });
    const url = (role) => `postgresql:///ets144?host=${folder}&port=6432&user=${role}`;
    await eventually('the pooler answers', () => {
        try {
            return run('psql', [url('postgres'), '-XAtqc', 'select 1']) === '1';
        } catch {
            return false;
        }
    });
    return url;
}

for (const mode of ['session', 'transaction']) {
    describe(`behind a pooler by ${mode}`, () => {
        const here = scope({ after });
        let cluster;
        let pooled;
        let direct;
        let token;

        before(async () => {
            cluster = Cluster.loaded(here);
            // What the service needs otherwise, it must have seen to itself.
            cluster.set({ timezone: 'Europe/Paris', datestyle: 'German' });
            const url = await startPooler(here, cluster, mode);
            const own = mode === 'transaction'
                ? { ETS144_LISTENER_DATABASE_URL: cluster.url('ets144_service') } : {};
            pooled = await serve(here, url, { ...own, ETS144_WEBHOOKS: 'yes', ETS144_CACHE_WARMING: 'yes' });
            direct = await serve(here, (role) => cluster.url(role));
            here.after(() => Promise.all([pooled.end(), direct.end()]));
            token = await pooled.token('secretariat', 'actions:write', 'outlook:write',
                'imports:write');
        });

        test('it answers like a replica with a direct connection', async () => {
            const addresses = ['/v1/states', '/v1/states/ITA', '/v1/states/ALB/explanation',
                '/v1/actions?limit=7', '/v1/changes?limit=20', '/v1/statistics',
                '/v1/actions/ALB-1/versions', '/v1/calls/CG-REC-304/progress'];
            for (let day = 1; day < 25; day++) {
                addresses.push(`/v1/states?as_of=2003-04-${String(day).padStart(2, '0')}`);
            }
            await Promise.all(addresses.map(async (address) => {
                const [one, other] = await Promise.all([pooled, direct].map((replica) =>
                    replica.call('GET', address)));
                assert.equal(one.status, 200, one.text);
                assert.equal(one.text, other.text, address);
            }));
        });

        test('writes at the same time are each there once, and are read at once', async () => {
            const written = await Promise.all(Array.from({ length: 16 }, async (_, i) => {
                const sent = { token, headers: { 'Idempotency-Key': `key-${i % 8}` },
                    json: act('FRA', 'communication', '2026-01-05',
                        { summary_en: `Number ${i % 8}.` }) };
                let answer;
                do {
                    answer = await pooled.call('POST', '/v1/actions', sent);
                } while (answer.status === 409);
                assert.equal(answer.status, 201, answer.text);
                const recorded = answer.headers.get('location');
                assert.equal((await pooled.call('GET', recorded)).status, 200);
                return recorded;
            }));
            assert.equal(new Set(written).size, 8);
            const tried = await pooled.call('POST', '/v1/actions?dry_run=true',
                { token, json: act('PRT', 'signature', '2026-01-05') });
            assert.equal(tried.status, 200, tried.text);
            const refused = await pooled.call('POST', '/v1/actions',
                { token, json: act('PRT', 'accession', '2026-01-05') });
            assert.equal(refused.status, 422, refused.text);
            assert.equal((await direct.call('GET', '/v1/actions?state=FRA')).body.items.length, 8);
        });

        test('it sees other replicas\' writes', async () => {
            const asked = () => pooled.call('GET', '/v1/states/ESP');
            assert.equal((await asked()).body.status, 'no_action');
            const written = await direct.call('POST', '/v1/actions',
                { token, json: act('ESP', 'signature', '2026-01-05') });
            assert.equal(written.status, 201, written.text);
            await eventually('it is seen', async () =>
                (await asked()).body.status === 'signatory', 5);
        });

        test('a file is imported, and the commands of the operator run', async () => {
            const file = 'state,kind,date,verification\nDEU,signature,2026-01-05,unconfirmed\n';
            const imported = await pooled.call('POST', '/v1/imports', { token, body: file,
                headers: { 'Content-Type': 'text/csv' } });
            assert.equal(imported.status, 201, imported.text);
            for (const words of [['token', 'list'], ['check']]) {
                const { status, stdout, stderr } = await ets144(words, pooled.environment);
                assert.equal(status, 0, stdout + stderr);
            }
        });

        test('the role has the settings that no session can send', () => {
            const said = run('psql', [cluster.url('ets144_service'), '-XAtqc',
                'show statement_timeout', '-c', 'show timezone', '-c', 'show datestyle']);
            assert.match(said, /^10s\nUTC\nISO,/);
        });
    });
}
