// The change feed: every effect of a write once, in commit order, and nothing else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, source, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, more) => holder.register.call('GET', address, more);
const { write } = holder;
const tag = async (address) => (await get(address, { token: holder.token })).headers.get('etag');
const correct = async (address, json) =>
    write('PUT', address, json, { 'If-Match': await tag(address) });
const withdraw = async (address) => write('DELETE', `${address}?reason=mistaken`, undefined,
    { 'If-Match': await tag(address) });

// Reads on to the end; the items, and where the feed continues.
async function readOn(next, more) {
    const items = [];
    for (;;) {
        const { status, body, headers } = await get(next, more);
        assert.equal(status, 200);
        assert.equal(headers.get('link'), `<${body.next}>; rel="next"`);
        if (body.items.length === 0) {
            assert.ok(body.next.endsWith(body.cursor));
            return { items, next: body.next };
        }
        items.push(...body.items);
        next = body.next;
    }
}

// The entries after a cursor: category, event, subject.
const told = async (next, more) => (await readOn(next, more)).items
    .map(({ subject, data }) => `${data.category} ${data.event} ${subject}`);
const now = async (query = '') => (await get(`/v1/changes?after=latest${query}`)).body.next;

test('author and since filter the feed, and the cursor carries them', async () => {
    const anna = await holder.register.token('anna', 'actions:write');
    const since = (await get('/v1/changes?limit=1')).body.items[0].time;
    const writes = [];
    for (const [token, day] of [[anna, '2026-01-02'], [holder.token, '2026-01-03'], [anna, '2026-01-04']]) {
        const made = await holder.register.call('POST', '/v1/actions',
            { token, json: act('SVN', 'communication', day) });
        assert.equal(made.status, 201, made.text);
        writes.push(made.body.action.reference);
    }
    const of = async (query) => (await readOn(`/v1/changes?${query}`)).items;
    const hers = await of('author=anna');
    assert.deepEqual(hers.map(({ subject }) => subject), [writes[0], writes[2]]);
    assert.ok(hers.every(({ data }) => data.recorded_by === 'anna'));
    for (const more of ['limit=1', 'state=svn', 'category=other_act', 'state=SVN&category=other_act&limit=1']) {
        assert.deepEqual(await of(`author=anna&${more}`), hers, more);
    }
    assert.deepEqual(await of('author=anna&state=ITA'), []);
    assert.deepEqual(await of('author=nobody'), []);
    // The load is of one moment: all of it is since then, and nothing of it is since the next write.
    const all = await of('limit=500');
    assert.deepEqual(await of(`since=${encodeURIComponent(since)}&limit=7`), all);
    const later = await of(`since=${encodeURIComponent(hers[0].time)}&limit=1`);
    assert.deepEqual(later.map(({ subject }) => subject), writes);
    assert.deepEqual((await of(`author=anna&since=${encodeURIComponent(hers[1].time)}`))
        .map(({ subject }) => subject), [writes[2]]);
    const page = (await get('/v1/changes?author=anna&limit=1')).body;
    assert.match(page.next, /author=anna/);
    for (const query of ['', `&author=secretariat`, `&author=anna&since=${encodeURIComponent(since)}`]) {
        assert.equal((await get(`/v1/changes?after=${page.cursor}${query}`)).status, 400, query);
    }
    assert.equal((await get('/v1/changes?since=yesterday')).status, 400);
    assert.equal((await get('/v1/changes?since=2999-01-01T00:00:00Z')).status, 400);
    const atom = (await get('/v1/changes.atom?author=anna&limit=1')).text;
    assert.equal(atom.match(/<entry>/g).length, 1);
    assert.match(atom, /rel="next"[^>]*author=anna/);
    const since_then = (await get(`/v1/changes.atom?since=${encodeURIComponent(hers[0].time)}`)).text;
    assert.equal(since_then.match(/<entry>/g).length, 3);
    assert.match(since_then, /rel="via"[^>]*since=[0-9TZ.:-]+"/);
    const ids = [atom, since_then, (await get('/v1/changes.atom')).text]
        .map((text) => text.match(/<id>([^<]*)/)[1]);
    assert.equal(new Set(ids).size, 3);
});

test('the feed has the whole load, once, page by page in one order', async () => {
    const { items } = await readOn('/v1/changes?limit=500');
    for (const limit of [1, 7, 100]) {
        assert.deepEqual((await readOn(`/v1/changes?limit=${limit}`)).items, items);
    }
    assert.equal(new Set(items.map(({ id }) => id)).size, items.length);
    const count = (category) => items.filter(({ data }) => data.category === category).length;
    const { body: { items: actions } } = await get('/v1/actions?limit=500');
    assert.equal(count('state'), 48);
    assert.equal(count('status'), 48);
    assert.equal(count('call'), 4);
    assert.equal(['signature', 'instrument', 'chapter_acceptance', 'derogation', 'other_act']
        .reduce((sum, category) => sum + count(category), 0), actions.length);
    const convention = items.filter(({ data }) => data.category === 'entry_into_force'
        && data.state === null);
    assert.deepEqual(convention.map(({ data }) => [data.before, data.after]),
        [[null, { in_force_on: '1997-05-01', consent: 'NLD-2' }]]);
});

test('each entry is an event of CloudEvents 1.0', async () => {
    const { items } = await readOn('/v1/changes');
    for (const event of items) {
        // §3.1 Required attributes, and that names are of lower-case letters and digits (§2.1).
        assert.equal(event.specversion, '1.0');
        for (const name of ['id', 'source', 'type', 'subject']) {
            assert.equal(typeof event[name], 'string');
            assert.ok(event[name].length > 0, name);
        }
        for (const [name, value] of Object.entries(event)) {
            assert.match(name, /^[a-z0-9]{1,20}$/);
            assert.ok(name === 'data' || typeof value === 'string');
        }
        assert.doesNotThrow(() => new URL(event.source, 'http://register.example'));
        assert.match(event.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
        assert.equal(event.datacontenttype, 'application/json');
        assert.ok(!('data_base64' in event));
        // The type agrees with the data.
        assert.equal(event.type, `int.coe.ets144.${event.data.category}.${event.data.event}`);
    }
});

test('every link of an entry leads somewhere', async () => {
    const { items } = await readOn('/v1/changes');
    const addresses = new Set(items.flatMap(({ data }) => Object.values(data.links)
        .map((address) => address.split('#')[0])));
    assert.ok(addresses.size > 100);
    for (const address of addresses) {
        assert.equal((await get(address)).status, 200, address);
    }
});

test('a write adds its effects to the feed, a dry run and a refusal add nothing', async () => {
    let next = await now();
    const revision = holder.register.revision();
    await write('POST', '/v1/actions?dry_run=true', act('PRT', 'signature', '2026-01-01'));
    const refused = await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('PRT', 'accession', '2026-01-01') });
    assert.equal(refused.status, 422);
    assert.deepEqual(await told(next), []);
    await write('POST', '/v1/actions', act('PRT', 'signature', '2026-01-01', { reason: 'seen' }));
    const { items } = await readOn(next);
    assert.deepEqual(items.map(({ data }) => [data.category, data.event, data.revision, data.reason,
        data.recorded_by]), [['signature', 'recorded', revision + 1, 'seen', 'secretariat'],
        ['status', 'changed', revision + 1, 'seen', 'secretariat']]);
    const [signature, status] = items.map(({ data }) => data);
    assert.equal(signature.before, null);
    assert.equal(signature.after.date, '2026-01-01');
    assert.equal(status.after.periods.at(-1).status, 'signatory');
    assert.deepEqual(status.before.periods, status.after.periods.slice(0, -1));

    next = await now();
    await write('POST', '/v1/actions', act('PRT', 'ratification', '2026-02-10'));
    await write('POST', '/v1/actions', act('PRT', 'communication', '2026-02-11'));
    assert.deepEqual(await told(next), ['instrument recorded PRT-2', 'entry_into_force changed PRT',
        'status changed PRT', 'other_act recorded PRT-3']);

    // The same content again is no version, no revision and no entry.
    next = await now();
    const { status: ok } = await correct('/v1/actions/PRT-3',
        { ...act('PRT', 'communication', '2026-02-11'), state: undefined, reason: 'again' });
    assert.equal(ok, 200);
    assert.deepEqual(await told(next), []);

    await withdraw('/v1/actions/PRT-2');
    await withdraw('/v1/actions/PRT-1');
    const last = await readOn(next);
    assert.deepEqual(last.items.map(({ subject, data }) =>
        `${data.category} ${data.event} ${subject}`), ['instrument voided PRT-2',
        'entry_into_force changed PRT', 'status changed PRT', 'signature voided PRT-1',
        'status changed PRT']);
    assert.deepEqual(last.items.at(-1).data.after, status.before);
});

test('a kind corrected into another category is in the feed of both', async () => {
    await write('POST', '/v1/actions', act('ITA', 'derogation', '2020-03-01'));
    const reference = '/v1/actions/ITA-4';
    const next = [await now(), await now('&category=derogation'), await now('&category=other_act')];
    await correct(reference, { ...act('ITA', 'communication', '2020-03-01'), state: undefined,
        reason: 'it was none' });
    assert.deepEqual(await told(next[0]), ['derogation corrected ITA-4', 'other_act corrected ITA-4',
        'status changed ITA']);
    assert.deepEqual(await told(next[1]), ['derogation corrected ITA-4']);
    assert.deepEqual(await told(next[2]), ['other_act corrected ITA-4']);
});

test('filters select by category, State or both', async () => {
    const { items } = await readOn('/v1/changes');
    const wanted = (categories, state) => items.filter(({ data }) =>
        (!categories || categories.includes(data.category)) && (!state || data.state === state));
    for (const [query, categories, state] of [
        ['category=signature', ['signature']],
        ['category=status,instrument', ['status', 'instrument']],
        ['state=ita', undefined, 'ITA'], ['state=NL', undefined, 'NLD'],
        ['state=ITA&category=instrument,status', ['status', 'instrument'], 'ITA'],
        ['state=XXX', [], 'XXX'],
    ]) {
        for (const limit of [2, 500]) {
            const found = await readOn(`/v1/changes?${query}&limit=${limit}`);
            assert.deepEqual(found.items, wanted(categories, state), query);
        }
    }
});

test('while nothing is new the answer is the same, and memory has it', async () => {
    const next = await now('&category=call');
    const first = await get(next);
    assert.deepEqual(first.body.items, []);
    assert.equal(first.body.next, next);
    await write('POST', '/v1/actions', act('ITA', 'communication', '2026-03-01'));
    const again = await get(next, { headers: { 'If-None-Match': first.headers.get('etag') } });
    assert.equal(again.status, 304, 'a change that the filter leaves out changes nothing');
    const kept = await get(next);
    assert.equal(kept.headers.get('cache-status'), 'ets144; hit');
    assert.equal((await get(await now())).status, 200);
});

test('a cursor that was not given out for this is refused', async () => {
    const cursor = async (query) => (await get(`/v1/changes?limit=1${query}`)).body.cursor;
    const forged = (values) => {
        const whole = Buffer.from(JSON.stringify(values)).toString('base64url');
        return whole;
    };
    const plain = await cursor('');
    const [bound, at, number, revision] = JSON.parse(Buffer.from(plain, 'base64url'));
    for (const [query, value] of [['', 'x'], ['', 'latest2'], ['', '~'],
        ['', await cursor('&category=call')], ['category=call&', plain], ['state=ITA&', plain],
        ['', forged([bound, 'yesterday', number, revision])],
        ['', forged([bound, at, '99999999999', revision])],
        ['', forged([bound, at, '-1', revision])],
        ['', forged([bound, at, number, 'x'])],
        ['', forged([bound, null, number, revision])],
        ['', forged([bound, 7, number, revision])]]) {
        const { status, body } = await get(`/v1/changes?${query}after=${value}`);
        assert.equal(status, 400, value);
        assert.equal(body.errors[0].parameter, 'after');
    }
    assert.equal((await get(`/v1/changes?after=${forged([bound, at, number, revision])}`)).status,
        200);
    for (const query of ['after=', 'limit=0', 'limit=501', 'category=x', 'state=12', 'cursor=x',
        'known_at=2026-01-01T00:00:00Z']) {
        assert.equal((await get(`/v1/changes?${query}`)).status, 400, query);
    }
});

test('internal changes are in the feed only with outlook:read', async () => {
    const entry = (visibility, more = {}) => ({ stage: 'under_study', date: '2026-01-01', visibility,
        sources: [source], ...more });
    const inside = { token: holder.token };
    let everyone = await now();
    let secretariat = everyone;
    const step = async (publicly, internally) => {
        assert.deepEqual((await told(everyone)).map((line) => line.split(' ').slice(0, 2).join(' ')),
            publicly);
        const { items, next } = await readOn(secretariat, inside);
        assert.deepEqual(items.map(({ data }) => `${data.category} ${data.event}`), internally);
        secretariat = next;
        everyone = (await readOn(everyone)).next;
        return items;
    };
    const { body: { entry: { reference } } } = await write('POST', '/v1/outlook',
        { state: 'FRA', ...entry('internal') });
    const address = `/v1/outlook/${reference}`;
    await step([], ['outlook recorded']);
    await correct(address, { ...entry('internal', { stage: 'no_plan' }), reason: 'heard' });
    await step([], ['outlook corrected']);
    const place = everyone;
    await correct(address, { ...entry('public', { stage: 'no_plan' }), reason: 'a secret reason' });
    const [{ data: published }] = await step(['outlook recorded'], ['outlook corrected']);
    assert.equal(published.reason, 'a secret reason');
    const [{ data: seen }] = (await readOn(place)).items;
    assert.deepEqual([seen.before, seen.reason, seen.after], [null, null, published.after]);
    await correct(address, { ...entry('public'), reason: 'announced' });
    await step(['outlook corrected'], ['outlook corrected']);
    await correct(address, { ...entry('internal', { note_en: 'a secret note' }), reason: 'hush' });
    await step(['outlook voided'], ['outlook corrected']);
    await withdraw(address);
    await step([], ['outlook voided']);
    const { items } = await readOn('/v1/changes');
    assert.doesNotMatch(JSON.stringify(items), /a secret|hush/);
    // Cursors reveal nothing either: the numbers of public entries within a revision have no gap.
    assert.equal(sql(holder.register.database, `select count(*)
        from (select number, row_number() over (partition by at order by number) as nth
                from register.change where audience <> 'internal'
                 and at in (select at from register.revision_log)) as seen
       where number <> nth`), '0');
    // A read with the scope is not cached; a read without it is.
    const answer = await get(secretariat, inside);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
});
