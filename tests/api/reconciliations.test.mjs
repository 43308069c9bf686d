// An official chart beside the register: what agrees, what differs, what only one side has.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const send = (type, body, query = '') => holder.register.call('POST', `/v1/reconciliations${query}`,
    { body, headers: { 'Content-Type': type } });
const csv = (body, query) => send('text/csv', body, query);
const json = (rows, query) => send('application/json', JSON.stringify(rows), query);
const official = (code, name, signature, consent, force) => ({ CodePays: code, LibPaysOrga: name,
    NumSTE: '144', DateSignature: signature, DateConsentement: consent, DateEntreeVigueur: force });
const head = 'State,Signature,Ratification,Entry into force,Notes,R.,D.,A.,T.,C.,O.';
const lines = (...rows) => rows.map((row) => `${row}\r\n`).join('');
const trace = () => sql(holder.register.database, `select (select number from register.revision),
    (select count(*) from register.action_version), (select count(*) from register.change)`);
const item = (answer, state) => answer.body.items.find((one) => one.state === state);
const outcomes = (one) => Object.fromEntries(one.fields.map(({ field, outcome }) => [field, outcome]));
// The item of one State in the comparison.
const of = (answer, state) => {
    assert.equal(answer.status, 200, answer.text);
    return item(answer, state);
};

test('our own chart agrees with us, in both languages, on any day', async () => {
    for (const query of ['', '&lang=fr', '&as_of=1998-01-01', '&as_of=1992-02-04']) {
        const chart = Buffer.from(await (await fetch(
            `http://127.0.0.1:${holder.register.port}/v1/chart?format=csv${query}`)).arrayBuffer());
        const answer = await csv(chart, query.replace('&', '?'));
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(answer.body.not_understood, []);
        const { agrees, ...others } = answer.body.summary;
        assert.equal(agrees, answer.body.items.length);
        assert.ok(Object.values(others).every((count) => count === 0), answer.text);
        assert.ok(answer.body.items.every((one) => one.to_record.length === 0));
    }
});

test('a chart in the Treaty Office\'s layout, with days day first', async () => {
    const before_ = trace();
    const answer = await csv(lines(head,
        'Albania,09/06/1999,19/07/2005,01/11/2005,,R,,,,,',
        'Czech Republic,07/06/2000,17/07/2015,01/11/2015,,R,,,,,',
        'Denmark *,05/02/1992,06/04/2000,01/08/2000,,,D,,T,,',
        'Finland,03/06/1997,13/01/2001,01/05/2001,,,,A,,,',
        'France,06/02/1992,,,,,,,,,',
        'Italy,05/02/1993,26/05/1994,01/06/1997,,,,,,,'));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(trace(), before_);
    assert.deepEqual(answer.body.summary, { agrees: 1, compatible: 1, differs: 3, only_chart: 1,
        only_register: 8 });
    assert.deepEqual(answer.body.ignored, ['Notes']);

    const czechia = item(answer, 'CZE');
    assert.deepEqual([czechia.line, czechia.outcome, czechia.to_record], [3, 'agrees', []]);

    const albania = item(answer, 'ALB');
    assert.deepEqual(outcomes(albania), { signature: 'compatible', consent: 'agrees',
        entry_into_force: 'agrees', letters: 'agrees' });
    assert.deepEqual(albania.fields[0], { field: 'signature', outcome: 'compatible',
        register: { action: 'ALB-1', date: null, not_before: '1992-02-05', not_after: '2005-07-19',
            verification: 'unconfirmed' },
        chart: { date: '1999-06-09', not_before: null, not_after: null } });

    // The letters are those of the current record; the Treaty Office lists Denmark's under Article 15.
    assert.deepEqual(item(answer, 'DNK').fields[3], { field: 'letters', outcome: 'differs',
        register: { letters: ['A', 'T'] }, chart: { letters: ['D', 'T'] } });
    assert.equal(outcomes(item(answer, 'FIN')).consent, 'differs');
    assert.equal(outcomes(item(answer, 'ITA')).signature, 'compatible');
    assert.equal(outcomes(item(answer, 'ITA')).entry_into_force, 'differs');
    assert.equal(outcomes(item(answer, 'FRA')).signature, 'only_chart');
    const norway = item(answer, 'NOR');
    assert.deepEqual([norway.line, norway.outcome], [null, 'only_register']);
    assert.deepEqual(norway.to_record, [
        { method: 'DELETE', address: '/v1/actions/NOR-1', document: null },
        { method: 'DELETE', address: '/v1/actions/NOR-2', document: null }]);
});

test('JSON rows as the Treaty Office has them, in groups or not', async () => {
    const rows = [official('CZE', 'Czechia', '07/06/2000', '17/07/2015', '01/11/2015'),
        official('BUL', 'Bulgaria', null, null, null),
        official('SLV', 'Slovenia', '2006-11-23T00:00:00', '', null)];
    for (const body of [rows, [rows, [], []]]) {
        const answer = await json(body);
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(['CZE', 'BGR', 'SVN'].map((state) => item(answer, state)?.outcome),
            ['agrees', 'agrees', 'agrees']);
        assert.deepEqual(answer.body.ignored, ['NumSTE']);
        assert.equal(item(answer, 'SVN').line, 3);
    }
});

test('a State is found by its names and codes, and never guessed', async () => {
    const rows = (...names) => lines(head, ...names.map((name) => `"${name}"${','.repeat(10)}`));
    const known = { 'Bosnia and Herzegovina': 'BIH', 'Bosnie-Herzégovine': 'BIH', 'TURKEY': 'TUR',
        'Türkiye': 'TUR', 'Turquie': 'TUR', 'Republic of Moldova': 'MDA', 'République de Moldova': 'MDA',
        'North Macedonia (1)': 'MKD', 'Macédoine du Nord': 'MKD', 'Czechia': 'CZE', 'Tchéquie': 'CZE',
        'République tchèque': 'CZE', 'Netherlands': 'NLD', 'Pays-Bas': 'NLD', 'United Kingdom': 'GBR',
        'Royaume-Uni': 'GBR', 'Slovak Republic': 'SVK', 'Slovaquie': 'SVK', 'Russian Federation': 'RUS',
        'l’ex-République yougoslave de Macédoine': 'MKD', ' gre ': 'GRC', 'SUI': 'CHE', 'CHE': 'CHE',
        'ch': 'CHE', 'GER': 'DEU', 'bul': 'BGR', 'Cyprus **': 'CYP', 'Liechtenstein': 'LIE' };
    for (const [name, state] of Object.entries(known)) {
        const answer = await csv(rows(name));
        assert.deepEqual(answer.body.not_understood, [], name);
        assert.equal(answer.body.items.find(({ line }) => line === 2)?.state ?? state, state, name);
    }
    const answer = await csv(rows('Atlantis', 'Macedonia', 'Italy', 'Italie', 'Members of the Council'));
    assert.deepEqual(answer.body.not_understood.map(({ line, name, why }) => [line, name, why]),
        [[2, 'Atlantis', 'unknown'], [3, 'Macedonia', 'unknown'], [5, 'Italie', 'repeated'],
            [6, 'Members of the Council', 'unknown']]);
    const both = await json([official('ITA', 'France', null, null, null),
        official('XXX', 'France', null, null, null)]);
    assert.deepEqual(both.body.not_understood,
        [{ line: 1, code: 'ITA', name: 'France', why: 'unknown' }]);
});

test('days: the day comes first, and nothing is guessed', async () => {
    const wrong = ['05/13/1992', '5/2/92', '31/02/1992', '1992/02/05', '05-02-1992', '05.02.1992',
        '5 February 1992', '05/02/1992 x', '00/02/1992', '1992-02-05T12:00:00', '005/02/1992'];
    const answer = await csv(lines(head, ...wrong.map((day) => `Italy,${day},,,,,,,,,`)));
    assert.equal(answer.status, 422);
    assert.equal(answer.body.type, '/problems/rows-refused');
    assert.deepEqual(answer.body.errors.map(({ line, column }) => [line, column]),
        wrong.map((_, i) => [i + 2, 'Signature']));
    assert.match(answer.body.errors[0].detail, /day first/);
    for (const day of ['5/2/1992', '05/02/1992', '1992-02-05', ' 05/02/1992 ']) {
        const { fields } = of(await csv(lines(head, `France,${day},,,,,,,,,`)), 'FRA');
        assert.equal(fields[0].chart.date, '1992-02-05', day);
    }
    const rows = await json([{ ...official('ITA', null, '1/1/93', null, 7), X: null }, 'x',
        { LibPaysOrga: 'Italy' }, official(null, null, null, null, null)]);
    assert.deepEqual(rows.body.errors.map(({ line, pointer }) => `${line} ${pointer ?? ''}`),
        ['1 /DateSignature', '1 /DateEntreeVigueur', '2 ', '3 /DateSignature', '3 /DateConsentement',
            '3 /DateEntreeVigueur', '4 /CodePays']);
});

test('an unreadable chart is refused with the reason', async () => {
    const detail = async (answering) => {
        const { status, body } = await answering;
        return [status, body.type, ...(body.errors ?? []).map(({ line, column }) =>
            `${line} ${column ?? ''}`)].join(', ');
    };
    const refused = '422, /problems/rows-refused';
    assert.equal(await detail(csv('')), '400, /problems/malformed-body');
    assert.equal(await detail(csv(lines(head))), `${refused}, 1 `);
    assert.equal(await detail(csv(lines('State,Signature', 'Italy,'))),
        `${refused}, 1 Ratification, 1 Entry into force`);
    assert.equal(await detail(csv(lines(`${head},colour`, 'Italy'))), `${refused}, 1 colour`);
    assert.equal(await detail(csv(lines('State,name,Signature,signature_date,Ratification,Entry into force'))),
        `${refused}, 1 signature_date`);
    assert.equal(await detail(csv(lines(head, 'Italy,x', `"It"aly${','.repeat(10)}`, `,1${','.repeat(9)}`,
        ','.repeat(10), `${'x'.repeat(201)}${','.repeat(10)}`))),
    `${refused}, 2 Signature, 2 , 3 State, 4 Signature, 6 State`);
    for (const body of ['{', '{}', '7', '[[1]]x']) {
        assert.equal(await detail(send('application/json', body)), `${refused}, 1 `, body);
    }
    assert.equal(await detail(send('application/json', '[]')), `${refused}, 1 `);
    assert.equal(await detail(send('application/json', '[[],7]')), `${refused}, 1 `);
    assert.equal(await detail(csv(lines(head, ...Array(1001).fill('Italy,,,,,,,,,,')))),
        `${refused}, 1002 `);
    assert.equal((await send('application/x-ndjson', '{}')).status, 415);
    assert.equal((await csv('x'.repeat(65537))).status, 413);
    const many = { ...official('ITA', 'Italy', null, null, null) };
    for (let i = 0; i < 300; i++) {
        many[`member${i}`] = null;
    }
    assert.equal((await json([many])).body.ignored.length, 100);
});

test('as_of and known_at work as elsewhere, and unknown parameters are refused', async () => {
    const chart = lines(head, 'Italy,05/02/1992,26/05/1994,01/05/1997,,R,,,,,');
    const then = await csv(chart, '?as_of=1993-01-01');
    assert.deepEqual(outcomes(item(then, 'ITA')), { signature: 'compatible', consent: 'only_chart',
        entry_into_force: 'only_chart', letters: 'differs' });
    assert.equal(then.body.as_of, '1993-01-01');
    const first = sql(holder.register.database, "select to_json(at)#>>'{}' from register.revision_log where revision = 1");
    const known = await csv(chart, `?known_at=${encodeURIComponent(first)}`);
    assert.equal(known.body.revision, 1);
    assert.equal((await csv(chart, '?dry_run=true')).status, 400);
    assert.equal((await csv(chart, '?known_at=2999-01-01T00:00:00Z')).status, 400);
});

test('a State that is no member accedes, and an unconfirmed day is proposed with its bounds', async () => {
    const chart = lines('state,name,signature_date,ratification_date,ratification_not_before,'
        + 'ratification_not_after,entry_into_force', 'RUS,Russia,,,2023-02-01,2023-02-28,');
    const [proposed] = of(await csv(chart), 'RUS').to_record;
    const { sources, ...document } = proposed.document;
    assert.deepEqual(document, { state: 'RUS', kind: 'accession', not_before: '2023-02-01',
        not_after: '2023-02-28', verification: 'unconfirmed' });
    await holder.register.call('POST', '/v1/actions', { token: holder.token,
        json: act('RUS', 'accession', '2023-02-05') });
    assert.equal(outcomes(of(await csv(chart), 'RUS')).consent, 'compatible');
});

test('the proposed documents can be sent as they are, and then both sides agree', async () => {
    const chart = lines(head, 'Albania,09/06/1999,19/07/2005,01/11/2005,,R,,,,,',
        'Finland,03/06/1997,13/01/2001,01/05/2001,,,,A,,,', 'France,06/02/1992,05/05/2001,01/09/2001,,,,,,,',
        'Italy,05/02/1993,26/05/1994,01/06/1997,,R,,,,,', 'Slovenia,,,,,,,,,,');
    const states = ['ALB', 'FIN', 'FRA', 'ITA', 'SVN'];
    const answer = await csv(chart);
    assert.deepEqual(item(answer, 'FRA').to_record.map(({ document: { sources, ...document } }) => document), [
        { state: 'FRA', kind: 'signature', date: '1992-02-06', verification: 'single_source' },
        { state: 'FRA', kind: 'ratification', date: '2001-05-05',
            published_effective_date: '2001-09-01', verification: 'single_source' }]);
    const [, finland] = item(answer, 'FIN').to_record;
    assert.equal(finland.address, '/v1/actions/FIN-2');
    assert.deepEqual([finland.document.date, finland.document.published_effective_date],
        ['2001-01-13', '2001-05-01']);
    assert.equal(finland.document.sources.length, 3);
    const french = await csv(chart, '?lang=fr');
    assert.notEqual(item(french, 'ALB').to_record[0].document.reason,
        item(answer, 'ALB').to_record[0].document.reason);

    for (const state of states) {
        for (const { method, address, document } of item(answer, state).to_record) {
            const written = await holder.register.call(method,
                method === 'DELETE' ? `${address}?reason=Not+in+the+chart` : address,
                { token: holder.token, json: document ?? undefined,
                    headers: method === 'POST' ? {} : { 'If-Match': '*' } });
            // Finland made a declaration at the deposit, whose day differs then.
            assert.ok(written.status < 300 || state === 'FIN', `${state} ${written.text}`);
        }
    }
    const again = await csv(chart);
    for (const state of states.filter((one) => one !== 'FIN')) {
        assert.equal(item(again, state)?.outcome ?? 'agrees', 'agrees', JSON.stringify(item(again, state)));
    }
});
