// Files of treaty actions: all or nothing, each fault by its line and column.
import assert from 'node:assert/strict';
import net from 'node:net';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { act, contract, run, source, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after }, { ETS144_MAX_FILE_BYTES: '4194304' });
const get = (address, options) => holder.register.call('GET', address, options);
const reportOf = (answer, query = '', token = holder.token) =>
    get(`/v1/imports/${answer.body.import.id}${query}`, { token });
const send = (type, body, query = '', headers = {}) => holder.register.call('POST',
    `/v1/imports${query}`, { body, token: holder.token, headers: { 'Content-Type': type, ...headers } });
const csv = (body, query, headers) => send('text/csv', body, query, headers);
const lines = (...rows) => rows.map((row) => `${row}\r\n`).join('');
const ndjson = (rows, query, headers) =>
    send('application/x-ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join(''), query, headers);
const head = 'state,kind,date,verification,sources';
const row = (state, kind, date) => `${state},${kind},${date},single_source,${source}`;
const trace = () => sql(holder.register.database, `select (select count(*) from register.action_version),
    (select number from register.revision), (select count(*) from register.import),
    (select count(*) from register.import_row), (select count(*) from service.request_key)`);
const places = (answer) => answer.body.errors.map(({ line, column, pointer, type }) =>
    [line, column ?? pointer, type?.replace('/problems/', '')].filter((part) => part !== undefined)
        .join(' '));

// The file is refused with exactly these faults, and nothing has changed.
async function refuses(answering, ...expected) {
    const before_ = trace();
    const answer = await answering;
    assert.equal(answer.status, 422, answer.text.slice(0, 1000));
    assert.equal(answer.body.type, '/problems/rows-refused');
    assert.deepEqual(places(answer), expected, answer.text.slice(0, 2000));
    assert.equal(trace(), before_);
    return answer;
}

test('a file is one revision, and its report stays readable', async () => {
    const file = lines(head, row('PRT', 'signature', '2026-11-02'), row('PRT', 'ratification',
        '2026-11-03'), row('AUT', 'signature', '2026-11-04'));
    const dry = await csv(file, '?dry_run=true');
    assert.equal(dry.status, 200);
    assert.equal(dry.body.dry_run, true);
    assert.equal(holder.register.revision(), 1);
    const answer = await csv(file);
    assert.equal(answer.status, 201);
    assert.equal(holder.register.revision(), 2);
    assert.deepEqual(answer.body.consequences, dry.body.consequences);
    const { id, imported_at, ...report } = answer.body.import;
    assert.deepEqual(report, { imported_by: 'secretariat', revision: 2, rows: 3, recorded: 3,
        sha256: report.sha256, unchanged: 0, items: [{ line: 2, action: 'PRT-1', recorded: true },
            { line: 3, action: 'PRT-2', recorded: true }, { line: 4, action: 'AUT-1', recorded: true }],
        links: { self: `/v1/imports/${id}` } });
    assert.deepEqual(answer.body.consequences.states.map((change) => change.state), ['AUT', 'PRT']);
    assert.equal(answer.headers.get('location'), `/v1/imports/${id}`);
    assert.equal((await get('/v1/states/PRT')).body.status, 'contracting_state');
    const versions = (await get('/v1/actions/PRT-1/versions')).body.items;
    assert.equal(versions[0].reason, 'Imported.');

    await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('ESP', 'signature', '2026-11-05') });
    const read = await reportOf(answer);
    assert.equal(read.text, answer.text);
    assert.equal(read.headers.get('etag'), answer.headers.get('etag'));
    assert.equal((await get(`/v1/imports/${id.toUpperCase()}`, { token: holder.token })).text,
        answer.text);
    assert.equal(read.headers.get('cache-control'), 'no-store');
    const french = await reportOf(answer, '?lang=fr');
    assert.equal(french.body.consequences.states[0].name, 'Autriche');
    assert.equal((await reportOf(dry)).status, 404);
    assert.equal((await get('/v1/imports/PRT-1', { token: holder.token })).status, 404);
});

test('a report belongs to the token that made the import; administrators see it', async () => {
    const { register } = holder;
    const answer = await csv(lines(head, row('IRL', 'signature', '2026-10-02')));
    assert.equal((await reportOf(answer)).text, answer.text);
    const other = await register.token('another', 'imports:write', 'webhooks:admin');
    for (const query of ['', '?lang=fr']) {
        const refused = await reportOf(answer, query, other);
        const unknown = await get(`/v1/imports/00000000-0000-0000-0000-000000000000${query}`,
            { token: other });
        assert.equal(refused.status, 404);
        // Nothing says that there is such an import.
        const masked = ({ text }) => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id');
        assert.equal(masked(refused), masked(unknown));
    }
    assert.equal((await get(`/v1/imports/${answer.body.import.id}`)).status, 401);
    const writer = await register.token('recorder', 'actions:write');
    assert.equal((await reportOf(answer, '', writer)).status, 403);
    const administrator = await register.token('administrator', 'imports:write', 'imports:admin');
    assert.equal((await reportOf(answer, '', administrator)).text, answer.text);
});

test('sent again, a file has nothing new', async () => {
    const file = lines(head, row('LUX', 'signature', '2026-10-02'), row('LUX', 'communication',
        '2026-10-03'), row('LUX', 'communication', '2026-10-03'));
    assert.equal((await csv(file)).body.import.recorded, 3);
    const before_ = holder.register.revision();
    const again = await csv(file);
    assert.equal(again.status, 201);
    assert.equal(again.body.import.unchanged, 3);
    assert.equal(again.body.import.revision, null);
    assert.deepEqual(again.body.import.items.map((item) => item.action), ['LUX-1', 'LUX-2', 'LUX-3']);
    assert.deepEqual(again.body.consequences.states, []);
    assert.equal(holder.register.revision(), before_);
    assert.equal((await reportOf(again)).text, again.text);
    const more = await csv(file + lines(row('LUX', 'communication', '2026-10-03')));
    assert.equal(more.body.import.recorded, 1);
    assert.equal(more.body.import.items[3].action, 'LUX-4');
});

test('the record itself can be imported, and is unchanged', async () => {
    const file = readFileSync(new URL('../../sql/data/actions.csv', import.meta.url));
    const answer = await csv(file);
    assert.equal(answer.status, 201, answer.text.slice(0, 1000));
    assert.equal(answer.body.import.unchanged, 32);
});

// As an export has it, in either format; nothing in it is cleaned by hand.
const exported = async (format, lang) =>
    Buffer.from(await (await fetch(`http://127.0.0.1:${holder.register.port}/v1/actions?format=${
        format}&lang=${lang}`)).arrayBuffer());

test('an exported file changes nothing when imported, and restores an empty register', async () => {
    const { token } = holder;
    for (const [i, summary] of ['=1+1', "''+1", ' a ', 'say "x", twice', 'one\ntwo', '＝1'].entries()) {
        await holder.register.call('POST', '/v1/actions', { token, json: act('PRT', 'declaration',
            `2026-11-0${i + 1}`, { summary_en: summary, summary_fr: `${summary}é`, articles: ['-1', '6, first part'],
                received_on: '2026-11-10' }) });
    }
    const list = (await get('/v1/actions?limit=500')).body.items;
    assert.ok(list.length > 40);
    const timeless = ({ recorded_at, recorded_by, version, ...item }) => item;
    for (const [format, type] of [['csv', 'text/csv'], ['ndjson', 'application/x-ndjson']]) {
        const file = await exported(format, 'fr');
        const again = await send(type, file);
        assert.equal(again.status, 201, again.text.slice(0, 1000));
        assert.equal(again.body.import.unchanged, list.length);
        sql(holder.register.database, `set session_replication_role = replica;
            delete from register.change; delete from register.import_row;
            delete from register.import; delete from register.action_version;
            delete from register.action`);
        const answer = await send(type, file);
        assert.equal(answer.status, 201, answer.text.slice(0, 1000));
        assert.equal(answer.body.import.recorded, list.length);
        assert.deepEqual((await get('/v1/actions?limit=500')).body.items.map(timeless),
            list.map(timeless));
    }
});

test('a byte order mark, LF, CRLF, empty lines and line breaks in quotes are read', async () => {
    const mark = '\ufeff';
    const file = (end) => [`${mark}${head},summary_en`,
        `"POL",signature,2026-01-02,single_source,${source},"Says ""yes"",${end}on two lines."`, '',
        `POL,communication,2026-01-03,single_source,${source} https://b.example,`, '', ''].join(end);
    for (const end of ['\n', '\r\n']) {
        const answer = await csv(file(end), '?dry_run=true');
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(answer.body.import.items.map((item) => item.line), [2, 5]);
    }
    assert.equal((await csv(file('\n'))).status, 201);
    assert.equal((await csv(file('\r\n'))).body.import.unchanged, 2);
    assert.equal((await get('/v1/actions/POL-1')).body.summary, 'Says "yes",\non two lines.');
    const objects = [act('POL', 'communication', '2026-01-04'), act('POL', 'communication', '2026-01-05')];
    const answer = await send('application/x-ndjson',
        `${mark}${JSON.stringify(objects[0])}\r\n\r\n  \n${JSON.stringify(objects[1])}`);
    assert.deepEqual(answer.body.import.items.map((item) => item.line), [1, 4]);
});

test('lists, territories and guarded cells are read as they were exported', async () => {
    const answer = await csv(lines(
        'reference,state,kind,date,verification,sources,articles,territories,summary_en,version,voided',
        `DNK-9,DNK,territorial_extension,2026-02-03,single_source,${source},16 15(1),+GL,'=1+1,7,false`,
        `DNK-10,DNK,territorial_extension,2026-02-03,single_source,${source},,'+New\u00a0Land,''=x,,`));
    assert.equal(answer.status, 201, answer.text);
    const { body } = await get('/v1/actions/DNK-9');
    assert.deepEqual([body.articles, body.territories, body.summary],
        [['16', '15(1)'], { covered: ['GL'], left_out: [] }, '=1+1']);
    const other = (await get('/v1/actions/DNK-10')).body;
    assert.deepEqual([other.territories.covered, other.summary], [['New Land'], "'=x"]);
    const next = await csv(lines(head, row('DNK', 'communication', '2026-02-04')));
    assert.equal(next.body.import.items[0].action, 'DNK-11');
});

test('every fault of syntax is named by line and column, in one response', async () => {
    await refuses(csv(lines('reference,state,kind,date,verification,sources,territories,voided',
        `IT-1,ITA,communication,2023-02-30,single_source,${source} ftp://x,,`,
        `,ita1,${'k'.repeat(41)},,single_source,${source},GL,`,
        `,ITA,communication,2023-02-03,single_source,${source},`,
        `,ITA,communication,2023-02-03,single_source,${source},,,`,
        `,ITA,communication,2023-02-03,single_source,${source},,true`,
        `,ITA,a"b,2023-02-03,single_source,${source},,`,
        `,ITA,"ab"c,2023-02-03,single_source,${source},,`,
        ',,,,,,,',
        `,ITA,communication,2023-02-03,single_source,${source},,"open`)),
    '2 reference', '2 date', '2 sources', '3 territories', '3 state', '3 kind', '4', '5', '6 voided',
    '7 kind', '8 kind', '9 state', '9 kind', '9 verification', '10 voided');
    const answer = await refuses(csv(`${head}\rITA,x\n`), '1');
    assert.match(answer.body.errors[0].detail, /carriage return/);
});

test('the law names the line and column, too, unless the State has rows that cannot be read', async () => {
    const answer = await refuses(csv(lines('state,kind,date,verification,sources',
        row('ROU', 'ratification', '2026-01-02'), row('FRA', 'signature', '2026-13-02'),
        row('FRA', 'ratification', '2026-01-02'), row('SVK', 'applause', '2026-01-02'),
        row('XXX', 'signature', '2026-01-02'), row('NOR', 'signature', '2026-01-02'))),
    '2 date signature-before-consent', '3 date', '5 kind kind-exists', '6 state state-exists',
    '7 kind one-signature');
    assert.match(answer.body.errors[0].detail, /^ROU-1: ROU had not signed/);
    const french = await refuses(csv(lines(head, row('ROU', 'ratification', '2026-01-02')), '?lang=fr'),
        '2 date signature-before-consent');
    assert.match(french.body.detail, /n’avait pas encore signé/);
    // A State that cannot be read may be any: then only form is judged.
    await refuses(csv(lines(head, row('ROU', 'ratification', '2026-01-02'),
        row('??', 'signature', '2026-01-02'))), '3 state');
    // What was there before becomes unlawful by a row of the file, and has no line in it.
    await refuses(ndjson([act('ITA', 'ratification', '1993-02-05'), act('ITA', 'vote_only',
        '2020-01-01')]), 'no-second-consent', '2 /date vote-only-at-deposit',
    '2 /kind vote-only-needs-chapter-c');
});

test('a reference that is wrong, given twice, or recorded otherwise', async () => {
    const file = lines(`reference,${head}`, `ITA-7,NOR,communication,2026-01-02,single_source,${source}`,
        `NOR-8,NOR,communication,2026-01-02,single_source,${source}`,
        `nor-8,NOR,communication,2026-01-03,single_source,${source}`,
        `GBR-1,GBR,signature,1992-02-06,single_source,${source}`,
        `ITA-9999999,ITA,communication,2026-01-02,single_source,${source}`);
    const answer = await refuses(csv(file), '2 reference reference-of-state',
        '4 reference reference-once', '5 reference reference-unchanged',
        '6 reference reference-of-state');
    assert.match(answer.body.errors[1].detail, /NOR-8 stands on line 3/);
    assert.match(answer.body.errors[2].detail, /\/v1\/actions\/GBR-1/);
    const recorded = await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('CHE', 'signature', '2026-01-02') });
    const { reference } = recorded.body.action;
    await holder.register.call('DELETE', `/v1/actions/${reference}?reason=x`,
        { token: holder.token, headers: { 'If-Match': '*' } });
    await refuses(csv(lines(`reference,${head}`, `${reference},${row('CHE', 'signature', '2026-01-02')}`)),
        '2 reference reference-unchanged');
});

test('a header that is wrong', async () => {
    await refuses(csv(lines('state,kind,colour,date,date,', row('ITA', 'x', 'y'))),
        '1 colour', '1 date', '1 ', '1 verification');
    const answer = await refuses(csv(lines('state;kind;date;verification', 'ITA;x;y;z')), '1');
    assert.match(answer.body.detail, /commas/);
    await refuses(csv(lines(row('ITA', 'signature', '2020-01-01'), row('ITA', 'x', 'y'))),
        '1 ITA', '1 signature', '1 2020-01-01', '1 single_source', `1 ${source}`, '1 state', '1 kind',
        '1 verification');
    await refuses(csv(Array(100).fill('x').join()), '1');
    await refuses(csv(`"${head}`), '1');
    await refuses(csv(Buffer.from([0xff, 0xfe, 0x73, 0])), '1');
});

test('a file without rows, or without anything', async () => {
    await refuses(csv(lines(head)), '1');
    await refuses(csv('\ufeff'), '1');
    await refuses(csv('\r\n\n'), '1');
    await refuses(send('application/x-ndjson', '\n \r\n'), '1');
    const answer = await csv('');
    assert.equal(answer.status, 400);
    assert.equal(answer.body.type, '/problems/malformed-body');
});

test('bytes that are no text', async () => {
    const bytes = (text) => Buffer.from(text, 'latin1');
    await refuses(csv(bytes(lines(head, row('ITA', 'caf\xe9', '2020-01-01'),
        row('ITA', 'a\0b', '2020-01-01'), row('FRA', 'a\x07b', '2020-01-01')))),
    '2 kind', '3 kind', '4 kind');
    await refuses(send('application/x-ndjson', bytes(
        '{"state":"caf\xe9"}\n{"kind":"a\0b"}\n{"kind":"a\\u0000b"}\n{\n[]\n7\n{"a":1,"a":2}\n')),
    '1', '2', '3', '4', '5', '6', '7');
});

test('NDJSON faults have pointers', async () => {
    await refuses(ndjson([{ ...act('ITA', 'communication', '2020-01-01'), colour: 'red',
        sources: ['x'], voided: true }, { state: 'ITA' }]),
    '1 /voided', '1 /sources/0', '1 /colour', '2 /kind', '2 /verification');
    await refuses(send('application/x-ndjson', `{"summary_en":"${'x'.repeat(70000)}"}\n`), '1');
});

test('only CSV and NDJSON in UTF-8, only with the scope', async () => {
    const file = lines(head, row('ITA', 'communication', '2020-01-01'));
    for (const type of ['application/json', 'text/csv; charset=latin1', 'text/plain', 'text/csvx',
        'multipart/form-data; boundary=x', 'text/csv;charset=utf-16']) {
        const answer = await send(type, file);
        assert.equal(answer.status, 415, type);
        assert.match(answer.body.detail, /text\/csv, application\/x-ndjson/);
    }
    for (const type of ['text/csv; charset=utf-8', 'Text/CSV;charset="UTF-8"; header=present']) {
        assert.equal((await send(type, file, '?dry_run=true')).status, 200, type);
    }
    const other = await holder.register.token('other', 'actions:write');
    const call = (token) => holder.register.call('POST', '/v1/imports',
        { body: file, token, headers: { 'Content-Type': 'text/csv' } });
    assert.equal((await call(other)).status, 403);
    assert.equal((await call(undefined)).status, 401);
});

test('a thousand faults are named, and all are counted', async () => {
    const rows = Array.from({ length: 3000 }, () => row('ITA', 'communication', '2020-02-30'));
    const law = Array.from({ length: 3000 }, () => row('FRA', 'accession', '2020-02-03'));
    const answer = await csv(lines(head, ...law, ...rows));
    assert.equal(answer.status, 422);
    assert.equal(answer.body.errors.length, 1000);
    assert.equal(answer.body.error_count, 3000 + 3000 + 2999);
    assert.match(answer.body.detail, /8999 faults; errors names the first 1000/);
    assert.ok(answer.body.errors.every((error) => error.type));
});

test('too many rows, too many bytes', async () => {
    const many = Array.from({ length: 10001 }, () => row('ITA', 'communication', '2020-02-03'));
    const answer = await refuses(csv(lines(head, ...many)), '10002');
    assert.match(answer.body.detail, /10000 rows/);
    const big = await csv('x'.repeat(4194305));
    assert.equal(big.status, 413);
    assert.match(big.body.detail, /4194304 bytes/);
    const huge = await holder.register.raw(`POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${
        holder.token}\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n${
        `10000\r\n${'x'.repeat(65536)}\r\n`.repeat(80)}0\r\n\r\n`, 20000);
    assert.equal(huge.status, 413);
    // Elsewhere a body is as short as ever.
    assert.equal((await holder.register.call('POST', '/v1/actions', { token: holder.token,
        json: act('PRT', 'x'.repeat(70000), '2020-01-01') })).status, 413);
});

// Sends a body of so many bytes, as far as the service reads it; the status that it answers.
function pour(length) {
    return new Promise((done) => {
        const connection = net.connect(holder.register.port, '127.0.0.1');
        const chunk = Buffer.alloc(65536, 'x');
        let left = length;
        const pump = () => {
            while (left > 0) {
                const part = chunk.subarray(0, Math.min(left, chunk.length));
                left -= part.length;
                if (!connection.write(part)) {
                    return;
                }
            }
        };
        connection.on('data', (data) => {
            done(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1]));
            connection.destroy();
        });
        connection.on('drain', pump);
        connection.on('error', () => {});
        connection.on('close', () => done(0));
        connection.write(`POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${holder.token
        }\r\nContent-Type: text/csv\r\nContent-Length: ${length}\r\n\r\n`);
        pump();
    });
}

test('two hundred megabytes', async () => {
    assert.equal(await pour(200 * 1024 * 1024), 413);
    assert.equal((await get('/health/live')).status, 200);
});

test('an Idempotency-Key makes a repetition answer the same, byte for byte', async () => {
    const file = lines(head, row('MLT', 'signature', '2026-03-02'));
    const key = { 'Idempotency-Key': 'malta' };
    const first = await csv(file, '', key);
    assert.equal(first.status, 201);
    const before_ = trace();
    const again = await csv(file, '', key);
    assert.equal(again.text, first.text);
    assert.equal(again.headers.get('etag'), first.headers.get('etag'));
    assert.equal(again.headers.get('location'), first.headers.get('location'));
    assert.equal((await csv(lines(head, row('MLT', 'signature', '2026-03-03')), '', key)).status, 422);
    assert.equal(trace(), before_);
});

test('one import at a time: a second is refused with Retry-After, and other requests go on', async () => {
    const rows = Array.from({ length: 2000 }, (_, i) => row('ITA', 'communication',
        new Date(Date.UTC(2010, 0, 1 + i)).toISOString().slice(0, 10)));
    const file = (i) => lines(head, ...rows.slice(i * 500, i * 500 + 500));
    const imports = [0, 1, 2, 3].map((i) => csv(file(i)));
    const writes = ['SMR', 'MCO', 'AND', 'LIE'].map((state) => holder.register.call('POST',
        '/v1/actions', { token: holder.token, json: act(state, 'signature', '2026-04-01') }));
    const reads = Array.from({ length: 20 }, () => get('/v1/states'));
    const answers = await Promise.all(imports);
    assert.ok(answers.some((answer) => answer.status === 201));
    for (const answer of answers) {
        assert.ok([201, 503].includes(answer.status), answer.text.slice(0, 500));
        if (answer.status === 503) {
            assert.equal(answer.body.type, '/problems/busy');
            assert.ok(answer.headers.get('retry-after'));
        }
    }
    assert.ok((await Promise.all(writes)).every((answer) => answer.status === 201));
    assert.ok((await Promise.all(reads)).every((answer) => answer.status === 200));
    const imported = answers.filter((answer) => answer.status === 201);
    assert.equal(new Set(imported.map((answer) => answer.body.import.revision)).size, imported.length);
});

test('from a shell: the same faults, the same rows, and an exit status', async () => {
    const { environment } = holder.register;
    const folder = mkdtempSync(join(tmpdir(), 'ets144-'));
    const write = (name, text) => {
        const path = join(folder, name);
        writeFileSync(path, text);
        return path;
    };
    const file = write('good.csv', lines(head, row('GEO', 'signature', '2026-05-02'),
        row('GEO', 'communication', '2026-05-03')));
    const command = (...words) => run(['import', ...words], environment);
    const before_ = trace();
    const dry = await command(file, '--author', 'a.person', '--dry-run');
    assert.deepEqual(dry, { status: 0, stdout: '2\tGEO-1\trecorded\n3\tGEO-2\trecorded\n',
        stderr: '2 rows, 2 recorded, 0 unchanged; nothing was imported.\n' });
    assert.equal(trace(), before_);
    const done = await command('--author', 'a.person', file);
    assert.equal(done.status, 0, done.stderr);
    assert.equal(done.stdout, dry.stdout);
    assert.match(done.stderr, /^2 rows, 2 recorded, 0 unchanged; revision \d+\n$/);
    assert.equal((await get('/v1/actions/GEO-1')).body.recorded_by, 'a.person');
    const again = await command(file, '--author', 'a.person');
    assert.match(again.stderr, /0 recorded, 2 unchanged; no new revision\.\n$/);

    const bad = write('bad.csv', lines(head, row('UKR', 'signature', '2026-13-02'),
        row('MDA', 'ratification', '2026-05-02')));
    const refused = await command(bad, '--author', 'a.person');
    assert.equal(refused.status, 1);
    assert.equal(refused.stdout, '');
    assert.deepEqual(refused.stderr.split('\n'), [
        `${bad}:2:date: "2026-13-02" is not a date of the calendar; write YYYY-MM-DD, from 1900 to 2999.`,
        `${bad}:3:date: MDA-1: MDA had not signed by then.`, '']);
    const pointed = await command(write('bad', '\ufeff {"state":"MDA"}\n'), '--author', 'x');
    assert.match(pointed.stderr, /:1:\/kind: The field "kind" is required\.\n/);
    const header = await command(write('header.csv', 'state,colour\n'), '--author', 'x');
    assert.match(header.stderr, /:1:colour: There is no column "colour" here/);
    const many = await command(write('many.csv', lines(head, ...Array.from({ length: 1500 },
        () => row('UKR', 'signature', 'x')))), '--author', 'x');
    assert.match(many.stderr, /1500 faults; these are the first\.\n$/);

    for (const words of [[], [file], ['--author', 'x'], [file, file, '--author', 'x'],
        [file, '--author', ''], [file, '--author', 'x', '--now']]) {
        assert.equal((await command(...words)).status, 2, words.join(' '));
    }
    for (const path of ['/no/such/file', folder]) {
        const missing = await command(path, '--author', 'x');
        assert.equal(missing.status, 1);
        assert.match(missing.stderr, /cannot be read/);
    }
    const small = { ...environment, ETS144_MAX_FILE_BYTES: '1024' };
    const large = await run(['import', '-', '--author', 'x'], small, 'x'.repeat(1025));
    assert.equal(large.status, 1);
    assert.match(large.stderr, /larger than ETS144_MAX_FILE_BYTES/);
    const piped = await run(['import', '-', '--author', 'x'], environment,
        JSON.stringify(act('GEO', 'communication', '2026-05-04')));
    assert.equal(piped.stdout, '1\tGEO-3\trecorded\n');
    const nowhere = { ...environment, ETS144_ADMIN_DATABASE_URL: 'postgresql:///none?host=/none' };
    const away = await run(['import', file, '--author', 'x'], nowhere);
    assert.equal(away.status, 1);
    assert.match(away.stderr, /the database does not answer/);
    rmSync(folder, { recursive: true });
});

test('the columns of the contract are those that the service names', async () => {
    const answer = await csv(lines(`${head},colour`, ''));
    const known = /there are: (.*)\.$/.exec(answer.body.errors[0].detail)[1].split(', ');
    const { description } = contract.paths['/v1/imports'].post;
    for (const name of known) {
        assert.ok(description.includes(`\`${name}\``), name);
    }
});

test('ten thousand rows', async () => {
    const states = sql(holder.register.database, `select reference from register.state_version
        where upper_inf(recorded) and existed_until is null and existed_from is null`).split('\n');
    const rows = Array.from({ length: 10000 }, (_, i) => row(states[i % states.length],
        'declaration', new Date(Date.UTC(1995, 0, 1 + i)).toISOString().slice(0, 10)));
    const answer = await csv(lines(head, ...rows));
    assert.equal(answer.status, 201, answer.text.slice(0, 500));
    assert.equal(answer.body.import.recorded, 10000);
    const { body } = await reportOf(answer);
    assert.equal(body.import.items.at(-1).line, 10001);
    assert.equal((await get('/v1/states')).status, 200);
});
