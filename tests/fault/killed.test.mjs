// The service is killed at random moments, again and again, under clients that repeat their requests:
// nothing is lost and nothing is there twice. KILLS says how often.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cluster, serve } from '../cluster.mjs';
import { eventually, run as ets144, sleep } from '../harness.mjs';

const kills = Number(process.env.KILLS ?? 15);

test(`killed ${kills} times`, async (t) => {
    const cluster = Cluster.loaded(t);
    const register = await serve(t, (role) => cluster.url(role));
    const token = await register.token('secretariat', 'outlook:write', 'calls:write');
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
    t.diagnostic(`seed ${seed}`);
    let state = seed;
    const random = () => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
        return state / 2 ** 31;
    };

    let running = true;
    let abandoned = false;
    t.after(() => {
        running = false;
        abandoned = true;
    });
    let repeated = 0;
    // Until its answer is known, whatever happens to the service.
    async function write(note) {
        while (!abandoned) {
            try {
                const { status, text } = await register.call('POST', '/v1/outlook', {
                    token, headers: { 'Idempotency-Key': note },
                    json: { state: 'PRT', stage: 'no_information', date: '2026-01-05',
                        visibility: 'public', note_en: note, sources: [] } });
                if (status === 201) {
                    return;
                }
                assert.ok([409, 503].includes(status), text);
            } catch (error) {
                assert.ok(error.cause || error.name === 'SyntaxError', error);
            }
            repeated++;
            await sleep(10);
        }
    }
    const acknowledged = [];
    const writers = Array.from({ length: 4 }, async (_, writer) => {
        for (let i = 0; running; i++) {
            await write(`${writer}-${i}`);
            acknowledged.push(`${writer}-${i}`);
        }
    });

    for (let i = 0; i < kills; i++) {
        const before = acknowledged.length;
        await eventually('it writes', () => acknowledged.length > before, 60);
        await sleep(random() * 150);
        register.child.kill('SIGKILL');
        await register.ended;
        await register.serve();
    }
    running = false;
    await Promise.all(writers);

    const notes = cluster.sql('select note_en from register.outlook_version order by 1').split('\n');
    t.diagnostic(`${acknowledged.length} writes, ${repeated} repetitions`);
    assert.deepEqual(notes, [...acknowledged].sort());
    assert.ok(repeated >= kills / 2, 'the kills came in the middle of something');
    const { status, stdout, stderr } = await ets144(['check'], register.environment);
    assert.equal(status, 0, stdout + stderr);
    await register.end();
});
