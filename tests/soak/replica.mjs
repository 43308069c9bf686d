// A replica as an operator would run it, and what it holds: memory, descriptors, threads.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { run, top } from '../cluster.mjs';
import { Register, eventually, sleep } from '../harness.mjs';

// The least of this many samples counts, so that short peaks do not. Together they take longer than the
// service waits before it returns unused memory.
const samples = 14;
const pause = 500;

// Compiles what tells of the heap; `directory` is where it goes.
export function makeHeapTeller(directory) {
    run('gcc', ['-O2', '-Wall', '-Wextra', '-shared', '-fPIC', '-o', `${directory}/heap.so`,
        `${top}tests/soak/heap.c`]);
}

export class Replica extends Register {
    static async start(test, name, directory, environment) {
        const replica = new Replica();
        Object.assign(replica, { name, environment, logFile: `${directory}/${name}.log`,
            heapFile: `${directory}/${name}.heap` });
        // What a thread has freed and keeps for itself malloc counts as in use: nothing is kept so.
        replica.heapTelling = { LD_PRELOAD: `${directory}/heap.so`, SOAK_HEAP: replica.heapFile,
            GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0' };
        await replica.serve();
        test.after(() => {
            replica.stopped = true;
            replica.child.kill('SIGKILL');
        });
        return replica;
    }

    // The log has a line for each request: it goes to a file, which is truncated once it was read.
    async serve() {
        const { PATH, HOME, LANG } = process.env;
        const log = openSync(this.logFile, 'a');
        this.adopt(spawn(process.env.ETS144_TEST_BINARY, ['serve'],
            { env: { PATH, HOME, LANG, ...this.environment, ...this.heapTelling },
                stdio: ['ignore', 'ignore', log] }));
        closeSync(log);
        this.child.once('exit', (code, signal) => this.tellOfEnd(code, signal));
        this.log = '';
        this.port = await eventually('it listens', () => {
            this.log = readFileSync(this.logFile, 'utf8');
            return Number(/"event":"listening".*?"port":(\d+)/.exec(this.log)?.[1]);
        });
    }

    // No replica ends in a soak: what it said last is shown, since its log goes with the test.
    tellOfEnd(code, signal) {
        if (!this.stopped && (signal || code)) {
            const said = readFileSync(this.logFile, 'utf8').split('\n')
                .filter((line) => line && !line.includes('"event":"request"')).slice(-20);
            console.error(`replica ${this.name} ended with ${signal ?? code}:\n${said.join('\n')}`);
        }
    }

    forgetLog() {
        truncateSync(this.logFile);
    }

    async figures() {
        const { text } = await this.call('GET', '/metrics');
        return new Map(text.split('\n').filter((line) => line && !line.startsWith('#'))
            .map((line) => [line.slice(0, line.lastIndexOf(' ')),
                Number(line.slice(line.lastIndexOf(' ') + 1))]));
    }

    // How often each status was answered since the start.
    async statuses() {
        const counts = {};
        for (const [name, count] of await this.figures()) {
            const status = /^ets144_http_requests_total\{.*status="(\d+)"\}$/.exec(name)?.[1];
            if (status) {
                counts[status] = (counts[status] ?? 0) + count;
            }
        }
        return counts;
    }

    // Nobody is connected but who asks for this, and nothing is left to do.
    async isIdle() {
        const figures = await this.figures();
        return figures.get('ets144_http_connections') <= 1
            && figures.get('ets144_database_sessions{pool="primary",state="busy"}') === 0
            && figures.get('ets144_database_sessions_waiting{pool="primary"}') === 0
            && figures.get('ets144_database_up') === 1
            && figures.get('ets144_webhook_deliveries_waiting') === 0;
    }

    read(file) {
        return readFileSync(`/proc/${this.child.pid}/${file}`, 'utf8');
    }

    // In KiB: memory that no file backs.
    anonymous() {
        return Number(/^Anonymous:\s+(\d+) kB$/m.exec(this.read('smaps_rollup'))[1]);
    }

    // In KiB: what the service has allocated and not freed.
    async heap() {
        rmSync(this.heapFile, { force: true });
        this.child.kill('SIGUSR1');
        return eventually('it tells of its heap', () => existsSync(this.heapFile)
            && Math.round(Number(readFileSync(this.heapFile, 'utf8')) / 1024));
    }

    descriptors() {
        return readdirSync(`/proc/${this.child.pid}/fd`).length;
    }

    // At rest: call it when isIdle.
    async sample() {
        const least = await this.holds();
        for (let i = 1; i < samples; i++) {
            await sleep(pause);
            const now = await this.holds();
            for (const what of Object.keys(least)) {
                least[what] = Math.min(least[what], now[what]);
            }
        }
        return least;
    }

    async holds() {
        return { heap: await this.heap(), anonymous: this.anonymous(),
            descriptors: this.descriptors(),
            threads: Number(/^Threads:\s+(\d+)$/m.exec(this.read('status'))[1]) };
    }
}
