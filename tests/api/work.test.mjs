// The secretariat's daily work: consequences beforehand, calls and progress, the outlook, and the
// register's own past.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, source, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, options) => holder.register.call('GET', address, options);
const write = (method, address, json, headers = {}) =>
    holder.register.call(method, address, { json, headers, token: holder.token });

const brief = ({ status, chapters, in_force_on, projected_status }) =>
    ({ status, chapters, in_force_on, projected_status });
const changes = (answer) => answer.body.consequences.changes.map((one) =>
    `${one.state} ${one.field} ${one.from ?? ''}..${one.until ?? ''}`);

test('a dry run shows the consequences, and recording shows the same', async () => {
    const ratification = act('GBR', 'ratification', '2026-10-05');
    const dry = await write('POST', '/v1/actions?dry_run=true', ratification);
    assert.equal(dry.status, 200);
    assert.equal(holder.register.revision(), 1);
    const [britain, ...others] = dry.body.consequences.states;
    assert.deepEqual(others, []);
    assert.deepEqual([britain.before, britain.after].map(brief), [
        { status: 'signatory', chapters: [], in_force_on: null, projected_status: 'signatory' },
        { status: 'contracting_state', chapters: [], in_force_on: '2027-02-01',
            projected_status: 'party' }]);
    assert.deepEqual(britain.after.projected.chapters, ['A', 'B', 'C']);
    assert.deepEqual(changes(dry), [
        'GBR consent 2026-10-05..', 'GBR in_force_on 2026-10-05..', 'GBR status 2026-10-05..2027-02-01',
        'GBR chapters 2027-02-01..', 'GBR status 2027-02-01..']);
    assert.deepEqual(dry.body.consequences.effective_dates, [{ action: 'GBR-2', state: 'GBR',
        kind: 'ratification', before: null, after: '2027-02-01', rule: 'three_months',
        article: '12(2)' }]);
    assert.deepEqual(dry.body.consequences.entry_into_force,
        { before: '1997-05-01', after: '1997-05-01', moves: false });
    const key = { 'Idempotency-Key': 'gbr' };
    const done = await write('POST', '/v1/actions', ratification, key);
    assert.equal(done.status, 201);
    assert.deepEqual(done.body.consequences, dry.body.consequences);
    const again = await write('POST', '/v1/actions', ratification, key);
    assert.equal(again.text, done.text);
    const certain = await get('/v1/states/GBR?as_of=2027-02-01');
    assert.equal(certain.body.status, 'party');
    assert.equal(certain.body.projected, true);
});

// The consequences of a package that is tried.
const consequencesOf = async (...documents) => {
    const { status, body, text } = await write('POST', '/v1/changesets?dry_run=true', { reason: 'Tried.',
        operations: documents.map((document) => ({ op: 'record', type: 'action', document })) });
    assert.equal(status, 200, text);
    for (const state of body.consequences.states) {
        assert.notDeepEqual(state.before, state.after);
    }
    for (const change of body.consequences.changes) {
        assert.notDeepEqual(change.before, change.after);
    }
    return body.consequences;
};

test('a package shows the chapters as they will bind, and its territories', async () => {
    const { states: [austria, ...others], changes: differences } = await consequencesOf(
        act('AUT', 'signature', '2026-11-10'), act('AUT', 'ratification', '2026-11-10'),
        act('AUT', 'chapter_exclusion', '2026-11-10', { chapters: ['C'] }),
        act('AUT', 'territorial_declaration', '2026-11-10',
            { territories: { covered: ['Tyrol'], left_out: [] } }));
    assert.deepEqual(others, []);
    assert.deepEqual([austria.state, austria.after.status, austria.after.chapters],
        ['AUT', 'contracting_state', []]);
    assert.deepEqual(austria.before.projected.chapters, []);
    assert.deepEqual(austria.after.projected.chapters, ['A', 'B']);
    assert.deepEqual(austria.after.territories, { covered: ['Tyrol'], left_out: [] });
    const { name, ...binding } = differences.find(({ field }) => field === 'chapters');
    assert.deepEqual(binding, { state: 'AUT', field: 'chapters', from: '2027-03-01', until: null,
        before: [], after: ['A', 'B'] });
});

test('a derogation, a denunciation and an extension show what they change, and when', async () => {
    const first = async (...documents) => (await consequencesOf(...documents)).states;
    const [italy] = await first(act('ITA', 'derogation', '2026-11-01'));
    assert.deepEqual([italy.before.in_derogation, italy.after.in_derogation], [false, true]);
    const [norway] = await first(act('NOR', 'denunciation', '2026-11-02'));
    assert.equal(norway.before.denunciation, null);
    assert.deepEqual([norway.after.status, norway.after.denunciation.effective_on],
        ['party_denouncing', '2027-06-01']);
    assert.deepEqual([norway.after.projected.status, norway.after.projected.chapters],
        ['former_party', []]);
    const [denmark] = await first(act('DNK', 'territorial_extension', '2026-11-03',
        { territories: { covered: ['FO'], left_out: [] } }));
    assert.deepEqual(denmark.before.territories, denmark.after.territories);
    assert.ok(denmark.before.projected.territories.left_out.includes('FO'));
    assert.ok(denmark.after.projected.territories.covered.includes('FO'));
    // What is over changes no row of today: only the days are shown.
    const past = await consequencesOf(act('SWE', 'derogation', '2010-03-01'),
        act('SWE', 'derogation_end', '2011-03-01'));
    assert.deepEqual(past.states, []);
    assert.deepEqual(past.changes.map(({ field, from, until, after: to }) => [field, from, until, to]),
        [['in_derogation', '2010-03-01', '2011-03-01', true]]);
    const none = await consequencesOf(act('SWE', 'communication', '2010-03-01'));
    assert.deepEqual([none.states, none.changes], [[], []]);
});

test('a correction and a void show what they change, also if it is nothing', async () => {
    const before_ = await get('/v1/actions/FIN-3');
    const { etag } = Object.fromEntries(before_.headers);
    const right = { kind: 'declaration', date: '2001-01-12', verification: 'single_source',
        articles: ['15'], sources: [source], published_effective_date: '2001-05-01',
        reason: 'misprint' };
    const corrected = await write('PUT', '/v1/actions/FIN-3', right, { 'If-Match': etag });
    assert.deepEqual(corrected.body.consequences.anomalies.go.map((gone) => gone.code).sort(),
        ['effective_before_bound', 'effective_date_differs']);
    const same = await write('PUT', '/v1/actions/FIN-3', right, { 'If-Match': '*' });
    assert.equal(same.body.action.version, 2);
    assert.deepEqual(same.body.consequences.anomalies, { appear: [], go: [] });
    const removed = await write('DELETE', '/v1/actions/NLD-5?reason=x&dry_run=true', undefined,
        { 'If-Match': '*' });
    assert.ok(removed.body.dry_run);
});

test('the past is answered byte for byte, by known_at and by Accept-Datetime', async () => {
    const addresses = ['/v1/states', '/v1/convention', '/v1/statistics', '/v1/anomalies',
        '/v1/actions', '/v1/calls', '/v1/calls/CG-REC-304/progress', '/v1/outlook',
        '/v1/states/ALB/explanation', '/v1/statistics/series', '/v1/states/ALB'];
    const kept = new Map();
    for (const address of addresses) {
        kept.set(address, await get(address));
    }
    const moment = kept.get('/v1/states').body.known_at;
    assert.equal((await write('POST', '/v1/actions', act('PRT', 'signature', '2026-11-01')))
        .status, 201);
    assert.equal((await write('POST', '/v1/outlook', { state: 'FRA', stage: 'under_study',
        date: '2026-01-01', visibility: 'public', sources: [source] })).status, 201);
    for (const [address, then] of kept) {
        const now = await get(address);
        if (address !== '/v1/states/ALB') {
            assert.notEqual(now.text, then.text, address);
        }
        const past = await get(`${address}?known_at=${moment}`);
        assert.equal(past.text, then.text, address);
        assert.equal(past.headers.get('etag'), then.headers.get('etag'));
        assert.match(past.headers.get('link'), /rel="original timegate"/);
        assert.equal(new Date(past.headers.get('memento-datetime')).getTime(),
            Math.floor(new Date(moment).getTime() / 1000) * 1000);
        assert.equal(past.headers.get('cache-control'), 'no-cache');
    }
    const before_ = await get('/v1/states', {
        headers: { 'Accept-Datetime': 'Tue, 01 Jan 2019 00:00:00 GMT' } });
    assert.equal(before_.body.revision, 0);
    assert.deepEqual(before_.body.items, []);
    // Whatever was asked, what is named is the revision that answered, and it answers the same.
    for (const asked of ['Tue, 01 Jan 2019 00:00:00 GMT', 'Tue, 01 Jan 2999 00:00:00 GMT']) {
        const answered = await get('/v1/states?sort=name',
            { headers: { 'Accept-Datetime': asked } });
        const named = await get(answered.headers.get('content-location'));
        assert.equal(named.status, 200, named.text);
        assert.equal(named.text, answered.text);
    }
    assert.match(before_.headers.get('vary'), /Accept-Datetime/);
    // A past moment is cached as an entry of its own, with the same headers.
    for (let i = 0; i < 3; i++) {
        const again = await get('/v1/states', {
            headers: { 'Accept-Datetime': 'Tue, 01 Jan 2019 00:00:00 GMT' } });
        for (const name of ['memento-datetime', 'content-location', 'link', 'etag']) {
            assert.equal(again.headers.get(name), before_.headers.get(name));
        }
        assert.equal(again.headers.get('cache-status'), 'ets144; hit');
        assert.notEqual((await get('/v1/states')).text, before_.text);
    }
    const settled = await get('/v1/states?as_of=2019-01-01&known_at=2020-01-01T00:00:00Z');
    assert.equal(settled.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    for (const wrong of ['yesterday', 'Mon, 01 Jan 2019 00:00:00 GMT',
        'Sun, 31 Feb 2019 00:00:00 GMT']) {
        const refused = await get('/v1/states', { headers: { 'Accept-Datetime': wrong } });
        assert.equal(refused.status, 400);
        assert.equal(refused.body.errors[0].header, 'Accept-Datetime');
    }
});

test('a State\'s status is explained step by step, in both languages', async () => {
    const { body } = await get('/v1/states/al/explanation');
    assert.equal(body.sentence, 'Albania has been a Party since 1 November 2005; ' +
        'Chapter C (voting rights) does not bind it.');
    const ratification = body.actions.find((action) => action.kind === 'ratification');
    assert.deepEqual(ratification.articles, ['11', '12(2)']);
    assert.deepEqual(ratification.steps.map((step) => step.day),
        ['2005-07-19', '2005-10-19', '2005-11-01', '2005-11-01']);
    const french = await get('/v1/states/ALB/explanation?lang=fr');
    assert.equal(french.body.sentence, 'L’Albanie est Partie depuis le 1er novembre 2005 ; ' +
        'le chapitre C (droit de vote) ne s’applique pas.');
    assert.equal((await get('/v1/states/XXX/explanation')).status, 404);
});

test('statistics count the members of the day, and leave out unconfirmed days', async () => {
    const { body } = await get('/v1/statistics?as_of=2020-01-01');
    assert.equal(body.members, 47);
    assert.deepEqual(body.statuses.party, { states: 9, members: 9, share_of_members: 0.1915 });
    assert.equal(body.chapters.C.parties, 6);
    assert.deepEqual(body.waiting.map((state) => state.state), ['GBR', 'CYP', 'SVN', 'LTU']);
    assert.deepEqual([body.signature_to_consent.counted, body.signature_to_consent.left_out,
        body.signature_to_consent.median_days], [1, 8, 5518]);
    const series = await get('/v1/statistics/series?as_of=2021-06-30');
    assert.equal(series.body.items[0].period, '1992');
    assert.equal(series.body.items.length, 30);
    assert.equal(series.body.items.at(-1).as_of, '2021-06-30');
    // However far ahead is asked, there is no more to say than what is certain.
    const ahead = await get('/v1/statistics/series?by=month&as_of=2999-12-31');
    assert.equal(ahead.status, 200);
    assert.ok(ahead.body.items.length < 600);
    const all = new Map(ahead.body.items.map((month) => [month.period, month]));
    for (const { period, as_of: end, ...year } of series.body.items.slice(0, -1)) {
        const { period: month, as_of: last, ...december } = all.get(`${period}-12`);
        assert.deepEqual(december, year);
        assert.equal(last, end);
    }
    const months = await get('/v1/statistics/series?by=month&from=1997-03-01&to=1997-05-31');
    assert.deepEqual(months.body.items.map((month) => [month.period, month.parties]),
        [['1997-03', 0], ['1997-04', 0], ['1997-05', 4]]);
});

test('a call is recorded, corrected, voided; its progress shows what remains', async () => {
    const call = { reference: 'cg-test-1', body: 'congress', date: '2012-01-01', title_en: 'A call',
        title_fr: 'Un appel', asks_for: ['consent'], asks_en: 'To ratify.',
        asks_fr: 'De ratifier.', verification: 'single_source', sources: [source] };
    const { reference, ...content } = call;
    const made = await write('POST', '/v1/calls', call);
    assert.equal(made.headers.get('location'), '/v1/calls/CG-TEST-1');
    const shown = await get('/v1/calls/cg-test-1?lang=fr');
    assert.equal(shown.body.title, 'Un appel');
    assert.equal(shown.headers.get('content-location'), '/v1/calls/CG-TEST-1?lang=fr');
    const progress = await get('/v1/calls/CG-TEST-1/progress?as_of=2020-01-01');
    assert.deepEqual(progress.body.counts, { addressed: 39, signed_since: 0, consented_since: 1,
        complete: 1, remaining: 38 });
    const [czech] = progress.body.items.filter((item) => item.state === 'CZE');
    assert.deepEqual(czech.remains, []);
    assert.deepEqual(czech.since.map((action) => action.kind),
        ['ratification', 'chapter_exclusion']);
    assert.equal((await get('/v1/calls/CG-TEST-1/progress?as_of=2011-12-31')).status, 404);
    assert.equal((await write('PUT', '/v1/calls/CG-TEST-1', { ...content, reason: 'x' })).status,
        428);
    const corrected = await write('PUT', '/v1/calls/CG-TEST-1',
        { ...content, clause: '7', reason: 'found' }, { 'If-Match': made.headers.get('etag') });
    assert.equal(corrected.body.call.version, 2);
    assert.equal((await write('DELETE', '/v1/calls/CG-TEST-1?reason=x', undefined,
        { 'If-Match': made.headers.get('etag') })).status, 412);
});

test('an internal entry that is sent again with its key is answered alike', async () => {
    const token = await holder.register.token('notes-only', 'outlook:write');
    const send = () => holder.register.call('POST', '/v1/outlook', { token, headers: { 'Idempotency-Key': 'note' },
        json: { state: 'MCO', stage: 'no_plan', date: '2026-02-02', visibility: 'internal', sources: [source] } });
    const first = await send();
    assert.equal(first.status, 201, first.text);
    const again = await send();
    assert.equal(again.status, 201, again.text);
    assert.equal(again.text, first.text);
});

test('a published entry tells nothing of the time when it was internal', async () => {
    const entry = (more) => ({ stage: 'no_plan', date: '2026-02-01', visibility: 'internal',
        note_en: 'Said in confidence.', sources: [source], ...more });
    const put = (address, json, token = holder.token) => holder.register.call('PUT', address,
        { token, json: { reason: 'why', ...json }, headers: { 'If-Match': '*' } });
    const feed = async (token) => (await get('/v1/changes?category=outlook&state=AND&limit=500',
        { token })).body.items.map(({ data }) => [data.event, data.version, data.reason,
        data.before?.note_en ?? null, data.after?.note_en ?? null]);
    const made = await write('POST', '/v1/outlook', entry({ state: 'AND' }));
    const address = made.headers.get('location');
    assert.match(address, /-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/, 'a reference without a time');
    for (const note of ['Second.', 'Third.']) {
        assert.equal((await put(address, entry({ note_en: note }))).body.entry.version,
            note === 'Second.' ? 2 : 3);
    }
    assert.deepEqual(await feed(), []);
    const published = await put(address, entry({ visibility: 'public', note_en: 'Announced.' }));
    assert.equal(published.body.entry.version, 4);
    const shown = await get(address);
    assert.equal(shown.body.version, 1);
    assert.equal(shown.body.recorded_at, published.body.entry.recorded_at);
    assert.deepEqual(await feed(), [['recorded', 1, null, null, 'Announced.']]);

    // To the public it looks like an entry that was never internal.
    const other = await write('POST', '/v1/outlook', entry({ state: 'SMR', visibility: 'public',
        note_en: 'Announced.' }));
    const plain = await get(other.headers.get('location'));
    const masked = ({ body: { reference, state, recorded_at, links, ...rest } }) => rest;
    assert.deepEqual(masked(shown), masked(plain));

    // Corrected by who may not read what is internal: numbers and tags are the public's.
    const blind = await holder.register.token('corrector', 'outlook:write');
    const corrected = await put(address, entry({ visibility: 'public', note_en: 'More.' }), blind);
    assert.equal(corrected.status, 200, corrected.text);
    assert.equal(corrected.body.entry.version, 2);
    const now = await get(address);
    assert.equal(corrected.headers.get('etag'), now.headers.get('etag'));
    assert.equal(now.body.version, 2);
    assert.deepEqual((await feed()).at(-1), ['corrected', 2, 'why', 'Announced.', 'More.']);
    assert.deepEqual((await feed(holder.token)).map(([, version]) => version), [1, 2, 3, 4, 5]);
    assert.equal((await put(address, entry({}), blind)).status, 403);

    // Hidden and published again: each is a change that the public sees.
    assert.equal((await put(address, entry({}))).body.entry.version, 6);
    assert.equal((await get(address)).status, 404);
    assert.equal((await put(address, entry({ note_en: 'Quietly.' }))).body.entry.version, 7);
    await put(address, entry({ visibility: 'public', note_en: 'Again.' }));
    assert.equal((await get(address)).body.version, 4);
    assert.deepEqual((await feed()).map(([event, version]) => [event, version]),
        [['recorded', 1], ['corrected', 2], ['voided', 3], ['recorded', 4]]);
    const atom = await get('/v1/changes.atom?state=AND');
    assert.ok(!/confidence|Second|Third|Quietly/.test(atom.text));
});

test('internal entries are absent without outlook:read: lists, counts, tags and revision', async () => {
    const addresses = ['/v1/outlook', '/v1/states/ESP/outlook', '/v1/states', '/v1/convention',
        '/v1/outlook?stage=consultation'];
    const before_ = [];
    for (const address of addresses) {
        before_.push(await get(address));
    }
    const revision = holder.register.revision();
    const made = await write('POST', '/v1/outlook', { state: 'ESP', stage: 'consultation',
        date: '2026-02-01', visibility: 'internal', note_en: 'Said in confidence.' });
    assert.equal(made.status, 201);
    assert.equal(holder.register.revision(), revision);
    for (const [i, address] of addresses.entries()) {
        const now = await get(address);
        assert.equal(now.text, before_[i].text, address);
        assert.equal(now.headers.get('etag'), before_[i].headers.get('etag'), address);
    }
    const address = made.headers.get('location');
    assert.equal((await get(address)).status, 404);
    // Nor does it come to light with the next revision that everyone sees.
    assert.equal((await write('POST', '/v1/actions', act('BEL', 'signature', '2026-01-01'))).status,
        201);
    assert.equal((await get(address)).status, 404);
    assert.equal((await get('/v1/states/ESP/outlook')).body.items.length, 0);
    const seen = await get(address, { token: holder.token });
    assert.equal(seen.body.note, 'Said in confidence.');
    assert.equal(seen.headers.get('cache-control'), 'no-store');
    assert.match(seen.headers.get('vary'), /Authorization/);
    const list = await get('/v1/outlook?stage=consultation', { token: holder.token });
    assert.deepEqual(list.body.items.map((item) => item.state), ['ESP']);
    assert.equal((await get('/v1/states/ESP/outlook', { token: holder.token })).body.items.length, 1);
    const reader = await holder.register.token('reader', 'calls:write');
    assert.equal((await get(address, { token: reader })).status, 404);
    assert.equal((await get('/v1/outlook', { token: 'ets144_wrong' })).status, 401);
    // A token that may write but not read it can neither change it, nor find out that it exists.
    const blind = await holder.register.token('blind', 'outlook:write');
    for (const suffix of ['', '&dry_run=true']) {
        for (const condition of ['*', '"0"', seen.headers.get('etag')]) {
            const voided = await holder.register.call('DELETE', `${address}?reason=x${suffix}`,
                { token: blind, headers: { 'If-Match': condition } });
            assert.equal(voided.status, 404, voided.text);
            const corrected = await holder.register.call('PUT', `${address}?${suffix.slice(1)}`, { token: blind,
                headers: { 'If-Match': condition }, json: { stage: 'no_plan', date: '2026-03-01',
                    visibility: 'public', sources: [source], reason: 'x' } });
            assert.equal(corrected.status, 404, corrected.text);
        }
    }
    // What they write themselves they see.
    const own = await holder.register.call('POST', '/v1/outlook', { token: blind, json: { state: 'PRT',
        stage: 'consultation', date: '2026-02-01', visibility: 'internal', note_en: 'Mine.' } });
    assert.equal(own.status, 201, own.text);
    assert.equal(own.body.entry.note, 'Mine.');
    // The secretariat's response is cached for no other token.
    assert.equal((await get('/v1/outlook?stage=consultation')).body.items.length, 0);
    const published = await write('PUT', address, { stage: 'bill_tabled', date: '2026-03-01',
        visibility: 'public', sources: [source], reason: 'announced' },
    { 'If-Match': seen.headers.get('etag') });
    assert.equal(published.status, 200, published.text);
    assert.equal(holder.register.revision(), revision + 2);
    assert.equal((await get('/v1/states/ESP/outlook')).body.items[0].stage, 'bill_tabled');
    assert.equal((await write('DELETE', `${address}?reason=x`, undefined, { 'If-Match': '*' }))
        .status, 200);
});

test('every code that an answer shows is in the vocabulary, and links lead there', async () => {
    const { body: words } = await get('/v1/vocabulary');
    const follow = (link) => link.split('#/')[1].split('/').reduce((at, name) => at[name], words);
    for (const address of ['/v1/states/ITA', '/v1/actions/ITA-2', '/v1/calls/CG-REC-304']) {
        const { body } = await get(address);
        for (const link of Object.values(body.links)) {
            if (link.includes('#')) {
                assert.ok(follow(link).definition, link);
            } else {
                assert.equal((await get(link)).status, 200, link);
            }
        }
    }
    const { body: anomalies } = await get('/v1/anomalies');
    anomalies.items.forEach((item) => assert.ok(words.anomalies[item.code], item.code));
});

// Words that are English and not French; names of things keep their own language.
const english = /\b(the|of|and|is|are|was|has|not|by|which|its|with|for|from|must|this|been)\b/i;
const sentences = (node, path = '') => (typeof node === 'string' ? [[path, node]]
    : node && typeof node === 'object'
        ? Object.entries(node).flatMap(([name, value]) => sentences(value, `${path}/${name}`)) : []);

test('no English is left in a French answer', async () => {
    const problems = (await get('/openapi.json')).body.components.schemas.RuleType.enum;
    const addresses = ['/v1/convention', '/v1/states', '/v1/states/ITA', '/v1/actions?limit=500',
        '/v1/anomalies', '/v1/statistics', '/v1/calls', '/v1/calls/CG-REC-304/progress',
        '/v1/outlook', '/v1/vocabulary', '/v1/nothing', '/v1/states?colour=red&as_of=x', ...problems];
    for (const { code } of (await get('/v1/states')).body.items) {
        addresses.push(`/v1/states/${code}/explanation`);
    }
    for (const address of addresses) {
        const mark = address.includes('?') ? '&' : '?';
        const french = await get(`${address}${mark}lang=fr`,
            { headers: { Accept: 'application/json' } });
        assert.equal(french.headers.get('content-language'), 'fr');
        for (const [path, text] of sentences(french.body)) {
            // The recorded English text is a member beside the French.
            if (text.includes(' ') && !text.startsWith('http') && !path.endsWith('_en')) {
                assert.doesNotMatch(text, english, `${address} ${path}`);
            }
        }
    }
});
