// PostgreSQL clusters of a test's own, so that they can be stopped, killed, copied and recovered.
//
//   const cluster = Cluster.make(t)        its directory goes with the test; t has `after`
//   cluster.start(); cluster.loadRegister();
//   cluster.url('ets144_service'), cluster.sql('select …'), cluster.kill(), cluster.stop()
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const top = fileURLToPath(new URL('../', import.meta.url));
export const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// What the tests run says nothing of its own, and its complaint is the error's.
export const run = (program, words, options = {}) => execFileSync(program, words,
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...options }).trim();

const programs = () => run('bash', ['-c', 'ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1']);

// PostgreSQL refuses to run as root: its programs then run as the user whom cluster.sh takes, too.
export function asServer(program, words, options = {}) {
    return process.getuid() === 0
        ? run('runuser', ['-u', 'postgres', '--', program, ...words], { cwd: '/', ...options })
        : run(program, words, options);
}

// A scratch directory that the server's user can write to; removed with the test.
export function scratch({ after }) {
    const directory = mkdtempSync('/tmp/ets144-cluster-');
    if (process.getuid() === 0) {
        run('chown', ['postgres', directory]);
    }
    chmodSync(directory, 0o755);
    after(() => rmSync(directory, { recursive: true, force: true }));
    return directory;
}

export class Cluster {
    constructor(directory) {
        this.directory = directory;
        this.data = `${directory}/data`;
    }

    static make(test, name = 'c') {
        const cluster = new Cluster(`${scratch(test)}/${name}`);
        test.after(() => cluster.stop());
        return cluster;
    }

    start() {
        run(`${top}sql/cluster.sh`, ['start', this.directory]);
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

    // All of it at once, as when the machine goes. Where nobody reaps the dead, their locks look
    // like those of the living.
    kill() {
        this.signalAll('SIGKILL');
        for (const lock of ['data/postmaster.pid', 'socket/.s.PGSQL.5432.lock']) {
            rmSync(`${this.directory}/${lock}`, { force: true });
        }
    }

    promote() {
        asServer(`${programs()}/pg_ctl`, ['-D', this.data, '-w', '-s', 'promote']);
    }

    // A standby that is not started yet.
    makeStandby(directory, name = 'standby') {
        const standby = new Cluster(directory);
        asServer('mkdir', ['-m', '755', directory]);
        asServer(`${programs()}/pg_basebackup`, ['-d',
            `host=${this.socket} user=postgres application_name=${name}`, '-D', standby.data, '-R',
            '-X', 'stream', '-c', 'fast']);
        return standby;
    }
}
