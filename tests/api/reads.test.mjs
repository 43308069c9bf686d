// Reading the real record.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, options) => holder.register.call('GET', address, options);

async function count(asOf) {
    const { body } = await get(`/v1/states?as_of=${asOf}`);
    const of = (status) => body.items.filter((item) => item.status === status).length;
    return { members: body.items.filter((item) => item.member).length, party: of('party'),
        signatory: of('signatory'), contracting: of('contracting_state') };
}

test('on 24 November 2026, of 46 members 9 are Parties and 4 signatories', async () => {
    assert.deepEqual(await count('2026-11-24'),
        { members: 46, party: 9, signatory: 4, contracting: 0 });
});

test('on the day of Recommendation 304, of 47 members 8 were Parties and 5 signatories', async () => {
    assert.deepEqual(await count('2011-03-24'),
        { members: 47, party: 8, signatory: 5, contracting: 0 });
});

test('the Convention entered into force on 1 May 1997 for four States', async () => {
    const eve = await count('1997-04-30');
    assert.equal(eve.contracting, 4);
    assert.equal(eve.party, 0);
    assert.equal((await count('1997-05-01')).party, 4);
    const { body } = await get('/v1/convention?as_of=1997-04-30');
    assert.equal(body.in_force_on, '1997-05-01');
    assert.equal(body.in_force, false);
    assert.equal(body.brought_into_force_by, 'NLD-2');
    assert.equal((await get('/v1/convention?as_of=1996-01-01')).body.in_force_on, null);
});

test('Albania and Italy are bound by A and B, the Czech Republic by A alone', async () => {
    for (const [code, chapters] of [['ALB', ['A', 'B']], ['ITA', ['A', 'B']], ['CZE', ['A']],
        ['NOR', ['A', 'B', 'C']], ['SVN', []]]) {
        assert.deepEqual((await get(`/v1/states/${code}`)).body.chapters, chapters, code);
    }
});

test('a State has its sources, and marks unconfirmed days', async () => {
    const { body } = await get('/v1/states/CYP');
    assert.equal(body.signature.verification, 'unconfirmed');
    assert.equal(body.signature.not_after, '2015-07-20');
    assert.deepEqual(body.signature.sources, ['https://rm.coe.int/168071aaee']);
    assert.equal(body.consent, null);
});

test('Denmark leaves out two territories, the Netherlands covers its European part', async () => {
    assert.deepEqual((await get('/v1/states/DNK')).body.territories,
        { covered: [], left_out: ['FO', 'GL'] });
    assert.deepEqual((await get('/v1/states/NLD')).body.territories,
        { covered: ['NL-Europe'], left_out: [] });
});

test('the list\'s element and the item are the same', async () => {
    const { body: list } = await get('/v1/states?as_of=2020-01-01');
    for (const element of list.items) {
        const { body: item } = await get(`/v1/states/${element.code}?as_of=2020-01-01`);
        const { links, ...same } = item;
        assert.deepEqual(same, { as_of: '2020-01-01', ...element });
        assert.equal(links.explanation, `/v1/states/${element.code}/explanation`);
    }
    const { body: actions } = await get('/v1/actions?limit=500');
    assert.equal(actions.items.length, 32);
    for (const element of actions.items) {
        const { links, ...same } = (await get(`/v1/actions/${element.reference}`)).body;
        assert.deepEqual(same, element);
        assert.equal(links.kind, `/v1/vocabulary#/kinds/${element.kind}`);
    }
});

test('a State is found by either code in any case, and has its canonical address', async () => {
    const canonical = await get('/v1/states/ITA');
    assert.equal(canonical.headers.get('content-location'), null);
    for (const spelling of ['ita', 'IT', 'it', 'Ita']) {
        const answer = await get(`/v1/states/${spelling}`);
        assert.equal(answer.headers.get('content-location'), '/v1/states/ITA?lang=en');
        assert.equal(answer.text, canonical.text);
    }
    assert.equal((await get('/v1/states/XXX')).status, 404);
    assert.equal((await get('/v1/actions/alb-2')).headers.get('content-location'),
        '/v1/actions/ALB-2?lang=en');
    assert.equal((await get('/v1/actions/ALB-99')).status, 404);
    assert.equal((await get('/v1/actions/nonsense')).status, 404);
});

test('filters: status, chapter, member', async () => {
    const codes = async (query) => (await get(`/v1/states?as_of=2026-11-24&${query}`)).body.items
        .map((item) => item.code);
    assert.deepEqual(await codes('status=signatory'), ['CYP', 'GBR', 'LTU', 'SVN']);
    assert.deepEqual(await codes('chapter=C'), ['DNK', 'FIN', 'ISL', 'NLD', 'NOR', 'SWE']);
    assert.deepEqual(await codes('status=party,signatory&chapter=C'), await codes('chapter=C'));
    assert.deepEqual(await codes('member=false'), []);
    assert.equal((await codes('member=true')).length, 46);
    assert.ok(!(await codes('member=true')).includes('RUS'));
    assert.ok((await get('/v1/states?as_of=2015-01-01')).body.items
        .some((item) => item.code === 'RUS'));
});

test('sorting, both ways, and by name as the language has it', async () => {
    const codes = async (query) => (await get(`/v1/states?${query}`)).body.items
        .map((item) => item.code);
    const byForce = await codes('sort=in_force_on&status=party');
    assert.equal(byForce[0], 'ITA');
    assert.equal(byForce.at(-1), 'CZE');
    assert.equal((await codes('sort=-in_force_on&status=party'))[0], 'CZE');
    const names = (await get('/v1/states?sort=name&lang=fr')).body.items.map((item) => item.name);
    assert.deepEqual(names, [...names].sort(new Intl.Collator('fr').compare));
    assert.ok(names.includes('Allemagne') && !names.includes('Germany'));
    assert.deepEqual(await codes('sort=-code'), (await codes('sort=code')).reverse());
});

test('fields selects members, and an unknown member is named', async () => {
    const { body } = await get('/v1/states?fields=code,signature&status=signatory');
    assert.deepEqual(Object.keys(body.items[0]), ['code', 'signature']);
    const wrong = await get('/v1/states?fields=code,colour');
    assert.equal(wrong.status, 400);
    assert.equal(wrong.body.errors[0].parameter, 'fields');
    assert.match(wrong.body.errors[0].detail, /colour/);
});

test('actions are filtered, and paged by cursors bound to their filters', async () => {
    const { body: all } = await get('/v1/actions?kind=ratification,acceptance');
    assert.equal(all.items.length, 9);
    assert.deepEqual(all.items.map((item) => item.effective_on).slice(0, 4),
        Array(4).fill('1997-05-01'));
    const paged = [];
    let address = '/v1/actions?kind=ratification,acceptance&limit=2';
    let pages = 0;
    while (address) {
        const page = await get(address);
        paged.push(...page.body.items);
        assert.equal(page.headers.get('link'),
            page.body.next && `<${page.body.next}>; rel="next"`);
        address = page.body.next;
        pages++;
    }
    assert.equal(pages, 5);
    assert.deepEqual(paged, all.items);
    assert.deepEqual((await get('/v1/actions?state=nl&from=1997-01-28&to=1997-01-28')).body.items
        .map((item) => item.reference), ['NLD-1', 'NLD-2', 'NLD-3', 'NLD-4', 'NLD-5']
        .filter((reference) => reference !== 'NLD-1'));
    assert.equal((await get('/v1/actions?verification=unconfirmed')).body.items.length, 13);
});

test('a cursor of other filters, a forged cursor and nonsense are refused', async () => {
    const { body } = await get('/v1/actions?state=NLD&limit=1');
    const cursor = new URL(body.next, 'http://x').searchParams.get('cursor');
    const forged = Buffer.from('["\\"0\\"","x","1","1997-01-28","NLD","1"]').toString('base64url');
    for (const wrong of [`state=ITA&cursor=${cursor}`, `cursor=${cursor}`, 'cursor=nonsense',
        `state=NLD&cursor=${forged}`, `state=NLD&cursor=${cursor}&known_at=2026-01-01T00:00:00Z`]) {
        const answer = await get(`/v1/actions?${wrong}`);
        assert.equal(answer.status, 400, wrong);
        assert.equal(answer.body.errors[0].parameter, 'cursor');
    }
});

test('published and computed dates are both shown; a date before the State is bound decides nothing', async () => {
    const { body } = await get('/v1/actions/FIN-3');
    assert.equal(body.published_effective_date, '2001-02-01');
    assert.equal(body.computed_effective_date, '2001-05-01');
    assert.equal(body.effective_on, '2001-05-01');
});

test('French: names, summaries, titles, details', async () => {
    const french = { headers: { 'Accept-Language': 'de, fr-CH;q=0.9, en;q=0.5' } };
    const { body, headers } = await get('/v1/states/NLD', french);
    assert.equal(body.name, 'Pays-Bas');
    assert.equal(headers.get('content-language'), 'fr');
    assert.equal((await get('/v1/actions/CZE-3?lang=fr')).body.summary,
        'Exclut les chapitres B et C ; seul le chapitre A s’applique.');
    assert.equal((await get('/v1/states/NLD?lang=en', french)).body.name, 'Netherlands');
    assert.equal((await get('/v1/nothing', french)).body.title, 'Introuvable');
});

test('a day to come is projected', async () => {
    const { body } = await get('/v1/states?as_of=2099-01-01');
    assert.equal(body.projected, true);
    assert.equal((await get('/v1/states/ITA?as_of=2099-01-01')).body.projected, true);
    assert.equal((await get('/v1/states/ITA?as_of=2000-01-01')).body.projected, undefined);
});

test('before its first revision the register knew nothing', async () => {
    const { body } = await get('/v1/states?known_at=2001-01-01T00:00:00Z');
    assert.deepEqual(body.items, []);
    assert.equal(body.revision, 0);
    assert.equal((await get('/v1/states/ITA?known_at=2001-01-01T00:00:00Z')).status, 404);
    assert.equal((await get('/v1/actions/ITA-1?known_at=2001-01-01T00:00:00Z')).status, 404);
    assert.equal((await get('/v1/actions/ITA-1/versions?known_at=2001-01-01T00:00:00Z')).status,
        404);
});
