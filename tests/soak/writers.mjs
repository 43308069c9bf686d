// Clients that write like the secretariat: an entry is recorded, corrected and voided, so that each round
// makes the history longer and changes no status. They repeat a request until it is answered.
import assert from 'node:assert/strict';
import { act, sleep, source } from '../harness.mjs';
import { Clients } from './clients.mjs';

const pace = 150;
// States without an action of their own in the record: each writer has its own.
const signatories = ['AUT', 'PRT', 'ESP', 'FRA', 'DEU', 'GRC', 'IRL', 'POL'];

const outlook = (note) => ({ state: 'PRT', stage: 'no_information', date: '2026-01-05',
    visibility: 'public', note_en: note, sources: [source] });
const withoutState = ({ state, ...content }) => content;

// What is recorded, in turn: where, the content with a mark in it, and where that is read again.
const kinds = [
    { address: '/v1/outlook', content: (mark) => outlook(mark),
        mark: (body) => body.note },
    { address: '/v1/actions', content: (mark) => act('AND', 'communication', '2026-01-06',
        { summary_en: mark }), mark: (body) => body.summary },
    { address: '/v1/actions', content: (mark, state) => act(state, 'signature', '2026-01-07',
        { summary_en: mark }), mark: (body) => body.summary },
];

export class Writers extends Clients {
    constructor(replicas, token) {
        super();
        Object.assign(this, { replicas, token, acknowledged: [], begun: 0, repeated: 0, imports: 0 });
    }

    start(count = 4) {
        this.running = true;
        this.done = Array.from({ length: count }, (_, number) => this.write(number));
    }

    // Sends until the answer is one of those that settle it; `unknown` says whether an earlier one
    // was lost on its way.
    async settle(replica, method, address, settling, options) {
        for (let unknown = false;; unknown = true, this.repeated++) {
            try {
                const answer = await replica.call(method, address, { token: this.token, ...options });
                if (settling.includes(answer.status)) {
                    return { ...answer, unknown };
                }
                assert.ok([409, 503].includes(answer.status),
                    `${method} ${address}: ${answer.status} ${answer.text}`);
            } catch (error) {
                // A connection that was lost has a cause; anything else is a fault.
                if (!error.cause) {
                    throw error;
                }
            }
            assert.ok(!this.abandoned, 'the soak was given up');
            await sleep(50);
        }
    }

    async write(number) {
        for (let i = 0; this.running; i++) {
            const replica = this.replicas[(number + i) % this.replicas.length];
            const mark = `soak-${++this.begun}`;
            if (this.begun % 10 === 0) {
                await this.importFile(replica, mark);
            } else {
                await this.live(replica, kinds[i % kinds.length], mark, signatories[number]);
            }
            await sleep(pace);
        }
    }

    // From record to void.
    async live(replica, kind, mark, state) {
        const content = kind.content(mark, state);
        const made = await this.settle(replica, 'POST', kind.address, [201],
            { json: content, headers: { 'Idempotency-Key': mark } });
        this.acknowledged.push(mark);
        const address = made.headers.get('location');
        const corrected = `${mark}-corrected`;
        const tag = await this.correct(replica, kind, address, made.headers.get('etag'), corrected,
            { ...withoutState(kind.content(corrected, state)), reason: 'As the source has it.' });
        this.acknowledged.push(corrected);
        await this.withdraw(replica, address, tag, corrected);
    }

    // A correction whose answer was lost is found by its mark: the tag is another one then.
    async correct(replica, kind, address, tag, mark, json) {
        const answer = await this.settle(replica, 'PUT', address, [200, 412],
            { json, headers: { 'If-Match': tag } });
        if (answer.status === 200) {
            return answer.headers.get('etag');
        }
        assert.ok(answer.unknown, `${address} was changed by another`);
        const now = await this.settle(replica, 'GET', address, [200], {});
        assert.equal(kind.mark(now.body), mark);
        return now.headers.get('etag');
    }

    async withdraw(replica, address, tag, mark) {
        const answer = await this.settle(replica, 'DELETE', `${address}?reason=${encodeURIComponent(mark)}`,
            [200, 412], { headers: { 'If-Match': tag } });
        if (answer.status === 412) {
            assert.ok(answer.unknown, `${address} was changed by another`);
            const now = await this.settle(replica, 'GET', address, [200], {});
            assert.equal(now.body.voided, true);
        }
        this.acknowledged.push(`${mark}-voided`);
    }

    // Two rows, voided again.
    async importFile(replica, mark) {
        const rows = [`${mark}-a`, `${mark}-b`].map((summary) =>
            `MCO,communication,2026-01-08,single_source,${source},${summary}\r\n`);
        const body = `state,kind,date,verification,sources,summary_en\r\n${rows.join('')}`;
        const { body: report } = await this.settle(replica, 'POST', '/v1/imports', [201],
            { body, headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': mark } });
        this.imports++;
        for (const [i, letter] of ['a', 'b'].entries()) {
            this.acknowledged.push(`${mark}-${letter}`);
            const address = `/v1/actions/${report.import.items[i].action}`;
            const { headers } = await this.settle(replica, 'GET', address, [200], {});
            await this.withdraw(replica, address, headers.get('etag'), `${mark}-${letter}`);
        }
    }

    // The marks that the register has, each as often as it is there: a version that voids tells the
    // mark by its reason.
    static marksIn(server) {
        return server.sql(`
            select case when voided then reason || '-voided' else note_en end
              from register.outlook_version where author = 'soak'
            union all
            select case when voided then reason || '-voided' else summary_en end
              from register.action_version where author = 'soak' order by 1`)
            .split('\n').filter(Boolean);
    }
}
