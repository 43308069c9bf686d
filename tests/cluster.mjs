// PostgreSQL clusters for one test, which may stop, kill, copy and recover them.
//
//   const cluster = Cluster.make(t)        its directory goes with the test; t has `after`
//   cluster.start(); cluster.loadRegister();
//   cluster.url('ets144_service'), cluster.sql('select …'), cluster.kill(), cluster.stop()
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Register, environmentFor } from './harness.mjs';

export const top = fileURLToPath(new URL('../', import.meta.url));

// Runs a program without showing its output; the error has what it wrote to stderr.
export const run = (program, words, options = {}) => execFileSync(program, words,
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options }).trim();

const programs = () => process.env.POSTGRESQL_BIN ?? run('bash', ['-c', 'ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1']);

// The reason to skip a test that needs PostgreSQL's client programs, with the server alone installed.
export const withoutClient = existsSync(`${programs()}/pg_dump`) ? false
    : 'there is no pg_dump and no pg_basebackup of this version';

// PostgreSQL refuses to run as root: its programs then run as the user that cluster.sh chooses.
export function asServer(program, words, options = {}) {
    return process.getuid() === 0
        ? run('runuser', ['-u', 'postgres', '--', program, ...words], { cwd: '/', ...options })
        : run(program, words, options);
}

// For things made in a `before`: node:test would remove them with the `before`, this at the end of the
// file. Used like a test; the last is removed first.
export function scope(test) {
    const ends = [];
    test.after(async () => {
        for (const end of ends.reverse()) {
            await end();
        }
    });
    return { after: (end) => ends.push(end) };
}

// A scratch directory that the server's user can write to; removed with the test.
export function scratch(test) {
    const directory = mkdtempSync('/tmp/ets144-cluster-');
    if (process.getuid() === 0) {
        run('chown', ['postgres', directory]);
    }
    chmodSync(directory, 0o755);
    test.after(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
}

// A service on the databases of a test: URLs by role, as Cluster.url gives them. It is killed if the test
// fails. `binary` replaces the suites' build.
export async function serve(test, url, more = {}, binary = undefined) {
    const register = new Register();
    register.binary = binary ?? register.binary;
    register.environment = { ...environmentFor('none'), ETS144_DATABASE_URL: url('ets144_service'),
        ETS144_ADMIN_DATABASE_URL: url('ets144_admin'),
        // Webhooks have a connection of their own, which is not counted here, and a suite.
        ETS144_WEBHOOKS: 'no', ...more };
    await register.serve();
    test.after(() => register.child.kill('SIGKILL'));
    return register;
}

export class Cluster {
    constructor(directory) {
        this.directory = directory;
        this.data = `${directory}/data`;
    }

    static make(test, name = 'c', directory = undefined) {
        const here = scope(test);
        const cluster = new Cluster(`${directory ?? scratch(here)}/${name}`);
        here.after(() => cluster.stop());
        return cluster;
    }

    // A running cluster with the register loaded, copied from the suites' cluster. Its processes may be
    // killed, but not the machine: it does not wait for the disk.
    static loaded(test, name, directory) {
        const cluster = Cluster.make(test, name, directory);
        cluster.copy(process.env.ETS144_TEST_SOCKET);
        asServer('bash', ['-c', `echo fsync = off >>${cluster.data}/postgresql.auto.conf`]);
        return cluster.start();
    }

    // Of the server behind a socket; with a name, a standby that it knows by this name.
    copy(socket, name = undefined) {
        asServer('mkdir', ['-m', '755', this.directory]);
        if (withoutClient) {
            // The server's user may not be able to read the script's file.
            asServer('bash', ['-c', readFileSync(`${top}tests/deep/base_backup.sh`, 'utf8'),
                'base_backup.sh', socket, this.data, ...name ? [name] : []]);
            return;
        }
        const as = name ? ` application_name=${name}` : '';
        asServer(`${programs()}/pg_basebackup`, ['-D', this.data, '-c', 'fast', '--no-sync', '-X',
            'stream', '-d', `host=${socket} user=postgres${as}`, ...name ? ['-R'] : []]);
    }

    // `environment` is what the server is started with besides.
    start(...how) {
        run(`${top}sql/cluster.sh`, ['start', this.directory, ...how],
            { env: { ...process.env, ...this.environment } });
        this.socket = run(`${top}sql/cluster.sh`, ['socket', this.directory]);
        return this;
    }

    stop() {
        if (existsSync(`${this.data}/postmaster.pid`)) {
            run(`${top}sql/cluster.sh`, ['stop', this.directory]);
        }
    }

    url(user = 'postgres', database = 'ets144') {
        return `postgresql:///${database}?host=${this.socket}&user=${user}`;
    }

    sql(text, database = 'ets144') {
        return run('psql', [this.url('postgres', database), '-XAtqc', text]);
    }

    // Settings that the server starts with.
    configure(settings) {
        for (const [name, value] of Object.entries(settings)) {
            this.sql(`alter system set ${name} = '${value}'`);
        }
        this.stop();
        this.start();
    }

    loadRegister() {
        run(`${top}sql/cluster.sh`, ['deploy', this.url()]);
        run('psql', [this.url(), '-Xq', '-v', `data=${top}sql/data`, '-f', `${top}sql/load.sql`]);
    }

    postmaster() {
        return Number(readFileSync(`${this.data}/postmaster.pid`, 'utf8').split('\n')[0]);
    }

    processes() {
        const postmaster = this.postmaster();
        return [postmaster, ...run('ps', ['-o', 'pid=', '--ppid', postmaster]).split(/\s+/)
            .map(Number)];
    }

    signalAll(signal) {
        this.processes().forEach((pid) => process.kill(pid, signal));
    }

    // Kills all processes at once, as a power cut does. Without a parent that reaps them, their locks
    // look valid, so they are removed.
    kill() {
        this.signalAll('SIGKILL');
        for (const lock of ['data/postmaster.pid', 'socket/.s.PGSQL.5432.lock']) {
            rmSync(`${this.directory}/${lock}`, { force: true });
        }
    }

    promote() {
        asServer(`${programs()}/pg_ctl`, ['-D', this.data, '-w', '-s', 'promote']);
    }

    // A standby of this one, started; `name` is what the primary knows it by.
    makeStandby(test, name = 'standby') {
        return Cluster.make(test, name).follow(this, name);
    }

    // Starts again as a standby of `primary`, in the same directory and at the same address.
    follow(primary, name = 'standby') {
        rmSync(this.directory, { recursive: true, force: true });
        this.copy(primary.socket, name);
        return this.start();
    }

    // Settings that need no restart.
    set(settings) {
        for (const [name, value] of Object.entries(settings)) {
            this.sql(`alter system set ${name} = '${value}'`);
        }
        this.sql('select pg_reload_conf()');
    }
}

// The address of several clusters, for libpq to choose from.
export const urlOf = (clusters, attributes) => (user) =>
    `postgresql:///ets144?host=${clusters.map((cluster) => cluster.socket).join(',')}`
    + `&user=${user}&target_session_attrs=${attributes}`;
