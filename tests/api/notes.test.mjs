// Notes of the secretariat on anomalies and differences, and who may see of them what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, options) => holder.register.call('GET', address, options);
const mine = (address) => get(address, { token: holder.token });
const write = (method, address, json, headers = {}, token = holder.token) =>
    holder.register.call(method, address, { token, json, headers });
const note = (more = {}) => ({ state: 'ITA', subject: { anomaly: 'text_missing', action: 'ITA-1' },
    outcome: 'accepted', text_en: 'Checked; left as it is.', ...more });
const content = ({ state, ...document }) => document;
const types = ({ body }) => body.errors.map(({ type, pointer }) => `${pointer} ${type.split('/').at(-1)}`);

test('a note is recorded, read, corrected and voided', async () => {
    const made = await write('POST', '/v1/notes', note({ owner: 'Treaty Office', text_fr: 'Vérifié.' }),
        { 'Idempotency-Key': 'once' });
    assert.equal(made.status, 201, made.text);
    const address = made.headers.get('location');
    assert.match(address, /^\/v1\/notes\/[0-9a-f-]{36}$/);
    const again = await write('POST', '/v1/notes', note({ owner: 'Treaty Office', text_fr: 'Vérifié.' }),
        { 'Idempotency-Key': 'once' });
    assert.equal(again.text, made.text);
    const shown = await mine(`${address}?lang=fr`);
    assert.equal(shown.body.text, 'Vérifié.');
    assert.equal(shown.body.visibility, 'internal');
    assert.equal(shown.body.links.action, '/v1/actions/ITA-1');
    const { 'text_fr': french, ...rest } = content(note());
    assert.equal((await write('PUT', address, { ...rest, reason: 'x' })).status, 428);
    const dry = await write('PUT', `${address}?dry_run=true`, { ...rest, outcome: 'open', reason: 'new facts' },
        { 'If-Match': made.headers.get('etag') });
    assert.equal(dry.body.note.outcome, 'open');
    const corrected = await write('PUT', address, { ...rest, outcome: 'open', reason: 'new facts' },
        { 'If-Match': made.headers.get('etag') });
    assert.equal(corrected.status, 200, corrected.text);
    assert.equal(corrected.body.note.version, 2);
    assert.equal(corrected.headers.get('etag'), (await mine(address)).headers.get('etag'));
    assert.equal((await write('DELETE', `${address}?reason=x`, undefined, { 'If-Match': made.headers.get('etag') }))
        .status, 412);
    assert.equal((await write('DELETE', `${address}?reason=x`, undefined, { 'If-Match': '*' })).status, 200);
    assert.equal((await mine(address)).body.voided, true);
});

test('a note that is wrong is refused with each of its faults', async () => {
    const revision = holder.register.revision();
    assert.deepEqual(types(await write('POST', '/v1/notes', note({ subject: { anomaly: 'text_missing', action: 'GBR-1' } }))),
        ['/subject/action note-action-of-state']);
    assert.deepEqual(types(await write('POST', '/v1/notes', { state: 'ITA', outcome: 'accepted',
        subject: { difference: 'consent', register: { date: '1994-05-26' }, chart: { date: '1994-05-26' } } })),
    ['/text_en text-given', '/subject/chart note-values-differ']);
    assert.deepEqual(types(await write('POST', '/v1/notes', note({ subject: {} }))), ['/subject note-has-subject']);
    assert.deepEqual(types(await write('POST', '/v1/notes', note({ outcome: 'lost', visibility: 'secret' }))),
        ['/visibility visibility-exists', '/outcome outcome-exists']);
    assert.deepEqual(types(await write('POST', '/v1/notes', note({ state: 'XXX', subject: { anomaly: 'text_missing' } }))),
        ['/state state-exists']);
    assert.equal((await write('POST', '/v1/notes', note({ subject: { anomaly: 'boredom' } }))).status, 422);
    assert.equal((await write('POST', '/v1/notes', note({ subject: { difference: 'consent', register: { day: 1 } } }))).status, 422);
    assert.equal(holder.register.revision(), revision);
});

test('the newest note on an anomaly is shown beside it, and filters go by it', async () => {
    const plain = (await get('/v1/anomalies')).body.items;
    assert.ok(plain.length > 2);
    const [anomaly, other] = plain.filter((one) => one.action);
    const subject = { anomaly: anomaly.code, action: anomaly.action };
    await write('POST', '/v1/notes', note({ state: anomaly.state, subject, outcome: 'open' }));
    const made = await write('POST', '/v1/notes', note({ state: anomaly.state, subject, owner: 'Anna' }));
    const items = (await mine('/v1/anomalies')).body.items;
    assert.equal(items.length, plain.length);
    const noted = items.filter((one) => one.noted);
    assert.deepEqual(noted.map((one) => one.noted), [{ reference: made.body.note.reference, outcome: 'accepted',
        text: 'Checked; left as it is.', owner: 'Anna', visibility: 'internal' }]);
    const of = async (query) => (await mine(`/v1/anomalies?${query}`)).body.items;
    assert.equal((await of('open=true')).length, plain.length - 1);
    assert.deepEqual((await of('open=false')).map(({ code, action }) => [code, action]),
        [[anomaly.code, anomaly.action]]);
    assert.equal((await of('owner=Anna')).length, 1);
    assert.equal((await of('owner=Bela')).length, 0);
    assert.ok((await of(`state=${other.state}`)).every(({ state }) => state === other.state));
    assert.ok((await of(`code=${anomaly.code}`)).every(({ code }) => code === anomaly.code));
    assert.equal((await get('/v1/anomalies?code=boredom')).status, 400);
    assert.equal((await get('/v1/anomalies?open=false')).body.items.length, 0);
    assert.equal((await get('/v1/anomalies?owner=Anna')).body.items.length, 0);
});

test('internal notes are absent without notes:read: lists, counts, tags, feed, journal and revision', async () => {
    const outlooker = await holder.register.token('outlook-reader', 'outlook:read');
    const addresses = ['/v1/notes', '/v1/anomalies', '/v1/anomalies?open=true', '/v1/changes?after=latest',
        '/v1/changes?category=note', '/v1/changes.atom', '/v1/changesets', '/v1/revisions', '/v1/states',
        '/v1/notes?format=csv', '/v1/notes?owner=Nobody%20else'];
    const before_ = [];
    for (const address of addresses) {
        before_.push(await get(address));
    }
    const revision = holder.register.revision();
    const outlook = await get('/v1/outlook', { token: outlooker });
    const made = await write('POST', '/v1/notes', note({ text_en: 'Said in confidence.', owner: 'Nobody else' }));
    assert.equal(made.status, 201, made.text);
    const changeset = await write('POST', '/v1/changesets', { reason: 'Kept apart.', operations: [
        { op: 'record', type: 'note', document: note({ text_en: 'Said in confidence.' }) }] });
    assert.equal(changeset.status, 201, changeset.text);
    assert.equal(changeset.body.changeset.revision, null);
    assert.equal(holder.register.revision(), revision);
    for (const [i, address] of addresses.entries()) {
        const now = await get(address);
        assert.equal(now.status, 200, address);
        assert.equal(now.text, before_[i].text, address);
        assert.equal(now.headers.get('etag'), before_[i].headers.get('etag'), address);
        assert.ok(!(await get(address, { token: outlooker })).text.includes('confidence'), address);
    }
    // To who reads the internal outlook, but no notes, nothing has happened either.
    assert.equal((await get('/v1/outlook', { token: outlooker })).text, outlook.text);
    const address = made.headers.get('location');
    const journal = changeset.headers.get('location');
    for (const token of [undefined, outlooker]) {
        assert.equal((await get(address, { token })).status, 404);
        assert.equal((await get(journal, { token })).status, 404);
    }
    assert.deepEqual((await get('/v1/changes?category=note', { token: outlooker })).body.items, []);
    assert.ok((await mine('/v1/changes?category=note&limit=500')).text.includes('confidence'));
    assert.equal((await mine(journal)).status, 200);
    assert.equal((await mine(address)).headers.get('cache-control'), 'no-store');
    assert.match((await get('/v1/anomalies')).headers.get('vary'), /Authorization/);
    // The next revision covers it, and shows it to who may see all that is internal.
    await write('POST', '/v1/actions', act('BEL', 'signature', '2026-01-01'));
    const newest = `/v1/revisions/${holder.register.revision()}`;
    assert.equal((await get(newest)).body.internal, undefined);
    assert.equal((await get(newest, { token: outlooker })).body.internal, undefined);
    assert.ok(JSON.stringify((await mine(newest)).body.internal).includes('confidence'));
    // Who may write and not read sees what they write, and no more.
    const blind = await holder.register.token('note-writer', 'notes:write');
    const own = await write('POST', '/v1/notes', note({ text_en: 'Mine.' }), {}, blind);
    assert.equal(own.status, 201, own.text);
    assert.equal(own.body.note.text, 'Mine.');
    const seen = await write('POST', '/v1/changesets', { reason: 'Mine.', operations: [
        { op: 'record', type: 'note', document: note({ text_en: 'Mine.' }) }] }, {}, blind);
    assert.equal(seen.status, 201, seen.text);
    assert.equal((await write('PUT', address, { ...content(note()), visibility: 'public', reason: 'x' },
        { 'If-Match': '*' }, blind)).status, 404);
    assert.equal((await write('PUT', address, { ...content(note()), reason: 'x' }, { 'If-Match': '*' }, blind)).status, 403);
    const voided = await write('POST', '/v1/changesets', { reason: 'x', operations: [
        { op: 'void', type: 'note', reference: made.body.note.reference, version: 1 }] }, {}, blind);
    assert.equal(voided.status, 403);
    assert.match(voided.headers.get('www-authenticate'), /scope="notes:read"/);
});

test('a published note begins with its publication', async () => {
    const made = await write('POST', '/v1/notes', note({ text_en: 'A secret.' }));
    const address = made.headers.get('location');
    const published = await write('PUT', address, { ...content(note({ text_en: 'Announced.' })), visibility: 'public',
        reason: 'why' }, { 'If-Match': '*' });
    assert.equal(published.status, 200, published.text);
    const shown = await get(address);
    assert.equal(shown.body.version, 1);
    assert.equal(shown.body.text, 'Announced.');
    const feed = (await get('/v1/changes?category=note')).body.items.at(-1).data;
    assert.deepEqual([feed.event, feed.version, feed.reason, feed.before], ['recorded', 1, null, null]);
    assert.equal(feed.links.note, address);
    assert.ok((await get('/v1/anomalies?state=ITA')).body.items
        .every(({ noted }) => noted === null || noted.text === 'Announced.'));
});

test('notes are listed by State, anomaly, owner and outcome, a page at a time, and as CSV', async () => {
    for (const owner of ['Page', 'Page', 'Page']) {
        await write('POST', '/v1/notes', note({ owner, visibility: 'public' }));
    }
    const found = [];
    for (let next = '/v1/notes?owner=Page&limit=2'; next;) {
        const { body } = await get(next);
        found.push(...body.items.map(({ reference }) => reference));
        next = body.next;
    }
    assert.equal(found.length, 3);
    assert.deepEqual(found, [...new Set(found)].sort());
    assert.equal((await get('/v1/notes?owner=Page&state=it')).body.items.length, 3);
    assert.equal((await get('/v1/notes?owner=Page&anomaly=day_unconfirmed')).body.items.length, 0);
    assert.equal((await get('/v1/notes?owner=Page&outcome=open')).body.items.length, 0);
    assert.equal((await get('/v1/notes?cursor=x')).status, 400);
    const csv = await get('/v1/notes?owner=Page&format=csv');
    assert.equal(csv.text.trim().split('\n').length, 4);
    assert.match(csv.text, /^\uFEFF?reference,version,state,subject_anomaly,/);
    assert.equal((await get('/v1/notes-metadata.json')).status, 200);
});
