// The register in the formats that people load: CSV with its metadata, NDJSON.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Papa from 'papaparse';
import { act, contract, run, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after }, { ETS144_LICENCE: 'https://licence.example/by/4.0' });
const get = (address, options) => holder.register.call('GET', address, options);
const table = (path, more = '') => get(`${path}?format=csv${more}`);

const lists = ['/v1/states', '/v1/actions', '/v1/statistics', '/v1/statistics/series',
    '/v1/changes'];
const tables = [...lists, '/v1/chart'];
const charset = 'text/csv; charset=utf-8; header=present';

function parse(text) {
    const { data, errors, meta } = Papa.parse(text, { header: true });
    assert.deepEqual(errors.filter(({ code }) => code !== 'TooFewFields'), []);
    assert.equal(Object.values(data.pop()).join(''), '', 'the last row ends its line');
    return { rows: data, columns: meta.fields };
}

// A row as the item that it was made of, by what the metadata say of each column.
function itemOf(row, { tableSchema: { columns } }) {
    const read = (text, { base }) => {
        switch (base) {
        case 'boolean': return text === 'true';
        case 'integer': case 'decimal': return Number(text);
        case 'json': return JSON.parse(text);
        default: return /^'+[=+\-@\t\r\n＝＋－＠]/.test(text) ? text.slice(1) : text;
        }
    };
    return Object.fromEntries(columns.map(({ name, datatype, separator }) => {
        const text = row[name];
        if (separator) {
            const whole = read(text, datatype);
            return [name, whole === '' ? [] : whole.split(separator)
                .map((entry) => entry.replaceAll('\u00a0', ' '))];
        }
        return [name, text === '' ? null : read(text, datatype)];
    }));
}

// An item of the JSON list with its objects' members beside its own, as the columns have them.
function flat(item, columns) {
    const whole = columns.filter(({ datatype }) => datatype.base === 'json').map(({ name }) => name);
    const values = (node, prefix) => Object.entries(node).flatMap(([name, value]) =>
        value !== null && typeof value === 'object' && !Array.isArray(value)
            && !whole.includes(prefix + name)
            ? values(value, `${prefix}${name}_`) : [[prefix + name, value]]);
    const own = Object.fromEntries(values(item, ''));
    return Object.fromEntries(columns.map(({ name, separator }) =>
        [name, own[name] ?? (separator ? [] : null)]));
}

// The figures of /v1/statistics are a list only in the formats for lists; actions come in pages; the
// rows of the chart's table have its totals beside them.
async function items(path, more = '') {
    const page = ['/v1/actions', '/v1/changes'].includes(path) ? '&limit=500' : '';
    const { body } = await get(`${path}?format=json${page}${more}`);
    if (path === '/v1/chart') {
        return body.items.map((item) => ({ ...item, totals: body.totals }));
    }
    return body.items ?? Object.entries(body.statuses).map(([status, figures]) =>
        ({ as_of: body.as_of, status, ...figures }));
}

async function agree(path, more = '') {
    const { body: metadata } = await get(`${path}-metadata.json`);
    const { text } = await table(path, more);
    const { rows, columns } = parse(text);
    const described = metadata.tableSchema.columns;
    assert.deepEqual(columns, described.map(({ name }) => name));
    const wanted = await items(path, more);
    assert.deepEqual(rows.map((row) => itemOf(row, metadata)),
        wanted.map((item) => flat(item, described)));
    for (const row of rows) {
        for (const { name, required } of described) {
            assert.ok(!required || row[name] !== '', `${name} is never empty`);
        }
    }
    return rows;
}

test('a table read back is the JSON list, in English and in French', async () => {
    for (const path of tables) {
        assert.ok((await agree(path)).length > 0, path);
        await agree(path, '&lang=fr');
    }
    assert.equal((await agree('/v1/states', '&as_of=1997-05-01&status=party')).length, 4);
    assert.ok((await agree('/v1/statistics/series', '&by=month&from=2020-01-01')).length > 80);
});

test('texts that a spreadsheet would run, quote or split come back as they were', async () => {
    const { token } = holder;
    const summaries = ['=1+1', '+44', '-2', '@SUM(A1)', '\tx', '\n=1', "'=1", "''+1", "'s", "'", ' a',
        'b ', 'a,b', 'say "x"', '"', 'line\nand line', '＝1', 'Zoë; Ångström', '=cmd|\' /C calc\'!A0'];
    for (const [i, summary] of summaries.entries()) {
        const written = await holder.register.call('POST', '/v1/actions', { token,
            json: act('PRT', 'communication', `2021-01-${String(i + 1).padStart(2, '0')}`,
                { summary_en: summary, summary_fr: `${summary}é`, vehicle_en: 'a note, verbal',
                    articles: ['-1', '=A1', '6, first part'] }) });
        assert.equal(written.status, 201, written.text);
    }
    const rows = await agree('/v1/actions', '&state=PRT');
    assert.deepEqual(rows.map((row) => row.summary_en.replace(/^'(?='*[^s'])/, '')), summaries);
    for (const row of rows) {
        for (const text of Object.values(row)) {
            assert.doesNotMatch(text, /^[=+\-@\t\r\n＝＋－＠]/);
        }
    }
    assert.equal(rows[0].articles, "'-1 =A1 6,\u00a0first\u00a0part");
});

test('lines end with CRLF, and the only byte order mark is at the start', async () => {
    for (const path of tables) {
        const { bytes } = await holder.register.bytes(`${path}?format=csv`);
        assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
        assert.equal(bytes.lastIndexOf(Buffer.from('\ufeff')), 0);
        assert.ok(bytes.toString().endsWith('\r\n'));
        const unquoted = bytes.toString().replaceAll(/"(?:[^"]|"")*"/g, '');
        assert.equal(unquoted.replaceAll('\r\n', '').search(/[\r\n]/), -1);
    }
});

test('a line of NDJSON is an item of the JSON list', async () => {
    for (const path of lists) {
        const { body, headers } = await get(`${path}?format=ndjson`);
        assert.deepEqual(body, await items(path), path);
        assert.equal(headers.get('content-type'), 'application/x-ndjson');
    }
    const { body, text } = await get('/v1/states?format=ndjson&status=former_party');
    assert.deepEqual(body, []);
    assert.equal(text, '');
});

test('an empty list is a header row and nothing more', async () => {
    const { text } = await table('/v1/states', '&status=former_party');
    assert.equal(text.split('\r\n').length, 2);
});

test('fields choose columns, and then nothing describes the table', async () => {
    const { text, headers } = await table('/v1/states', '&fields=code,signature&status=party');
    const { rows, columns } = parse(text);
    assert.deepEqual(columns, ['code', 'signature_action', 'signature_date', 'signature_not_before',
        'signature_not_after', 'signature_verification', 'signature_sources']);
    assert.equal(rows.length, 9);
    assert.doesNotMatch(headers.get('link'), /describedby/);
    assert.equal((await get('/v1/states?format=csv&fields=nonsense')).status, 400);
});

test('format or Accept chooses the format, and format counts', async () => {
    for (const [accept, more, type] of [
        ['text/csv', '', charset],
        ['text/csv;header=present, application/json;q=0.5', '', charset],
        ['application/json;q=0.5, application/x-ndjson', '', 'application/x-ndjson'],
        ['*/*', '', 'application/json'],
        ['text/*', '', charset],
        ['application/*', '', 'application/json'],
        ['application/json', '?format=csv', charset],
        ['text/html', '?format=ndjson', 'application/x-ndjson'],
        ['text/csv', '?format=json', 'application/json'],
    ]) {
        const { status, headers } = await get(`/v1/states${more}`, { headers: { Accept: accept } });
        assert.equal(status, 200, accept + more);
        assert.equal(headers.get('content-type'), type, accept + more);
        assert.match(headers.get('vary'), /^Accept, /);
    }
});

test('an unknown format is named with the other faults; an unknown type is not acceptable', async () => {
    const { status, body } = await get('/v1/states?format=xml&colour=blue',
        { headers: { Accept: 'image/png' } });
    assert.equal(status, 400);
    assert.deepEqual(body.errors.map((error) => error.parameter), ['format', 'colour']);
    const french = await get('/v1/states?format=CSV&lang=fr');
    assert.match(french.body.errors[0].detail, /«\u00a0CSV\u00a0» n’est pas l’une des valeurs\u00a0: json, csv/);
    assert.equal((await get('/v1/states?format=csv&format=csv')).status, 400);
    const refused = await get('/v1/states', { headers: { Accept: 'application/xml' } });
    assert.equal(refused.status, 406);
    assert.match(refused.body.detail, /application\/json, text\/csv, application\/x-ndjson/);
});

test('an operation with one format has no parameter format', async () => {
    const { status, body } = await get('/v1/vocabulary?format=csv');
    assert.equal(status, 400);
    assert.match(body.detail, /no parameter "format"/);
});

test('a refusal is a problem document, in every format', async () => {
    const { status, headers } = await table('/v1/states', '&as_of=2023-02-30');
    assert.equal(status, 400);
    assert.equal(headers.get('content-type'), 'application/problem+json');
    assert.equal(headers.get('content-disposition'), null);
});

test('each format has a tag, a digest and a name, and so has its cached response', async () => {
    const seen = new Set();
    for (const path of tables) {
        for (const format of path === '/v1/chart' ? ['csv'] : ['csv', 'ndjson']) {
            const asked = `${path}?format=${format}${path === '/v1/changes' ? '' : '&as_of=2020-05-17'}`;
            const first = await get(asked);
            const again = await get(asked);
            assert.match(again.headers.get('cache-status'), /hit/);
            for (const name of ['etag', 'content-digest', 'content-disposition', 'link',
                'last-modified', 'content-type']) {
                assert.equal(again.headers.get(name), first.headers.get(name), name);
            }
            const file = path.slice('/v1/'.length).replace('/', '-');
            const day = path === '/v1/changes' ? '[0-9]{4}-[0-9]{2}-[0-9]{2}' : '2020-05-17';
            assert.match(first.headers.get('content-disposition'),
                new RegExp(`^attachment; filename="ets144-${file}-${day}\\.${format}"$`));
            seen.add(first.headers.get('etag'));
            const unchanged = await get(asked, { headers: { 'If-None-Match': first.headers.get('etag') } });
            assert.equal(unchanged.status, 304);
        }
    }
    assert.equal(seen.size, 2 * lists.length + 1);
});

test('the digest is of the bytes as they were sent', async () => {
    for (const [coding, decode] of [['identity', (bytes) => bytes], ['gzip', gunzipSync],
        ['br', brotliDecompressSync]]) {
        for (const path of ['/v1/states?format=csv', '/v1/actions?format=ndjson']) {
            for (let i = 0; i < 2; i++) {
                const { headers, bytes } = await holder.register.bytes(path,
                    { 'Accept-Encoding': coding });
                const digest = createHash('sha256').update(bytes).digest('base64');
                assert.equal(headers['content-digest'], `sha-256=:${digest}:`);
                assert.equal(headers['content-encoding'] ?? 'identity', coding);
                assert.ok(decode(bytes).length > 1000);
            }
        }
    }
});

test('HEAD has all headers of GET but Content-Digest', async () => {
    const got = await get('/v1/states?format=csv');
    const head = await holder.register.call('HEAD', '/v1/states?format=csv');
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['etag', 'content-disposition', 'content-type', 'content-length', 'link']) {
        assert.equal(head.headers.get(name), got.headers.get(name), name);
    }
    assert.equal(head.headers.get('content-digest'), null);
});

test('a file without a day is named after its revision', async () => {
    const { headers } = await get('/v1/actions?format=csv');
    const day = new Date(headers.get('last-modified')).toISOString().slice(0, 10);
    assert.match(headers.get('content-disposition'), new RegExp(`-actions-${day}\\.csv"$`));
    const states = await get('/v1/states?format=csv');
    const { body } = await get('/v1/states?fields=code');
    assert.match(states.headers.get('content-disposition'),
        new RegExp(`-states-${body.as_of}\\.csv"$`));
});

test('a whole set is one file; a longer set continues at the next page', async () => {
    const { body } = await get('/v1/actions?format=ndjson');
    assert.ok(body.length > 32, 'not a page of the size that people read');
    let address = '/v1/actions?format=csv&limit=20';
    const references = [];
    for (let page = 0; address; page++) {
        assert.ok(page < 10);
        const { text, headers } = await get(address);
        references.push(...parse(text).rows.map((row) => row.reference));
        address = /<([^>]+)>; rel="next"/.exec(headers.get('link'))?.[1];
    }
    assert.deepEqual(references, body.map((item) => item.reference));
    assert.equal((await get('/v1/actions?format=ndjson&limit=10000')).status, 200);
    for (const more of ['?format=ndjson&limit=10001', '?limit=501', '?format=json&limit=501']) {
        assert.equal((await get(`/v1/actions${more}`)).status, 400, more);
    }
});

test('a table of the past equals the table of that time', async () => {
    const then = (await get('/v1/states')).body.known_at;
    const asked = `&as_of=2022-06-30&known_at=${then}`;
    const before = await table('/v1/states', asked);
    const { status } = await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('AUT', 'signature', '2022-06-30') });
    assert.equal(status, 201);
    assert.notEqual((await table('/v1/states', '&as_of=2022-06-30')).text, before.text);
    const later = await table('/v1/states', asked);
    assert.equal(later.text, before.text);
    assert.match(later.headers.get('content-disposition'), /-states-2022-06-30\.csv"$/);
});

test('the columns of table, metadata and contract are the members of the items', async () => {
    const resolved = (node) => (node.$ref ? { ...node.$ref.split('/').slice(1)
        .reduce((whole, name) => whole[name], contract), ...node, $ref: undefined } : node);
    const leaves = (schema, prefix) => Object.entries(resolved(schema).properties)
        .filter(([name]) => name !== 'links')
        .flatMap(([name, member]) => (resolved(member).properties && !resolved(member).anyOf
            ? leaves(member, `${prefix}${name}_`) : [[prefix + name, resolved(member)]]));
    const formats = { date: 'date', 'date-time': 'dateTime', uri: 'anyURI' };
    for (const path of tables) {
        const { content } = contract.paths[path].get.responses[200];
        const columns = content[charset]['x-columns'];
        const item = content['application/x-ndjson']?.['x-item-schema'];
        const { Chart, ChartRow } = contract.components.schemas;
        const schema = item?.anyOf?.[0] ?? item ?? { properties:
            { ...ChartRow.properties, totals: Chart.properties.totals } };
        // What is the same in all events has no column; what differs in form is a column of JSON.
        const members = new Map(leaves(schema, '')
            .filter(([name]) => !['specversion', 'source', 'datacontenttype'].includes(name)));
        assert.deepEqual([...columns].sort(), [...members.keys()].sort(), path);
        const { body } = await get(`${path}-metadata.json`);
        assert.equal(body.url, `${path}?format=csv`);
        assert.deepEqual(body.tableSchema.columns.map(({ name }) => name), columns, path);
        for (const { name, datatype, separator } of body.tableSchema.columns) {
            const member = members.get(name);
            const types = [member.type].flat();
            assert.equal(separator === ' ', types.includes('array'), name);
            const entry = types.includes('array') ? resolved(member.items) : member;
            const kind = [entry.type].flat().find((one) => one !== 'null');
            const named = { integer: 'integer', number: 'decimal', boolean: 'boolean' }[kind];
            assert.equal(datatype.base, entry.anyOf ? 'json' : named ?? formats[entry.format]
                ?? 'string', `${path} ${name}`);
        }
        const keys = body.tableSchema.primaryKey.split(' ');
        const { rows } = parse((await table(path)).text);
        assert.equal(new Set(rows.map((row) => keys.map((key) => row[key]).join())).size, rows.length);
    }
});

test('the table links to its metadata, which are the same in two languages', async () => {
    for (const path of tables) {
        const { headers } = await table(path);
        const [, address] = /<([^>]+)>; rel="describedby"; type="application\/csvm\+json"/
            .exec(headers.get('link'));
        assert.equal(address, `${path}-metadata.json`);
        for (const accept of ['application/csvm+json', 'application/json', '*/*']) {
            const { body, headers: given } = await get(address, { headers: { Accept: accept } });
            assert.equal(given.get('content-type'),
                accept === 'application/json' ? accept : 'application/csvm+json');
            assert.deepEqual(body['dc:title'].map((one) => one['@language']), ['en', 'fr']);
            assert.equal(body['dc:license']['@id'], 'https://licence.example/by/4.0');
        }
    }
    assert.equal((await get('/v1/calls-metadata.json')).status, 404);
});

test('a licence that is no URI is refused at the start', async () => {
    for (const licence of ['CC-BY', 'https://x/ y', 'https://x/"', ':x', 'https:']) {
        const { status, stderr } = await run(['serve'], { ETS144_LICENCE: licence });
        assert.equal(status, 2, licence);
        assert.match(stderr, /ETS144_LICENCE is ".*"; it takes an address/, licence);
    }
});
