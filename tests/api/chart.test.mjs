// The chart of signatures and ratifications, as JSON, as a table and as a page.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { act, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after }, { ETS144_PUBLIC_URL: 'https://register.example',
    ETS144_LICENCE: 'https://licence.example/?a=1&b=2' });
const get = (address, options) => holder.register.call('GET', address, options);
const chart = async (more = '') => (await get(`/v1/chart?as_of=2026-11-24${more}`)).body;
const page = async (more = '') => (await get(`/v1/chart?format=html&as_of=2026-11-24${more}`)).text;
const of = ({ items }, code) => items.find(({ state }) => state === code);

// The cells of a State's row, as text.
function cells(html, name) {
    const row = html.split('<tr>').find((one) => one.startsWith(`<th scope="row">${name}</th>`));
    return row.match(/<td.*?<\/td>/g).map((cell) => cell.replaceAll(/<[^>]+>/g, ''));
}

test('members come first, in the order of their names in the language of the request', async () => {
    for (const [lang, first] of [['en', 'Albania'], ['fr', 'Albanie']]) {
        const { items } = await chart(`&lang=${lang}`);
        assert.equal(items.length, 46);
        assert.ok(items.every(({ member }) => member));
        const names = items.map(({ name }) => name);
        assert.equal(names[0], first);
        assert.deepEqual(names, [...names].sort(new Intl.Collator(lang).compare));
    }
});

test('the totals are those of the States, and agree with the statistics', async () => {
    for (const asOf of ['2026-11-24', '2011-03-24', '1996-01-01', '1992-01-01']) {
        const { totals } = (await get(`/v1/chart?as_of=${asOf}`)).body;
        const { statuses } = (await get(`/v1/statistics?as_of=${asOf}`)).body;
        assert.equal(totals.signatures_not_followed_by_ratifications, statuses.signatory.states);
        assert.equal(totals.ratifications_or_accessions, statuses.party.states
            + statuses.contracting_state.states + statuses.party_denouncing.states, asOf);
    }
    assert.deepEqual((await chart()).totals,
        { ratifications_or_accessions: 9, signatures_not_followed_by_ratifications: 4 });
});

test('an unconfirmed day is nowhere shown as a date', async () => {
    const { body: { items: actions } } = await get('/v1/actions?verification=unconfirmed');
    const answer = await chart();
    const html = await page();
    const { text: csv } = await get('/v1/chart?format=csv&as_of=2026-11-24');
    let seen = 0;
    for (const { reference, date } of actions) {
        for (const item of answer.items) {
            for (const [place, column] of [['signature', 0], ['ratification', 1]]) {
                if (item[place]?.action === reference) {
                    assert.equal(item[place].date, null);
                    assert.equal(item[place].verification, 'unconfirmed');
                    assert.match(item.notes, /the day is not confirmed/);
                    assert.equal(cells(html, item.name)[column], 'not confirmed');
                    const row = csv.split('\r\n').find((line) => line.startsWith(item.state));
                    assert.doesNotMatch(row, new RegExp(`${reference},(ratification,)?${date}`));
                    seen++;
                }
            }
        }
    }
    assert.equal(seen, 12);
});

test('the letters are those of the law', async () => {
    const answer = await chart();
    const set = (code) => Object.entries(of(answer, code))
        .filter(([, value]) => value === true).map(([name]) => name).slice(1);
    assert.deepEqual(set('ITA'), ['reservations']);
    assert.deepEqual(set('NLD'), ['declarations', 'authorities', 'territorial_application']);
    assert.deepEqual(set('SVN'), []);
    const html = await page();
    assert.deepEqual(cells(html, 'Netherlands').slice(4), ['', 'X', 'X', 'X', '', '']);
    assert.deepEqual(cells(html, 'Italy').slice(4), ['X', '', '', '', '', '']);
});

test('the page has the facts of the Treaty Office\'s page, in English and in French', async () => {
    const english = await page();
    for (const text of ['Chart of signatures and ratifications', 'Status as of', '24 November 2026',
        'Members of the Council of Europe', 'Non-members of the Council of Europe',
        'Total number of ratifications/accessions</dt><dd>9</dd>',
        'Total number of signatures not followed by ratifications</dt><dd>4</dd>',
        'Declarations, Denunciations, Derogations', 'Chapter C (voting rights) does not bind it.']) {
        assert.ok(english.includes(text), text);
    }
    const columns = english.match(/<th scope="col".*?<\/th>/g)
        .map((column) => column.replaceAll(/<[^>]+>/g, ''));
    assert.deepEqual(columns, ['State', 'Signature', 'Ratification', 'Entry into force', 'Notes',
        'R.', 'D.', 'A.', 'T.', 'C.', 'O.']);
    assert.deepEqual(cells(english, 'Czech Republic').slice(0, 4),
        ['7 June 2000', '17 July 2015', '1 November 2015', '3']);
    const french = await page('&lang=fr');
    for (const text of ['<html lang="fr">', 'Situation au', '24 novembre 2026', 'Renvois',
        'Nombre total de signatures non suivies de ratifications</dt><dd>4</dd>']) {
        assert.ok(french.includes(text), text);
    }
    assert.deepEqual(cells(french, 'République tchèque').slice(0, 3),
        ['7 juin 2000', '17 juillet 2015', '1er novembre 2015']);
    assert.doesNotMatch(french.replace(/^[^]*<body>/, '').replaceAll(/<[^>]+>/g, ' '),
        /\b(the|of|and|is|are|not|by|day)\b/i);
    assert.doesNotMatch(english, /\b\d\d\/\d\d\/\d{4}\b/, 'no day that can be read in two ways');
});

test('each note is referred to by a row, and each reference has a note', async () => {
    const html = await page();
    const pointed = [...html.matchAll(/href="#(note-\d+)"/g)].map(([, id]) => id);
    const noted = [...html.matchAll(/<li id="(note-\d+)"/g)].map(([, id]) => id);
    assert.deepEqual(pointed, noted);
    assert.equal(noted.length, (await chart()).items.filter(({ notes }) => notes).length);
});

test('the page shows its origin, its moment and its licence, and its style is allowed by digest',
    async () => {
        const { text, headers } = await get('/v1/chart?format=html&as_of=2026-11-24');
        const { known_at: knownAt, revision } = await chart();
        assert.ok(text.includes(
            `https://register.example/v1/chart?as_of=2026-11-24&amp;known_at=${knownAt}`));
        assert.ok(text.includes(`revision ${revision}.`));
        assert.ok(text.includes('href="https://licence.example/?a=1&amp;b=2"'));
        assert.match(headers.get('link'), /<https:\/\/licence\.example\/\?a=1&b=2>; rel="license"/);
        const [, style] = /<style>([^]*)<\/style>/.exec(text);
        const digest = createHash('sha256').update(style).digest('base64');
        assert.ok(headers.get('content-security-policy').includes(`style-src 'sha256-${digest}'`));
        assert.doesNotMatch(text, /<script|style=| on[a-z]+=|javascript:/);
    });

test('the chart is of any day, as known at any moment', async () => {
    const { token, register } = holder;
    const { known_at: then } = (await get('/v1/chart')).body;
    assert.equal((await register.call('POST', '/v1/actions', { token,
        json: act('PRT', 'signature', '2020-01-07') })).status, 201);
    assert.equal((await register.call('POST', '/v1/actions', { token,
        json: act('PRT', 'approval', '2026-10-05', { summary_en: '<b>&"\'' }) })).status, 201);
    assert.equal((await register.call('POST', '/v1/actions', { token,
        json: act('RUS', 'communication', '2024-01-01') })).status, 201);
    const now = await chart();
    assert.equal(of(now, 'PRT').ratification.kind, 'approval');
    assert.equal(of(now, 'PRT').entry_into_force, '2027-02-01');
    assert.equal(of(now, 'PRT').notes, 'Approval.');
    assert.equal(of(now, 'RUS').member, false);
    assert.deepEqual(cells(await page(), 'Portugal').slice(0, 3),
        ['7 January 2020', '5 October 2026', '1 February 2027']);
    assert.match(await page(), /Non-members.*<\/th><\/tr>\n<tr><th scope="row">Russian Federation/);
    assert.equal(of(await chart(`&known_at=${then}`), 'PRT').signature, null);
    assert.equal((await get('/v1/chart?as_of=2019-12-31')).body.totals
        .signatures_not_followed_by_ratifications, 4);
    const first = await get('/v1/chart?as_of=1949-01-01');
    assert.deepEqual(first.body.items, []);
    assert.match((await get('/v1/chart?format=html&as_of=1949-01-01')).text, /<dd>0<\/dd>/);
});

test('an accession is marked, and a State that has ceased to be a Party is noted', async () => {
    const { token, register } = holder;
    const record = async (json) => {
        const written = await register.call('POST', '/v1/actions', { token, json });
        assert.equal(written.status, 201, written.text);
    };
    await record(act('RUS', 'accession', '2024-03-05'));
    await record(act('SWE', 'denunciation', '2024-01-15'));
    const html = await page();
    assert.equal(cells(html, 'Russian Federation')[1], '5 March 2024 a');
    assert.match(of(await chart(), 'SWE').notes, /not a Party any more since 1 August 2024\.$/);
    assert.equal(of(await chart(), 'SWE').declarations, true);
});

test('a browser gets the page, a program the data, and each its tag', async () => {
    const browser = await get('/v1/chart', { headers:
        { Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' } });
    assert.equal(browser.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(browser.headers.get('content-disposition'), null);
    const again = await get('/v1/chart?format=html');
    assert.equal(again.headers.get('etag'), browser.headers.get('etag'));
    assert.match(again.headers.get('cache-status'), /hit/);
    assert.equal(again.headers.get('content-security-policy'),
        browser.headers.get('content-security-policy'));
    const program = await get('/v1/chart');
    assert.equal(program.headers.get('content-type'), 'application/json');
    assert.notEqual(program.headers.get('etag'), again.headers.get('etag'));
    assert.equal((await get('/v1/chart?format=html',
        { headers: { 'If-None-Match': again.headers.get('etag') } })).status, 304);
});
