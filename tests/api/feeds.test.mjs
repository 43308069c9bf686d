// The changes as Atom and the days of effect as iCalendar: read by readers that others wrote, and held
// to the words of their RFCs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { parseAtomFeed } from 'feedsmith';
import ICAL from 'ical.js';
import { Register, act, eventually, sleep, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, more) => holder.register.call('GET', address, more);
const { write } = holder;
const tag = async (address) => (await get(address)).headers.get('etag');

// Atom -----------------------------------------------------------------------------------------

async function feed(address) {
    const { status, text } = await get(address);
    assert.equal(status, 200);
    const parsed = parseAtomFeed(text);
    // RFC 4287 §4.1.1 and §4.1.2: what a feed and an entry must have, and when it was in UTC.
    for (const one of [parsed, ...parsed.entries ?? []]) {
        assert.match(one.id, /^urn:uuid:[0-9a-f-]{36}$/);
        assert.ok(one.title && one.authors.length === 1);
        assert.match(one.updated, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    }
    for (const entry of parsed.entries ?? []) {
        assert.ok(entry.summary && entry.links.length === 1 && entry.categories.length === 1);
    }
    return {
        ...parsed,
        title: parsed.title.value,
        entries: (parsed.entries ?? []).map((entry) => ({
            ...entry, title: entry.title.value, summary: entry.summary.value })),
    };
}

const link = (parsed, relation, type = 'application/atom+xml') => parsed.links.find((one) =>
    one.rel === relation && one.type === type)?.href;

async function wholeFeed(address) {
    const entries = [];
    for (let next = address; next;) {
        const page = await feed(next);
        assert.equal(link(page, 'first'), link(await feed(link(page, 'first')), 'self'));
        entries.push(...page.entries);
        next = link(page, 'next');
    }
    return entries;
}

test('the feed has every public change once, newest first, whatever the size of its pages',
    async () => {
        await write('POST', '/v1/outlook', { state: 'FRA', stage: 'under_study', date: '2026-01-01',
            visibility: 'internal', note_en: 'a secret note' });
        await write('POST', '/v1/actions', act('PRT', 'signature', '2026-01-01'));
        const items = [];
        for (let next = '/v1/changes'; ;) {
            const { body } = await get(next);
            if (body.items.length === 0) {
                break;
            }
            items.push(...body.items);
            next = body.next;
        }
        const wanted = items.reverse().map(({ id, time, data }) =>
            [`urn:uuid:${id}`, time, data.category, data.recorded_by]);
        const seen = (entries) => entries.map(({ id, updated, categories, authors }) =>
            [id, updated, categories[0].term, authors[0].name]);
        for (const limit of [40, 100]) {
            assert.deepEqual(seen(await wholeFeed(`/v1/changes.atom?limit=${limit}`)), wanted);
        }
        const { text } = await get('/v1/changes.atom?limit=100');
        assert.doesNotMatch(text, /a secret/);
    });

test('each State has its feed, in English and French, under identifiers of their own', async () => {
    const { body: { items } } = await get('/v1/changes?state=ITA&limit=500');
    const english = await feed('/v1/changes.atom?state=IT');
    assert.equal(english.title, 'Changes in the register of ETS No. 144: Italy');
    assert.equal(english.entries.length, items.length);
    assert.equal(english.entries.at(-3).title, 'Italy: Ratification (recorded)');
    const ratified = english.entries.find(({ title }) => title === 'Italy: Ratification (recorded)');
    assert.equal(ratified.summary,
        'Done on 26 May 1994. Ratification deposited. Reason: Loaded from sql/data.');
    assert.equal(ratified.links[0].href, '/v1/actions/ITA-2');
    const french = await feed(english.links.find(({ hreflang }) => hreflang === 'fr').href);
    assert.equal(french.title, 'Changements au registre de la STE n° 144 : Italie');
    assert.deepEqual(french.entries.map(({ id }) => id), english.entries.map(({ id }) => id));
    assert.match(french.entries.find(({ title }) => title.startsWith('Italie : Partie')).summary,
        /À partir du 1er mai 1997 : Partie ; le chapitre C \(droit de vote\) ne s’applique pas\./);
    const ids = new Set();
    for (const query of ['', '?lang=fr', '?state=ITA', '?state=ITA&lang=fr', '?state=NLD']) {
        ids.add((await feed(`/v1/changes.atom${query}`)).id);
    }
    assert.equal(ids.size, 5);
    assert.equal((await feed('/v1/changes.atom?state=ita')).id, (await feed(
        '/v1/changes.atom?state=IT')).id, 'one State has one feed, however it is spelled');
    const unknown = await feed('/v1/changes.atom?state=XXX');
    assert.deepEqual(unknown.entries, []);
});

test('a feed is updated when it has a new entry, and not before', async () => {
    const italy = await get('/v1/changes.atom?state=ITA');
    const all = await feed('/v1/changes.atom');
    await write('POST', '/v1/actions', act('NOR', 'communication', '2026-02-01'));
    const again = await get('/v1/changes.atom?state=ITA',
        { headers: { 'If-None-Match': italy.headers.get('etag') } });
    assert.equal(again.status, 304);
    assert.ok((await feed('/v1/changes.atom')).updated > all.updated);
    assert.equal((await get('/v1/changes.atom?state=ITA')).headers.get('cache-status'),
        'ets144; hit');
    const head = await holder.register.call('HEAD', '/v1/changes.atom?state=ITA');
    assert.equal(head.headers.get('etag'), italy.headers.get('etag'));
});

test('every kind of change has its words in both languages', async () => {
    const address = '/v1/actions/NOR-4';
    const correct = async (json) => write('PUT', address, { ...json, state: undefined },
        { 'If-Match': await tag(address) });
    await correct(act('NOR', 'territorial_extension', '2026-02-02', { reason: 'it was <more> & "more"',
        territories: { covered: ['Svalbard'], left_out: [] } }));
    await write('DELETE', `${address}?reason=no`, undefined, { 'If-Match': await tag(address) });
    await write('POST', '/v1/calls', { reference: 'CG-TEST-9', body: 'congress', date: '2026-01-01',
        title_en: 'A call', title_fr: 'Un appel', asks_for: ['consent'], asks_en: 'To ratify.',
        asks_fr: 'De ratifier.', verification: 'single_source', sources: ['https://a.example'] });
    await write('POST', '/v1/outlook', { state: 'FRA', stage: 'bill_tabled', date: '2026-01-01',
        visibility: 'public', sources: ['https://a.example'], note_en: 'A bill.',
        next_step_fr: 'Un vote.' });
    const told = async (lang) => (await feed(`/v1/changes.atom?lang=${lang}&limit=6`)).entries
        .map(({ title, summary }) => `${title} | ${summary}`);
    assert.deepEqual(await told('en'), [
        'France: Bill tabled (recorded) | Bill tabled, as of 1 January 2026. A bill. Un vote.',
        'A call: Call (recorded) | To ratify.',
        'Norway: Party (changed) | From 5 May 1949: No action. From 5 February 1992: Signatory. '
            + 'From 27 July 1993: Contracting State. From 1 May 1997: Party; all chapters bind it. '
            + 'Reason: no',
        'Norway: Territorial extension (voided) | The register holds it no more. Before: Done on '
            + '2 February 2026. Territories covered: Svalbard. Reason: no',
        'Norway: Party (changed) | From 5 May 1949: No action. From 5 February 1992: Signatory. '
            + 'From 27 July 1993: Contracting State. From 1 May 1997: Party; all chapters bind it. '
            + 'Reason: it was <more> & "more"',
        'Norway: Territorial extension (corrected) | Done on 2 February 2026. Territories covered: '
            + 'Svalbard. Before: Done on 1 February 2026. Reason: it was <more> & "more"']);
    const french = await told('fr');
    assert.match(french[0], /^France : Projet de loi déposé \(enregistrement\) \| .*au 1er janvier 2026/);
    assert.match(french[1], /^Un appel : Appel \(enregistrement\) \| De ratifier\.$/);
    assert.match(french[3], /\(annulation\) \| Le registre ne le porte plus\. Auparavant : Fait le/);
});

test('a character that XML does not have is replaced', async () => {
    const text = '<b>&amp;</b> \uFFFE\uFFFF ]]> é \u{1F600}';
    await write('POST', '/v1/actions', act('SWE', 'communication', '2026-02-01',
        { summary_en: `${text}\ttab\nline`, reason: text }));
    const { entries: [entry] } = await feed('/v1/changes.atom?state=SWE&limit=1');
    const replaced = text.replace(/[\uFFFE\uFFFF]/g, '\uFFFD');
    assert.ok(entry.summary.includes(replaced), entry.summary);
    assert.ok(entry.summary.includes(`Reason: ${replaced}`));
    // The service refuses such a character, but the database may have it.
    sql(holder.register.database, String.raw`select register.operation_apply('record', 'action', null, '{"state": "SWE",
        "kind": "communication", "date": "2026-02-02", "verification": "single_source",
        "sources": ["https://a.example"], "summary_en": "a\u0001b\u001fc"}', 'tests')`);
    await eventually('the feed has the communication', async () =>
        (await feed('/v1/changes.atom?state=SWE&limit=1')).entries[0].summary
            .includes('a\uFFFDb\uFFFDc'));
});

test('a wrong request for a feed is refused with a problem document', async () => {
    const page = await feed('/v1/changes.atom?limit=1');
    const cursor = new URL(link(page, 'next'), 'http://a').searchParams.get('before');
    const forged = (values) => Buffer.from(JSON.stringify(values)).toString('base64url');
    const [bound, id] = JSON.parse(Buffer.from(cursor, 'base64url'));
    assert.equal((await get(`/v1/changes.atom?before=${forged([bound, id])}`)).status, 200);
    sql(holder.register.database, String.raw`select register.operation_apply('record', 'outlook', null, '{"state": "FRA",
        "stage": "under_study", "date": "2026-02-02", "visibility": "internal", "note_en": "x",
        "sources": []}', 'tests')`);
    const inside = sql(holder.register.database,
        "select id from register.change where audience = 'internal' limit 1");
    assert.match(inside, /^[0-9a-f-]{36}$/);
    // A time, an id that no entry has, that of an entry that is not public, a changed letter.
    for (const values of [[bound], [bound, null], [bound, 'x'],
        [bound, new Date().toISOString(), '1'], [bound, '00000000-0000-7000-8000-000000000000'],
        [bound, id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))], [bound, inside],
        ['x', id]]) {
        const { status, body } = await get(`/v1/changes.atom?before=${forged(values)}`);
        assert.equal(status, 400, values);
        assert.deepEqual(body.errors.map((fault) => fault.parameter), ['before']);
    }
    for (const query of ['before=x', `state=ITA&before=${cursor}`, 'limit=0', 'limit=101',
        'after=latest']) {
        assert.equal((await get(`/v1/changes.atom?${query}`)).status, 400, query);
    }
    for (const address of ['/v1/changes.atom', '/v1/calendar.ics']) {
        const { status, headers } = await get(address, { headers: { Accept: 'application/json' } });
        assert.equal(status, 406);
        assert.equal(headers.get('content-type'), 'application/problem+json');
    }
    assert.equal((await get('/v1/calendar.ics?as_of=2026-01-01')).status, 400);
});

test('where the service has an address and the data a licence, the links have them', async () => {
    const register = await Register.start({ ETS144_PUBLIC_URL: 'https://register.example',
        ETS144_LICENCE: 'https://licence.example/by' });
    const { text } = await register.call('GET', '/v1/changes.atom?limit=2');
    const parsed = parseAtomFeed(text);
    const licence = parsed.links.filter(({ rel }) => rel === 'license');
    assert.deepEqual(licence.map(({ href }) => href), ['https://licence.example/by']);
    for (const { href } of [...parsed.links.filter(({ rel }) => rel !== 'license'),
        ...parsed.entries.flatMap((entry) => entry.links)]) {
        assert.match(href, /^https:\/\/register\.example\/v1\//);
    }
    await register.stop();
});

// iCalendar ------------------------------------------------------------------------------------

async function calendar(query = '', more = {}) {
    const { status, text, headers } = await get(`/v1/calendar.ics${query}`, more);
    assert.equal(status, 200);
    // RFC 5545 §3.1: every line ends with CRLF and has 75 octets at most, cut between characters.
    assert.ok(text.endsWith('END:VCALENDAR\r\n'));
    const bytes = Buffer.from(text);
    for (const line of text.slice(0, -2).split('\r\n')) {
        assert.ok(Buffer.byteLength(line) <= 75, line);
        assert.doesNotMatch(line, /[\r\n\u0000-\u0008\u007f\ufffd]/);
    }
    assert.equal(bytes.toString('utf8'), text);
    const root = new ICAL.Component(ICAL.parse(text));
    assert.equal(root.getFirstPropertyValue('version'), '2.0');
    assert.ok(root.getFirstPropertyValue('prodid'));
    const events = root.getAllSubcomponents('vevent').map((component) => {
        const event = new ICAL.Event(component);
        // §3.6.1: what an event must have; a day, and no time of it.
        assert.ok(event.uid && event.startDate.isDate && event.summary && event.description);
        assert.equal(event.duration.toString(), 'P1D');
        assert.ok(!component.getFirstPropertyValue('dtstamp').isDate);
        assert.equal(component.getFirstPropertyValue('transp'), 'TRANSPARENT');
        return { uid: event.uid, day: event.startDate.toString(), summary: event.summary,
            description: event.description,
            stamp: component.getFirstPropertyValue('dtstamp').toString() };
    });
    assert.equal(new Set(events.map(({ uid }) => uid)).size, events.length);
    // A property that the reader does not know is left as it was written.
    const name = root.getFirstPropertyValue('name').replace(/\\(.)/g, '$1');
    return { name, events, text, headers };
}

test('the calendar has the effective day of every action', async () => {
    const { body: { items } } = await get('/v1/actions?limit=500');
    const { events } = await calendar();
    const convention = events.filter(({ summary }) => summary === 'ETS No. 144 enters into force');
    assert.deepEqual(convention.map(({ day }) => day), ['1997-05-01']);
    assert.deepEqual(
        events.filter((event) => event !== convention[0]).map(({ day }) => day).sort(),
        items.map(({ effective_on: day }) => day).filter((day) => day !== null).sort());
    assert.deepEqual(events.map(({ day }) => day), events.map(({ day }) => day).sort());
});

test('one State\'s calendar, in both languages, under the same identifiers', async () => {
    const english = await calendar('?state=IT');
    assert.equal(english.name, 'ETS No. 144: days of effect, Italy');
    assert.deepEqual(english.events.map(({ day, summary }) => `${day} ${summary}`), [
        '1997-05-01 Italy: ETS No. 144 enters into force',
        '1997-05-01 Italy: Exclusion of chapters takes effect']);
    const french = await calendar('?state=ITA&lang=fr');
    assert.deepEqual(french.events.map(({ uid, summary }) => `${uid} ${summary}`), [
        `${english.events[0].uid} Italie : la STE n° 144 entre en vigueur`,
        `${english.events[1].uid} Italie : prise d’effet, Exclusion de chapitres`]);
    assert.match(french.events[1].description, /^Ce qui est déclaré à la signature.* ; le chapitre C/);
    assert.deepEqual((await calendar('?state=XXX')).events, []);
});

test('days to come are there, and move under the same identifier', async () => {
    await write('POST', '/v1/actions', act('NLD', 'territorial_extension', '2026-11-01',
        { territories: { covered: ['Aruba'], left_out: [] }, summary_en:
            'Aruba; and, if need be: "Curaçao" \\ Sint Maarten.\nTold in a note of nineteen words so that '
            + 'it has to be folded: ééééééééééééééééééééééééééééééééééééééééé €€€€€€€€€€ \u{1F600}.' }));
    const address = '/v1/actions/NLD-6';
    const find = async () => (await calendar('?state=NLD')).events
        .find(({ summary }) => summary === 'Netherlands: Territorial extension takes effect');
    const first = await find();
    assert.equal(first.day, '2027-03-01');
    assert.ok(first.description.includes('Aruba; and, if need be: "Curaçao" \\ Sint Maarten.\nTold'));
    assert.ok(first.description.endsWith('éé €€€€€€€€€€ \u{1F600}.'));
    await write('PUT', address, { ...act('NLD', 'territorial_extension', '2026-10-31', { reason: 'x',
        territories: { covered: ['Aruba'], left_out: [] } }), state: undefined },
    { 'If-Match': await tag(address) });
    const moved = await find();
    assert.deepEqual([moved.uid, moved.day], [first.uid, '2027-02-01']);
    assert.ok(moved.stamp >= first.stamp);
    await write('DELETE', `${address}?reason=no`, undefined, { 'If-Match': await tag(address) });
    assert.equal(await find(), undefined);
});

test('the bytes of a calendar change only with its days', async () => {
    const before_ = await calendar('?state=ITA');
    const all = await calendar();
    const { body: { known_at: known } } = await get('/v1/states');
    await write('POST', '/v1/actions', act('PRT', 'ratification', '2026-02-01'));
    const again = await get('/v1/calendar.ics?state=ITA',
        { headers: { 'If-None-Match': before_.headers.get('etag') } });
    assert.equal(again.status, 304);
    const now = await calendar();
    assert.equal(now.events.length, all.events.length + 1);
    assert.deepEqual(now.events.filter(({ summary }) => !summary.startsWith('Portugal')), all.events);
    assert.equal((await get('/v1/calendar.ics')).headers.get('cache-status'), 'ets144; hit');
    // As it was known before.
    const then = await calendar(`?known_at=${known}`);
    assert.equal(then.text, all.text);
    assert.ok(then.headers.get('memento-datetime'));
});

test('an entry into force that moves moves the day and the stamp of whatever hangs on it', async () => {
    const address = '/v1/actions/PRT-2';
    await write('POST', '/v1/actions', act('PRT', 'declaration', '2026-02-01'));
    const find = async () => (await calendar('?state=PRT')).events;
    const first = await find();
    assert.deepEqual(first.map(({ day }) => day), ['2026-06-01', '2026-06-01']);
    await sleep(1100);
    await write('PUT', address, { ...act('PRT', 'ratification', '2026-03-01', { reason: 'x' }),
        state: undefined }, { 'If-Match': await tag(address) });
    const moved = await find();
    assert.deepEqual(moved.map(({ uid, day }) => `${uid} ${day}`).sort(),
        first.map(({ uid }) => `${uid} 2026-07-01`).sort());
    assert.ok(moved.every(({ stamp }) => first.every((one) => stamp > one.stamp)));
});

test('feed and calendar are sent in the content coding that a client accepts', async () => {
    for (const address of ['/v1/changes.atom', '/v1/calendar.ics']) {
        const plain = await get(address);
        const response = await fetch(`http://127.0.0.1:${holder.register.port}${address}`,
            { headers: { 'Accept-Encoding': 'br' } });
        assert.equal(response.headers.get('content-encoding'), 'br');
        assert.equal(await response.text(), plain.text);
        const raw = await holder.register.exchange(`GET ${address} HTTP/1.1\r\nHost: a\r\n`
            + 'Accept-Encoding: gzip\r\nConnection: close\r\n\r\n', 5000);
        const body = Buffer.from(raw.slice(raw.indexOf('\r\n\r\n') + 4), 'latin1');
        assert.equal(gunzipSync(body).toString('utf8'), plain.text);
    }
});
