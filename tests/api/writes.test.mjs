// Recording, correcting and voiding.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, source, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, options) => holder.register.call('GET', address, options);
const write = (method, address, json, headers = {}) =>
    holder.register.call(method, address, { json, headers, token: holder.token });
const post = (json, headers) => write('POST', '/v1/actions', json, headers);
const tagOf = async (reference) => (await get(`/v1/actions/${reference}`)).headers.get('etag');

test('a signature is recorded, and the State\'s status changes', async () => {
    assert.equal((await get('/v1/states/PRT')).body.status, 'no_action');
    const answer = await post(act('PRT', 'signature', '2026-11-02'));
    assert.equal(answer.status, 201);
    assert.equal(answer.headers.get('location'), '/v1/actions/PRT-1');
    assert.equal(answer.body.state.status, 'signatory');
    assert.equal(answer.body.action.recorded_by, 'secretariat');
    const read = await get('/v1/actions/PRT-1');
    assert.deepEqual(read.body, answer.body.action);
    assert.equal(read.headers.get('etag'), answer.headers.get('etag'));
    assert.equal((await get('/v1/states/PRT')).body.status, 'signatory');
});

test('the response to a ratification has its computed effective date', async () => {
    const answer = await post(act('GBR', 'ratification', '2026-11-03'));
    assert.equal(answer.status, 201);
    assert.equal(answer.body.action.computed_effective_date, '2027-03-01');
    assert.equal(answer.body.action.effective_on, '2027-03-01');
    assert.equal(answer.body.state.status, 'contracting_state');
    assert.equal(answer.body.state.in_force_on, '2027-03-01');
    const { body } = await get('/v1/states/GBR?as_of=2027-03-01');
    assert.equal(body.status, 'party');
    assert.deepEqual(body.chapters, ['A', 'B', 'C']);
});

test('a denunciation takes effect by the six-month rule', async () => {
    const answer = await post(act('NOR', 'denunciation', '2026-08-31'));
    assert.equal(answer.status, 201);
    assert.equal(answer.body.action.effective_on, '2027-03-01');
    assert.equal(answer.body.state.status, 'party_denouncing');
    assert.equal((await get('/v1/states/NOR?as_of=2027-02-28')).body.status, 'party_denouncing');
    const after_ = (await get('/v1/states/NOR?as_of=2027-03-01')).body;
    assert.equal(after_.status, 'former_party');
    assert.deepEqual(after_.chapters, []);
    const reference = answer.body.action.reference;
    const gone = await holder.register.call('DELETE',
        `/v1/actions/${reference}?reason=Never%20received`,
        { token: holder.token, headers: { 'If-Match': answer.headers.get('etag') } });
    assert.equal(gone.body.state.status, 'party');
});

test('a correction needs the tag of the version that it corrects', async () => {
    const json = { kind: 'signature', date: '1992-02-05', verification: 'single_source',
        sources: [source], summary_en: 'Signed.', reason: 'The list gives the day.' };
    const before_ = holder.register.revision();
    assert.equal((await write('PUT', '/v1/actions/DNK-1', json)).status, 428);
    assert.equal((await write('PUT', '/v1/actions/DNK-1', json,
        { 'If-Match': '"00000000000000000000000000000000"' })).status, 412);
    assert.equal((await write('PUT', '/v1/actions/DNK-1', json, { 'If-Match': 'x' })).status, 400);
    assert.equal((await write('PUT', '/v1/actions/DNK-99', json, { 'If-Match': '*' })).status, 404);
    assert.equal(holder.register.revision(), before_);

    const kept = await get('/v1/states');
    const old = await tagOf('DNK-1');
    const answer = await write('PUT', '/v1/actions/DNK-1', json, { 'If-Match': old });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.action.version, 2);
    assert.equal(answer.body.action.verification, 'single_source');
    assert.equal((await write('PUT', '/v1/actions/DNK-1', json, { 'If-Match': old })).status, 412);

    // The old response is the same, byte for byte, with known_at.
    const again = await get(`/v1/states?known_at=${kept.body.known_at}`);
    assert.equal(again.text, kept.text);
    assert.notEqual((await get('/v1/states')).text, kept.text);

    const { body } = await get('/v1/actions/DNK-1/versions');
    assert.deepEqual(body.items.map((item) => item.reason),
        ['Loaded from sql/data.', 'The list gives the day.']);
    assert.deepEqual(body.items.map((item) => item.recorded_by), ['load', 'secretariat']);
    assert.equal(body.items[0].superseded_at, body.items[1].recorded_at);
    assert.equal(body.items[1].superseded_at, null);
});

test('If-Match takes the tag of the French response, and a list of tags', async () => {
    const french = (await get('/v1/actions/FIN-1?lang=fr')).headers.get('etag');
    const json = { kind: 'signature', date: '1997-06-03', verification: 'single_source',
        sources: [source], reason: 'Confirmed.' };
    const answer = await write('PUT', '/v1/actions/FIN-1?dry_run=true', json,
        { 'If-Match': `"0", ${french}` });
    assert.equal(answer.status, 200);
});

test('a correction that changes nothing makes no version', async () => {
    const { body } = await get('/v1/actions/GBR-1/versions');
    const { version, revision, recorded_at, superseded_at, recorded_by, voided, reason, ...content } =
        body.items.at(-1);
    const before_ = holder.register.revision();
    const answer = await write('PUT', '/v1/actions/GBR-1', { ...content, reason: 'The same.' },
        { 'If-Match': '*' });
    assert.equal(answer.body.action.version, 1);
    assert.equal(holder.register.revision(), before_);
});

test('a void needs a reason, and is final', async () => {
    const address = '/v1/actions/SVN-1';
    const call = (query, headers) =>
        holder.register.call('DELETE', `${address}${query}`, { token: holder.token, headers });
    assert.equal((await call('', { 'If-Match': '*' })).body.errors[0].parameter, 'reason');
    assert.equal((await call('?reason=x')).status, 428);
    const answer = await call('?reason=Entered+by+mistake', { 'If-Match': await tagOf('SVN-1') });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.action.voided, true);
    assert.equal(answer.body.state.status, 'no_action');
    assert.equal((await get(address)).body.voided, true);
    assert.ok(!(await get('/v1/actions?state=SVN')).body.items.length);
    assert.equal((await get(`${address}/versions`)).body.items.at(-1).reason, 'Entered by mistake');
    const again = await call('?reason=again', { 'If-Match': '*' });
    assert.equal(again.status, 409);
    assert.equal(again.body.type, '/problems/voided');
});

test('a dry run shows the result, and leaves no trace', async () => {
    const database = holder.register.database;
    const trace = () => sql(database, `select (select count(*) from register.action_version),
        (select number from register.revision), (select count(*) from service.request_key)`);
    const before_ = trace();
    const list = (await get('/v1/states')).text;
    const answer = await holder.register.call('POST', '/v1/actions?dry_run=true',
        { token: holder.token, json: act('FRA', 'signature', '2026-01-05'),
            headers: { 'Idempotency-Key': 'dry' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.body.dry_run, true);
    assert.equal(answer.body.state.status, 'signatory');
    assert.equal(answer.headers.get('location'), null);
    assert.equal(trace(), before_);
    assert.equal((await get('/v1/states')).text, list);
    assert.equal((await get('/v1/actions/FRA-1')).status, 404);
});

test('an Idempotency-Key makes a repetition answer the same, byte for byte', async () => {
    const json = act('DEU', 'signature', '2026-02-02');
    const first = await post(json, { 'Idempotency-Key': 'deu' });
    assert.equal(first.status, 201);
    await post(act('DEU', 'ratification', '2026-02-03'));
    const revision = holder.register.revision();
    const again = await post(json, { 'Idempotency-Key': 'deu' });
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal(again.headers.get('etag'), first.headers.get('etag'));
    assert.equal(holder.register.revision(), revision);
    const other = await post(act('DEU', 'signature', '2026-02-04'), { 'Idempotency-Key': 'deu' });
    assert.equal(other.status, 422);
    assert.equal(other.body.type, '/problems/idempotency-key-reused');
    assert.equal((await post(json, { 'Idempotency-Key': 'a b' })).status, 400);
});

test('twenty simultaneous requests with one key record one action', async () => {
    const json = act('BEL', 'signature', '2026-03-03');
    const answers = await Promise.all(Array.from({ length: 20 },
        () => post(json, { 'Idempotency-Key': 'bel' })));
    const texts = new Set();
    for (const answer of answers) {
        assert.ok([201, 409].includes(answer.status), answer.text);
        if (answer.status === 201) {
            texts.add(answer.text);
        }
    }
    assert.equal(texts.size, 1);
    assert.equal((await get('/v1/actions?state=BEL')).body.items.length, 1);
});

test('simultaneous writers get different references and revisions', async () => {
    const before_ = holder.register.revision();
    const answers = await Promise.all(['AUT', 'ESP', 'IRL', 'LUX', 'MLT', 'POL', 'ROU', 'CHE']
        .map((state) => post(act(state, 'signature', '2026-04-01'))));
    assert.ok(answers.every((answer) => answer.status === 201));
    assert.equal(holder.register.revision(), before_ + 8);
});

// Between two writes of one of six writers are the writes of the five others, or three more if its next
// request came late. A writer that overtakes others would make them wait for twice as many.
test('writers queue in the order of their arrival', async () => {
    const writers = ['AUT', 'ESP', 'IRL', 'LUX', 'MLT', 'POL'];
    const times = 16;
    const { body: { next } } = await get('/v1/changes?after=latest&limit=100');
    await Promise.all(writers.map(async (state) => {
        for (let i = 0; i < times; i++) {
            const answer = await post(act(state, 'communication', '2026-04-02'));
            assert.equal(answer.status, 201, answer.text);
        }
    }));
    const order = (await get(next)).body.items.map(({ data }) => data.state);
    assert.equal(order.length, writers.length * times);
    for (const [turn, state] of order.entries()) {
        const between = order.indexOf(state, turn + 1) - turn - 1;
        assert.ok(between <= 8, `${state} waited for ${between}: ${order.join(' ')}`);
    }
});
