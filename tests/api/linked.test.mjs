// Linked data: JSON-LD that others' processors read without fetching anything, and the catalogue by
// DCAT-AP 3.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import jsonld from 'jsonld';
import { Parser, Store } from 'n3';
import SHACLValidator from 'rdf-validate-shacl';
import { Register, act, useRegister } from '../harness.mjs';

const base = 'https://register.example';
const licence = 'https://creativecommons.org/licenses/by/4.0/';
const holder = useRegister({ before, after }, { ETS144_PUBLIC_URL: base, ETS144_LICENCE: licence,
    ETS144_CONTACT: 'mailto:ask@register.example', ETS144_PUBLISHER: 'The Congress, "we" & others' });
const get = (address, options) => holder.register.call('GET', address, options);

const countries = 'http://publications.europa.eu/resource/authority/country/';
const schema = 'http://schema.org/';
const dct = 'http://purl.org/dc/terms/';
const eli = 'http://data.europa.eu/eli/ontology#';
const dcat = 'http://www.w3.org/ns/dcat#';
const xsd = 'http://www.w3.org/2001/XMLSchema#';
const own = `${base}/v1/vocabulary#`;
const type = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type';

// Nothing may be fetched to understand a document.
const offline = { documentLoader: (url) => { throw new Error(`${url} was to be fetched`); } };

async function graph(document, options = {}) {
    const text = await jsonld.toRDF(document, { ...offline, ...options,
        format: 'application/n-quads' });
    return new Store(new Parser({ format: 'N-Quads' }).parse(text));
}

const linked = async (address, more = '') => {
    const answer = await get(`${address}${address.includes('?') ? '&' : '?'}format=jsonld${more}`);
    assert.equal(answer.headers.get('content-type'), 'application/ld+json');
    return { ...answer, store: await graph(answer.body) };
};
const values = (store, subject, predicate) =>
    store.getObjects(subject, predicate, null).map((term) => term.value);
const one = (store, subject, predicate) => {
    const found = values(store, subject, predicate);
    assert.equal(found.length, 1, `${subject} ${predicate}: ${found}`);
    return found[0];
};

test('a State is a country, named by the EU\'s authority, with its status', async () => {
    for (const address of ['/v1/states', '/v1/states/ITA']) {
        const { store } = await linked(address);
        const italy = `${base}/v1/states/ITA`;
        assert.equal(one(store, italy, type), `${schema}Country`);
        assert.equal(one(store, italy, `${schema}sameAs`), `${countries}ITA`);
        assert.equal(one(store, italy, `${dct}identifier`), 'ITA');
        assert.equal(one(store, italy, `${own}status`), `${own}/statuses/party`);
        assert.deepEqual(values(store, italy, `${own}chapters`).sort(),
            [`${own}/chapters/A`, `${own}/chapters/B`]);
        const [name] = store.getObjects(italy, `${schema}name`, null);
        assert.equal(name.language, 'en');
        const [since] = store.getObjects(italy, `${own}in_force_on`, null);
        assert.equal(since.datatype.value, `${xsd}date`);
        const [consent] = store.getObjects(italy, `${own}consent`, null);
        assert.equal(one(store, consent, `${own}action`), `${base}/v1/actions/ITA-2`);
        assert.equal(one(store, consent, `${dct}type`), `${own}/kinds/ratification`);
    }
    const { store } = await linked('/v1/states', '&lang=fr');
    const [name] = store.getObjects(`${base}/v1/states/ITA`, `${schema}name`, null);
    assert.deepEqual([name.value, name.language], ['Italie', 'fr']);
    assert.equal(store.getSubjects(type, `${schema}Country`, null).length, 46);
});

test('an action has its State, its kind, its days, its texts and its sources', async () => {
    for (const address of ['/v1/actions?limit=500', '/v1/actions/NLD-2']) {
        const { store } = await linked(address);
        const action = `${base}/v1/actions/NLD-2`;
        assert.equal(one(store, action, type), `${schema}Action`);
        assert.equal(one(store, action, `${schema}agent`), `${base}/v1/states/NLD`);
        assert.equal(one(store, action, `${dct}spatial`), `${countries}NLD`);
        assert.equal(one(store, action, `${schema}object`), `${base}/v1/convention`);
        assert.equal(one(store, action, `${dct}type`), `${own}/kinds/acceptance`);
        const [date] = store.getObjects(action, `${dct}date`, null);
        assert.deepEqual([date.value, date.datatype.value], ['1997-01-28', `${xsd}date`]);
        assert.deepEqual(store.getObjects(action, `${dct}description`, null)
            .map((text) => text.language).sort(), ['en', 'fr']);
        assert.ok(values(store, action, `${dct}source`).every((source) => /^https?:/.test(source)));
        assert.equal(one(store, action, `${own}verification`), `${own}/verifications/confirmed`);
    }
});

test('linked data and JSON have the same facts', async () => {
    for (const path of ['/v1/states', '/v1/actions', '/v1/statistics/series', '/v1/changes']) {
        const page = ['/v1/actions', '/v1/changes'].includes(path) ? '&limit=500' : '';
        const { body: plain } = await get(`${path}?format=json${page}`);
        const { body } = await get(`${path}?format=jsonld${page}`);
        assert.equal(body.items.length, plain.items.length);
        // An IRI of the register ends with its code.
        const strip = (value) => {
            if (Array.isArray(value)) {
                return value.map(strip);
            }
            if (value !== null && typeof value === 'object') {
                return Object.fromEntries(Object.entries(value)
                    .filter(([name]) => !/^@|^(links|sameAs|spatial|object)$/.test(name))
                    .map(([name, inner]) => [name, strip(inner)]));
            }
            return typeof value === 'string' && value.startsWith(`${base}/v1/`)
                ? value.split('/').at(-1) : value;
        };
        assert.deepEqual(body.items.map(strip), plain.items.map(strip), path);
    }
});

test('no member of a document is lost, except the words for a code', async () => {
    const silent = ['kind_name', 'status_name', 'summary', 'vehicle', 'in_force'];
    for (const address of ['/v1/states', '/v1/actions?limit=500', '/v1/statistics',
        '/v1/statistics/series', '/v1/convention', '/v1/changes?limit=500']) {
        const { body } = await linked(address);
        const { '@context': context } = body;
        const expanded = await jsonld.expand(body, offline);
        const known = new Set(JSON.stringify(expanded).match(/"https?:[^"]+":/g)
            .map((name) => name.slice(1, -2)));
        const visit = (node) => {
            for (const [name, value] of Object.entries(node ?? {})) {
                if (name.startsWith('@') || silent.includes(name) || value === null
                    || (Array.isArray(value) && value.length === 0)) {
                    continue;
                }
                if (!Array.isArray(node)) {
                    const term = context[name];
                    const id = (typeof term === 'string' ? term : term?.['@id']) ?? `${own}${name}`;
                    const iri = id.replace(/^(\w+):(?!\/\/)/, (_, prefix) => context[prefix]);
                    assert.ok(known.has(iri), `${address} ${name} ${iri}`);
                }
                if (typeof value === 'object') {
                    visit(value);
                }
            }
        };
        visit({ ...body, '@context': undefined });
    }
});

test('the Convention is a legal resource by ELI', async () => {
    const { store } = await linked('/v1/convention');
    const convention = `${base}/v1/convention`;
    assert.equal(one(store, convention, type), `${eli}LegalResource`);
    assert.equal(one(store, convention, `${eli}id_local`), '144');
    assert.equal(one(store, convention, `${eli}date_document`), '1992-02-05');
    assert.equal(one(store, convention, `${eli}first_date_entry_in_force`), '1997-05-01');
    assert.equal(one(store, convention, `${eli}in_force`), `${eli}InForce-inForce`);
    const before = await linked('/v1/convention?as_of=1997-04-30');
    assert.equal(one(before.store, convention, `${eli}in_force`), `${eli}InForce-notInForce`);
    const title = store.getObjects(convention, `${eli}title`, null)[0];
    assert.equal(title.language, 'en');
    // Every list has its subject.
    for (const path of ['/v1/states', '/v1/actions', '/v1/statistics', '/v1/changes']) {
        const { store: list } = await linked(path);
        const [dataset] = list.getSubjects(type, `${schema}Dataset`, null);
        assert.equal(one(list, dataset, `${schema}about`), convention, path);
        assert.equal(one(list, convention, `${eli}id_local`), '144', path);
        assert.equal(one(list, convention, type), `${eli}LegalResource`, path);
    }
});

test('statistics are observations, changes are updates under the id of the feed', async () => {
    const { store } = await linked('/v1/statistics?as_of=2026-11-24');
    const observations = store.getSubjects(type, `${schema}Observation`, null);
    assert.equal(observations.length, 6);
    const party = observations.find((node) =>
        values(store, node, `${own}status`)[0] === `${own}/statuses/party`);
    assert.equal(one(store, party, `${own}states`), '9');
    const changes = await linked('/v1/changes?limit=3');
    const { body } = await get('/v1/changes?limit=3');
    for (const { id, subject } of body.items) {
        assert.equal(one(changes.store, `urn:uuid:${id}`, type), `${schema}UpdateAction`);
        assert.equal(one(changes.store, `urn:uuid:${id}`, `${schema}identifier`), subject);
    }
});

test('a text that looks like an address or a tag stays a text', async () => {
    const { token, register } = holder;
    const summary = 'https://example.org/"><script>@id';
    const written = await register.call('POST', '/v1/actions', { token, json:
        act('PRT', 'signature', '2020-01-07', { summary_en: summary, original_language: '@value' }) });
    assert.equal(written.status, 201, written.text);
    const { store } = await linked(`/v1/actions/${written.body.action.reference}`);
    const [text] = store.getObjects(null, `${dct}description`, null);
    assert.deepEqual([text.termType, text.value, text.language], ['Literal', summary, 'en']);
});

test('without a public address IRIs are relative to the document\'s own', async () => {
    const register = await Register.start();
    try {
        const { body } = await register.call('GET', '/v1/states/ITA?format=jsonld');
        assert.equal(body['@id'], '/v1/states/ITA');
        assert.equal(body.license, undefined);
        const store = await graph(body, { base: 'https://elsewhere.example/v1/states/ITA' });
        assert.equal(one(store, 'https://elsewhere.example/v1/states/ITA',
            'https://elsewhere.example/v1/vocabulary#status'),
        'https://elsewhere.example/v1/vocabulary#/statuses/party');
        const catalogue = await register.call('GET', '/v1/catalog');
        const described = await graph(catalogue.body, { base: 'https://elsewhere.example/v1/catalog' });
        const { violations, warnings } = await validate(described);
        assert.deepEqual(violations, []);
        // What only the operator can say, and has not.
        assert.deepEqual([...new Set(warnings.map(({ path }) => path))].sort(),
            [`${dct}license`, `${dcat}contactPoint`]);
        for (const predicate of [`${dct}license`, `${schema}license`, `${dcat}contactPoint`]) {
            assert.equal(described.countQuads(null, predicate, null, null), 0);
        }
    } finally {
        await register.stop();
    }
});

// The catalogue ---------------------------------------------------------------------------------

const shapes = new Store(new Parser().parse(
    readFileSync(new URL('../shapes/dcat-ap-3.ttl', import.meta.url), 'utf8')));

async function validate(data) {
    const report = await new SHACLValidator(shapes).validate(data);
    const results = report.results.map((result) => ({ severity: result.severity.value.split('#')[1],
        path: result.path?.value, node: result.focusNode.value }));
    return { violations: results.filter(({ severity }) => severity === 'Violation'),
        warnings: results.filter(({ severity }) => severity === 'Warning') };
}

test('the catalogue conforms to DCAT-AP 3, with its recommendations', async () => {
    for (const accept of ['*/*', 'application/ld+json', 'application/json']) {
        const { body, headers } = await get('/v1/catalog', { headers: { Accept: accept } });
        assert.equal(headers.get('content-type'),
            accept === '*/*' ? 'application/ld+json' : accept);
        const { violations, warnings } = await validate(await graph(body));
        assert.deepEqual(violations, []);
        assert.deepEqual(warnings, []);
    }
});

test('the shapes of DCAT-AP 3 find each property that is removed', async () => {
    const whole = await graph((await get('/v1/catalog')).body);
    const foaf = 'http://xmlns.com/foaf/0.1/';
    const skos = 'http://www.w3.org/2004/02/skos/core#';
    for (const [kind, predicate] of [
        [`${dcat}Catalog`, `${dct}title`], [`${dcat}Catalog`, `${dct}description`],
        [`${dcat}Catalog`, `${dct}publisher`], [`${dcat}Catalog`, `${dcat}dataset`],
        [`${dcat}Dataset`, `${dct}title`], [`${dcat}Dataset`, `${dct}description`],
        [`${dcat}Distribution`, `${dcat}accessURL`], [`${dcat}DataService`, `${dct}title`],
        [`${dcat}DataService`, `${dcat}endpointURL`], [`${foaf}Agent`, `${foaf}name`],
        [`${skos}Concept`, `${skos}prefLabel`], [`${skos}ConceptScheme`, `${dct}title`],
        ['http://www.w3.org/2006/vcard/ns#Kind', 'http://www.w3.org/2006/vcard/ns#hasEmail'],
    ]) {
        const [node] = whole.getSubjects(type, kind, null);
        assert.ok(node, kind);
        assert.ok(whole.countQuads(node, predicate, null, null) > 0, `${kind} ${predicate}`);
        const part = new Store(whole.getQuads().filter((quad) =>
            !(quad.subject.equals(node) && quad.predicate.value === predicate)));
        const { violations } = await validate(part);
        assert.ok(violations.some((one) => one.node === node.value), `${kind} ${predicate}`);
    }
    const [dataset] = whole.getSubjects(type, `${dcat}Dataset`, null);
    for (const predicate of [`${dcat}theme`, `${dcat}keyword`, `${dct}spatial`]) {
        const part = new Store(whole.getQuads().filter((quad) =>
            !(quad.subject.equals(dataset) && quad.predicate.value === predicate)));
        const { violations, warnings } = await validate(part);
        assert.equal(violations.length, 0);
        assert.deepEqual(warnings.map(({ path, node }) => [path, node]), [[predicate, dataset.value]]);
    }
});

test('each table is a dataset, and each of its formats a distribution that is there', async () => {
    const { body } = await get('/v1/catalog');
    const store = await graph(body);
    const formats = { memberships: 3, states: 4, actions: 4, statistics: 4, 'statistics-series': 4, changes: 4,
        chart: 3, replies: 3, notes: 3, changesets: 3 };
    const datasets = store.getSubjects(type, `${dcat}Dataset`, null).map(({ value }) => value);
    assert.deepEqual(datasets.sort(),
        Object.keys(formats).map((name) => `${base}/v1/catalog#${name}`).sort());
    for (const [name, count] of Object.entries(formats)) {
        const distributions = values(store, `${base}/v1/catalog#${name}`, `${dcat}distribution`);
        assert.equal(distributions.length, count, name);
        assert.deepEqual(values(store, `${base}/v1/catalog#${name}`, `${schema}distribution`).sort(),
            [...distributions].sort());
        for (const distribution of distributions) {
            const address = one(store, distribution, `${dcat}downloadURL`);
            assert.equal(one(store, distribution, `${schema}contentUrl`), address);
            assert.ok(address.startsWith(`${base}/v1/`), address);
            const { status, headers } = await get(address.slice(base.length));
            assert.equal(status, 200, address);
            const media = one(store, distribution, `${schema}encodingFormat`);
            assert.ok(headers.get('content-type').startsWith(media), address);
            assert.equal(one(store, distribution, `${dct}license`), licence);
            const [page] = values(store, distribution, 'http://xmlns.com/foaf/0.1/page');
            assert.equal(page !== undefined, media === 'text/csv');
            if (page) {
                assert.equal((await get(page.slice(base.length))).status, 200);
            }
        }
    }
    assert.equal(one(store, `${base}/v1/catalog#publisher`, 'http://xmlns.com/foaf/0.1/name'),
        'The Congress, "we" & others');
});

test('schema.org\'s datasets have a name, a description, a licence and downloads', async () => {
    const store = await graph((await get('/v1/catalog')).body);
    const datasets = store.getSubjects(type, `${schema}Dataset`, null);
    assert.equal(datasets.length, 10);
    for (const dataset of datasets) {
        for (const word of ['name', 'description']) {
            assert.deepEqual(store.getObjects(dataset, `${schema}${word}`, null)
                .map(({ language }) => language).sort(), ['en', 'fr']);
        }
        assert.equal(one(store, dataset, `${schema}license`), licence);
        for (const download of values(store, dataset, `${schema}distribution`)) {
            assert.ok(values(store, download, type).includes(`${schema}DataDownload`));
        }
    }
});

test('the licence is wherever a format has a place for it', async () => {
    for (const address of ['/v1/states', '/v1/states/ITA', '/v1/states?format=csv',
        '/v1/actions?format=ndjson', '/v1/chart?format=html', '/v1/catalog', '/v1/changes.atom',
        '/v1/vocabulary']) {
        const { headers } = await get(address);
        assert.ok(headers.get('link').includes(`<${licence}>; rel="license"`), address);
        const again = await get(address);
        assert.equal(again.headers.get('link'), headers.get('link'), address);
    }
    const { body } = await get('/v1/states-metadata.json');
    assert.equal(body['dc:license']['@id'], licence);
    assert.ok((await get('/v1/chart?format=html')).text.includes(`rel="license" href="${licence}"`));
    const feed = await get('/v1/changes.atom');
    assert.ok(feed.text.includes(`<rights>${licence}</rights>`));
    assert.match(feed.text, new RegExp(`<link rel="license" href="${licence}"/>`));
    const { store } = await linked('/v1/states');
    const [dataset] = store.getSubjects(type, `${schema}Dataset`, null);
    assert.equal(one(store, dataset, `${dct}license`), licence);
    const contract = await get('/openapi.json');
    assert.equal(contract.body.info.license.url, licence);
    const refused = await get('/v1/states?x=1');
    assert.equal(refused.headers.get('link'), null);
});
