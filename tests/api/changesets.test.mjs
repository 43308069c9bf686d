// Changesets: operations that are judged together and recorded as one revision, or not at all.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, source, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, options) => holder.register.call('GET', address, options);
const post = (address, json, { token = holder.token, ...options } = {}) =>
    holder.register.call('POST', address, { token, json, ...options });
const record = (document, name) => ({ op: 'record', type: 'action', ...name && { name }, document });
const correct = (reference, version, document) =>
    ({ op: 'correct', type: 'action', reference, version, document });
const cancel = (reference, version, type = 'action') => ({ op: 'void', type, reference, version });
const changeset = (reason, ...operations) => post('/v1/changesets', { reason, operations });
const revert = (reference, reason, query = '') =>
    post(`/v1/changesets/${reference}/revert${query}`, { reason });
const content = ({ state, ...document }) => document;
const trace = () => sql(holder.register.database, `select (select count(*) from register.action_version),
    (select number from register.revision), (select count(*) from register.changeset),
    (select count(*) from register.changeset_operation), (select count(*) from register.change)`);
const exclusion = (state, date, more = {}) =>
    ({ ...act(state, 'chapter_exclusion', date), chapters: ['C'], ...more });
const places = (answer) => answer.body.errors.map(({ pointer, type }) =>
    [pointer, type?.replace('/problems/', '')].filter(Boolean).join(' '));

async function refuses(answering, status, type) {
    const held = trace();
    const answer = await answering;
    assert.equal(answer.status, status, answer.text.slice(0, 2000));
    assert.equal(answer.body.type, `/problems/${type}`);
    assert.equal(trace(), held);
    return answer;
}

test('a package of acts is one judgement, one revision and one group in the feed', async () => {
    const revision = holder.register.revision();
    const operations = [record(act('PRT', 'ratification', '2026-11-03'), '#deposit'),
        record(exclusion('PRT', '2026-11-03', { refers_to: '#deposit' })),
        record(act('PRT', 'signature', '2026-11-02'))];
    const dry = await post('/v1/changesets?dry_run=true', { reason: 'Notification.', operations });
    assert.equal(dry.status, 200);
    assert.equal(holder.register.revision(), revision);
    const answer = await changeset('Notification.', ...operations);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(holder.register.revision(), revision + 1);
    assert.deepEqual(answer.body.consequences, dry.body.consequences);
    const { reference, operations: done, ...rest } = answer.body.changeset;
    assert.deepEqual(done.map((one) => `${one.op} ${one.reference} ${one.version}`),
        ['record PRT-1 1', 'record PRT-2 1', 'record PRT-3 1']);
    assert.equal(rest.reason, 'Notification.');
    assert.equal(rest.recorded_by, 'secretariat');
    assert.equal(rest.revision, revision + 1);
    assert.equal(answer.headers.get('location'), `/v1/changesets/${reference}`);
    assert.equal((await get('/v1/actions/PRT-2')).body.refers_to, 'PRT-1');
    const later = (await get('/v1/states/PRT?as_of=2027-06-01')).body;
    assert.equal(later.status, 'party');
    assert.deepEqual(later.chapters, ['A', 'B']);
    // No follower was told for a moment that Chapter C would bind.
    const entries = (await get('/v1/changes?state=PRT')).body.items
        .filter((entry) => entry.data.revision > revision);
    assert.equal(new Set(entries.map((entry) => entry.time)).size, 1);
    assert.equal(entries.filter((entry) => entry.data.category === 'status').length, 1);
    assert.equal((await get(`/v1/changesets/${reference.toUpperCase()}`)).body.reference, reference);
});

test('acts of one day that depend on each other are corrected together', async () => {
    const days = (day) => [act('AUT', 'signature', day), act('AUT', 'ratification', day),
        exclusion('AUT', day)];
    assert.equal((await changeset('All on one day.', ...days('2026-10-01').map((one) =>
        record(one)))).status, 201);
    // Alone, each correction is unlawful because of the others.
    const tag = (await get('/v1/actions/AUT-1')).headers.get('etag');
    const alone = await holder.register.call('PUT', '/v1/actions/AUT-1', { token: holder.token,
        json: { ...content(act('AUT', 'signature', '2026-10-08')), reason: 'A week later.' },
        headers: { 'If-Match': tag } });
    assert.equal(alone.status, 422);
    const answer = await changeset('A week later.', ...days('2026-10-08').map((one, index) =>
        correct(`AUT-${index + 1}`, 1, content(one))));
    assert.equal(answer.status, 201, answer.text);
    assert.equal((await get('/v1/states/AUT')).body.signature.date, '2026-10-08');
    assert.deepEqual((await get('/v1/actions/AUT-2/versions')).body.items.map((one) => one.reason),
        ['All on one day.', 'A week later.']);
});

test('every fault is named by its operation, and nothing is recorded', async () => {
    const syntax = await refuses(changeset('Faults.', { op: 'record', type: 'action' },
        { op: 'void', type: 'action', reference: 'x', version: 0, document: {} },
        { op: 'correct', type: 'call', reference: 'CG-REC-304', version: 1, name: '#x',
            document: { body: 'congress' } },
        record({ ...act('ESP', 'signature', '2026-02-30'), refers_to: '#No', colour: 'red' })),
    422, 'invalid-field');
    for (const pointer of ['/operations/0/document', '/operations/1/reference', '/operations/1/version',
        '/operations/1/document', '/operations/2/name', '/operations/2/document/date',
        '/operations/3/document/date', '/operations/3/document/refers_to',
        '/operations/3/document/colour']) {
        assert.ok(places(syntax).includes(pointer), `${pointer} of ${places(syntax)}`);
    }
    const unlawful = await refuses(changeset('Breaches.', cancel('ITA-99', 1),
        record(act('XXX', 'signature', '2026-11-02')),
        record({ ...act('ESP', 'signature', '2026-11-02'), refers_to: '#nobody' }, '#a'),
        record(act('ESP', 'signature', '2026-11-02'), '#a'),
        record(act('DEU', 'ratification', '2026-11-02'))), 422, 'operations-refused');
    assert.deepEqual(places(unlawful), ['/operations/0/reference operation-of-record',
        '/operations/1/document/state state-exists',
        '/operations/2/document/refers_to name-of-operation', '/operations/3/name name-given-once',
        '/operations/4/document/date signature-before-consent']);
    const elsewhere = await refuses(changeset('The signature of a Party.', cancel('ITA-1', 1)), 422,
        'operations-refused');
    assert.equal(elsewhere.body.errors[0].pointer, undefined);
    assert.match(elsewhere.body.errors[0].detail, /^ITA-2: /);
    const twice = await refuses(changeset('Twice.', cancel('DNK-1', 1), cancel('dnk-1', 1)), 422,
        'operations-refused');
    assert.deepEqual(places(twice), ['/operations/1/reference record-changed-once']);
});

test('the breaches are in the language of the reader', async () => {
    const answer = await post('/v1/changesets?lang=fr',
        { reason: 'x', operations: [cancel('ITA-99', 1)] });
    assert.match(answer.body.errors[0].detail, /^Le registre n.a pas d.inscription ITA-99/);
    assert.equal(answer.body.title, 'Opérations refusées');
});

test('a stale version names who changed the record, when, and what differs', async () => {
    const first = act('ESP', 'signature', '2026-09-01');
    await changeset('Signed.', record(first));
    const token = await holder.register.token('colleague', 'actions:write');
    await post('/v1/changesets', { reason: 'A day later.', operations: [
        correct('ESP-1', 1, content({ ...first, date: '2026-09-02' }))] }, { token });
    const answer = await refuses(changeset('Two days later.',
        correct('ESP-1', 1, content({ ...first, date: '2026-09-03' })), cancel('ITA-1', 7)), 412,
    'versions-stale');
    const [stale, wrong] = answer.body.errors;
    assert.equal(stale.pointer, '/operations/0/version');
    assert.deepEqual([stale.reference, stale.version, stale.newest_version, stale.changed_by,
        stale.members], ['ESP-1', 1, 2, 'colleague', ['date']]);
    assert.equal(stale.changed_at,
        (await get('/v1/actions/ESP-1')).body.recorded_at);
    assert.deepEqual([wrong.reference, wrong.members], ['ITA-1', []]);
});

test('a changeset that changes nothing is refused', async () => {
    const held = (await get('/v1/actions/ITA-1/versions')).body.items[0];
    const { version, revision, recorded_at, superseded_at, recorded_by, reason, voided, ...document } = held;
    const answer = await refuses(changeset('The same.', correct('ITA-1', 1, document)), 422,
        'operations-refused');
    assert.deepEqual(places(answer), ['changeset-changes-something']);
});

test('a changeset needs the scope of each type of its records', async () => {
    const token = await holder.register.token('acts-only', 'actions:write');
    const call = { op: 'void', type: 'call', reference: 'CG-REC-304', version: 1 };
    const both = await post('/v1/changesets', { reason: 'x', operations: [cancel('DNK-1', 1), call] },
        { token });
    assert.equal(both.status, 403);
    assert.match(both.headers.get('www-authenticate'), /scope="calls:write"/);
    assert.equal((await post('/v1/changesets', { reason: 'x', operations: [call] },
        { token: null })).status, 401);
    const writer = await holder.register.token('outlook-only', 'outlook:write');
    const entry = await post('/v1/changesets', { reason: 'x', operations: [
        { op: 'void', type: 'outlook', reference: '01a20f9a-6d3c-7de4-b68f-d111b1ddf681', version: 1 }] },
    { token: writer });
    assert.equal(entry.status, 403);
    assert.match(entry.headers.get('www-authenticate'), /scope="outlook:read"/);
});

test('a repetition with the same Idempotency-Key is answered alike and records nothing', async () => {
    const body = { reason: 'Once.', operations: [record(act('IRL', 'signature', '2026-08-01'))] };
    const headers = { 'Idempotency-Key': 'a-changeset' };
    const first = await post('/v1/changesets', body, { headers });
    const held = trace();
    const again = await post('/v1/changesets', body, { headers });
    assert.equal(again.status, 201);
    assert.equal(again.text, first.text);
    assert.equal(trace(), held);
});

test('a mistake is reverted as a whole, and the revert can be reverted', async () => {
    const before_ = (await get('/v1/states/BEL')).body;
    const made = (await changeset('A mistaken list.', record(act('BEL', 'signature', '2026-07-01')),
        record(act('BEL', 'ratification', '2026-07-02')),
        record(exclusion('BEL', '2026-07-02')))).body.changeset;
    const held = trace();
    const dry = await revert(made.reference, 'Another treaty.', '?dry_run=true');
    assert.equal(dry.status, 200);
    assert.equal(trace(), held);
    const undone = await revert(made.reference, 'Another treaty.');
    assert.equal(undone.status, 201, undone.text);
    assert.equal(undone.body.changeset.reverts, made.reference);
    assert.deepEqual(undone.body.changeset.operations.map((one) => one.op), ['void', 'void', 'void']);
    assert.equal((await get('/v1/states/BEL')).body.status, before_.status);
    assert.equal((await get(`/v1/changesets/${made.reference}`)).body.reverted_by,
        undone.body.changeset.reference);
    await refuses(revert(made.reference, 'Again.'), 412, 'versions-stale');
    const redone = await revert(undone.body.changeset.reference, 'It was right.');
    assert.equal(redone.status, 201, redone.text);
    assert.deepEqual(redone.body.changeset.operations.map((one) => one.op),
        ['restore', 'restore', 'restore']);
    assert.equal((await get('/v1/states/BEL')).body.status, 'party');
    assert.equal((await revert('01a20f9a-6d3c-7de4-b68f-d111b1ddf681', 'None.')).status, 404);
});

test('what was changed since stops a revert, and is named', async () => {
    const made = (await changeset('Signed.', record(act('HUN', 'signature', '2026-06-01')))).body.changeset;
    await changeset('A day later.', correct('HUN-1', 1, content(act('HUN', 'signature', '2026-06-02'))));
    const answer = await refuses(revert(made.reference, 'No.'), 412, 'versions-stale');
    assert.deepEqual(answer.body.errors.map((one) => [one.pointer, one.reference, one.members]),
        [[undefined, 'HUN-1', ['date']]]);
});

test('the journal is filtered by author, State, type and day, and paged', async () => {
    const all = (await get('/v1/changesets')).body.items;
    assert.deepEqual(all.map((one) => one.recorded_at),
        all.map((one) => one.recorded_at).sort().reverse());
    const of = async (query) => (await get(`/v1/changesets?${query}`)).body.items;
    assert.deepEqual((await of('author=colleague')).map((one) => one.reason), ['A day later.']);
    const belgian = await of('state=be');
    assert.equal(belgian.length, 3);
    assert.ok(belgian.every((one) =>
        one.operations.some((operation) => operation.state === 'BEL')));
    assert.deepEqual(await of('type=call'), []);
    assert.deepEqual(await of('to=2020-01-01'), []);
    const today = all[0].recorded_at.slice(0, 10);
    assert.deepEqual(await of(`from=${today}&to=${today}`), all.filter((one) => one.recorded_at.startsWith(today)));
    const paged = [];
    for (let next = '/v1/changesets?limit=2'; next; ) {
        const page = (await get(next)).body;
        paged.push(...page.items);
        next = page.next;
    }
    assert.deepEqual(paged, all);
    assert.equal((await get('/v1/changesets?cursor=x')).status, 400);
});

test('the journal says nothing of internal entries to who may not read them', async () => {
    const entry = (visibility) => ({ op: 'record', type: 'outlook', document: {
        state: 'GRC', stage: 'no_plan', date: '2026-05-01', visibility, sources: [source] } });
    const revision = holder.register.revision();
    const inner = await changeset('Said in confidence.', entry('internal'), entry('internal'));
    assert.equal(inner.status, 201, inner.text);
    assert.equal(inner.body.changeset.revision, null);
    assert.equal(inner.body.changeset.operation_count, 2);
    assert.equal(holder.register.revision(), revision);
    const { reference } = inner.body.changeset;
    assert.equal((await get(`/v1/changesets/${reference}`)).status, 404);
    assert.equal((await get(`/v1/changesets/${reference}`, { token: holder.token })).status, 200);
    await refuses(changeset('Partly in confidence.', entry('internal'), entry('public')), 422,
        'operations-refused');
    for (const address of ['/v1/changesets', '/v1/changes', '/v1/revisions']) {
        assert.ok(!(await get(address)).text.includes('confidence'), address);
    }
    assert.equal((await get('/v1/states/GRC/outlook')).body.items.length, 0);
    const writer = await holder.register.token('outlook-writer', 'outlook:write');
    assert.equal((await post(`/v1/changesets/${reference}/revert`, { reason: 'x' },
        { token: writer })).status, 404);
    const shown = (await changeset('For all.', entry('public'))).body.changeset;
    const blind = await post(`/v1/changesets/${shown.reference}/revert`, { reason: 'x' },
        { token: writer });
    assert.equal(blind.status, 403);
    assert.match(blind.headers.get('www-authenticate'), /scope="outlook:read"/);
    const hidden = await revert(reference, 'Never said.');
    assert.equal(hidden.status, 201, hidden.text);
    assert.equal((await get(`/v1/changesets/${reference}`)).status, 404);
});

test('an Idempotency-Key is of the changeset that is reverted', async () => {
    const made = [];
    for (const date of ['2026-04-01', '2026-04-02']) {
        made.push((await changeset('Said.', record(act('NOR', 'communication', date)))).body.changeset);
    }
    const headers = { 'Idempotency-Key': 'a-revert' };
    const [first, second] = made.map(({ reference }) => () =>
        post(`/v1/changesets/${reference}/revert`, { reason: 'Never.' }, { headers }));
    assert.equal((await first()).status, 201);
    assert.equal((await first()).status, 201);
    assert.equal((await second()).body.type, '/problems/idempotency-key-reused');
});

test('a revert that would be unlawful names the record, and no operation of the body', async () => {
    const signed = (await changeset('Signed.', record(act('SVK', 'signature', '2026-03-01')))).body.changeset;
    await changeset('Ratified.', record(act('SVK', 'ratification', '2026-03-02')));
    const answer = await refuses(revert(signed.reference, 'Never.'), 422, 'operations-refused');
    assert.deepEqual(places(answer), ['signature-before-consent']);
});

test('a body of more values than a changeset can have is refused before it is read', async () => {
    const body = `{"reason":"x","operations":[${'{},'.repeat(250000)}{}]}`;
    const answer = await holder.register.call('POST', '/v1/changesets', { token: holder.token, body,
        headers: { 'Content-Type': 'application/json' } });
    assert.equal(answer.status, 413);
    assert.match(answer.body.detail, /values/);
});

test('a write of a single record is a changeset of one operation, and the journal has it', async () => {
    const done = async (address) => {
        const { reason, revision, operations } = (await get(address, { token: holder.token })).body;
        return [reason, typeof revision,
            operations.map(({ op, type, version, state, changed }) => ({ op, type, version, state, changed }))];
    };
    const headers = { 'Idempotency-Key': 'one-record' };
    const said = () => post('/v1/actions', act('MLT', 'communication', '2026-05-01'), { headers });
    const made = await said();
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(await done(made.body.links.changeset), [null, 'number',
        [{ op: 'record', type: 'action', version: 1, state: 'MLT', changed: true }]]);
    assert.deepEqual((await said()).body.links, made.body.links);

    const address = `/v1/actions/${made.body.action.reference}`;
    const change = async (method, json, query = '') => holder.register.call(method, `${address}${query}`, {
        token: holder.token, json, headers: { 'If-Match': (await get(address)).headers.get('etag') } });
    const document = { ...content(act('MLT', 'communication', '2026-05-02')), reason: 'A day later.' };
    const dry = await change('PUT', document, '?dry_run=true');
    assert.deepEqual(dry.body.links, {});
    const corrected = await change('PUT', document);
    assert.deepEqual(await done(corrected.body.links.changeset), ['A day later.', 'number',
        [{ op: 'correct', type: 'action', version: 2, state: 'MLT', changed: true }]]);

    const held = trace();
    const same = await change('PUT', document);
    assert.equal(same.status, 200, same.text);
    assert.deepEqual(same.body.links, {});
    assert.equal(trace(), held);

    const voided = await change('DELETE', undefined, '?reason=Never');
    const { reference } = (await get(voided.body.links.changeset)).body;
    const back = await revert(reference, 'It was said.');
    assert.deepEqual(back.body.changeset.operations.map((one) => one.op), ['restore']);
    assert.equal((await get(address)).body.voided, false);
});
