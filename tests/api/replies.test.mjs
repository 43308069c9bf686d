// Replies of States and bodies to calls.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { source, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, options) => holder.register.call('GET', address, options);
const write = (method, address, json, headers = {}, token = holder.token) =>
    holder.register.call(method, address, { token, json, headers });
const reply = (more = {}) => ({ state: 'FRA', call: 'cg-rec-304', date: '2012-01-01', text_en: 'Under study.',
    verification: 'single_source', sources: [source], ...more });
const content = ({ state, ...document }) => document;
const types = ({ body }) => body.errors.map(({ type, pointer }) => `${pointer} ${type.split('/').at(-1)}`);

test('a reply is recorded, read, corrected and voided', async () => {
    const made = await write('POST', '/v1/replies', reply(), { 'Idempotency-Key': 'once' });
    assert.equal(made.status, 201, made.text);
    assert.equal((await write('POST', '/v1/replies', reply(), { 'Idempotency-Key': 'once' })).text, made.text);
    const address = made.headers.get('location');
    const shown = await get(`${address}?lang=fr`);
    assert.deepEqual([shown.body.call, shown.body.state, shown.body.state_name, shown.body.text],
        ['CG-REC-304', 'FRA', 'France', 'Under study.']);
    assert.equal(shown.body.links.call, '/v1/calls/CG-REC-304');
    const corrected = await write('PUT', address, { ...content(reply({ text_fr: 'À l’étude.' })), reason: 'translated' },
        { 'If-Match': made.headers.get('etag') });
    assert.equal(corrected.status, 200, corrected.text);
    assert.equal(corrected.body.reply.version, 2);
    const versions = (await get(`${address}/versions`)).body.items;
    assert.deepEqual(versions.map(({ version, reason, text_fr: text }) => [version, reason, text]),
        [[1, null, null], [2, 'translated', 'À l’étude.']]);
    assert.equal((await write('DELETE', `${address}?reason=x`, undefined, { 'If-Match': made.headers.get('etag') }))
        .status, 412);
    assert.equal((await write('DELETE', `${address}?reason=mistaken`, undefined, { 'If-Match': '*' })).status, 200);
    assert.equal((await get(address)).body.voided, true);
    const feed = (await get('/v1/changes?category=reply')).body.items.map(({ data }) => data);
    assert.deepEqual(feed.map(({ event, state }) => [event, state]),
        [['recorded', 'FRA'], ['corrected', 'FRA'], ['voided', 'FRA']]);
    assert.equal(feed[0].links.reply, address);
});

test('a reply that is wrong is refused with each of its faults', async () => {
    const revision = holder.register.revision();
    const faults = async (more) => types(await write('POST', '/v1/replies', reply(more)));
    assert.deepEqual(await faults({ call: 'CG-REC-9999' }), ['/call reply-to-call']);
    assert.deepEqual(await faults({ date: '2011-03-23' }), ['/date reply-not-before-call']);
    assert.deepEqual(await faults({ body: 'congress' }), ['/body reply-by-state-or-body']);
    assert.deepEqual(await faults({ state: null }), ['/body reply-by-state-or-body']);
    assert.deepEqual(await faults({ state: 'XXX' }), ['/state state-exists']);
    assert.deepEqual(await faults({ state: null, body: 'club' }), ['/body call-body-exists']);
    assert.deepEqual(await faults({ text_en: null, sources: [] }),
        ['/sources sources-match-verification', '/text_en text-given']);
    assert.equal(holder.register.revision(), revision);
    assert.equal((await write('POST', '/v1/replies', reply(), {}, await holder.register.token('x', 'actions:write'))).status, 403);
});

test('a call shows its replies, its progress each State\'s, and is not voided with them', async () => {
    const by = await write('POST', '/v1/changesets', { reason: 'Two replies.', operations: [
        { op: 'record', type: 'reply', document: reply() },
        { op: 'record', type: 'reply', document: reply({ state: null, body: 'committee_of_ministers', date: '2012-06-01' }) }] });
    assert.equal(by.status, 201, by.text);
    const { body: call, headers } = await get('/v1/calls/CG-REC-304');
    assert.equal(call.links.replies, '/v1/replies?call=CG-REC-304');
    const { body: replies } = await get(call.links.replies);
    assert.deepEqual(replies.items.map(({ state, body }) => [state, body]),
        [['FRA', null], [null, 'committee_of_ministers']]);
    assert.equal((await get('/v1/replies?state=fr')).body.items.length, 1);
    assert.equal((await get('/v1/replies?call=FD-1999')).body.items.length, 0);
    const progress = (await get('/v1/calls/CG-REC-304/progress')).body.items;
    assert.deepEqual(progress.filter((item) => item.replies.length > 0).map((item) => [item.state,
        item.replies[0].reference, item.replies[0].text]), [['FRA', replies.items[0].reference, 'Under study.']]);
    const { body: first } = await get('/v1/replies?limit=1');
    const { body: second } = await get(first.next);
    assert.deepEqual([first.items[0].reference, second.items[0].reference, second.next],
        [...replies.items.map(({ reference }) => reference), null]);
    const csv = await get('/v1/replies?format=csv');
    assert.equal(csv.text.trim().split('\n').length, 3);
    const refused = await write('DELETE', '/v1/calls/CG-REC-304?reason=x', undefined, { 'If-Match': headers.get('etag') });
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.body.type, '/problems/call-without-replies');
    // Together they go, and come back.
    const operations = [{ op: 'void', type: 'call', reference: 'CG-REC-304', version: 1 },
        ...by.body.changeset.operations.map(({ reference }) => ({ op: 'void', type: 'reply', reference, version: 1 }))];
    const gone = await write('POST', '/v1/changesets', { reason: 'Never made.', operations });
    assert.equal(gone.status, 201, gone.text);
    const back = await write('POST', `/v1/changesets/${gone.body.changeset.reference}/revert`, { reason: 'It was.' });
    assert.equal(back.status, 201, back.text);
    assert.equal((await get('/v1/replies')).body.items.length, 2);
});
