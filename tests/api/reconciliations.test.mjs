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
// The operations that are proposed for a State.
const operations = (answer, state) =>
    (item(answer, state)?.operations ?? []).map((nth) => answer.body.changeset.operations[nth]);
const proposed = (answer, state) => operations(answer, state).map(({ op, reference, document }) =>
    [op, reference ?? document.kind, document?.date].filter(Boolean).join(' '));
// Sends the changeset as it is; then nothing is left to be done.
const settle = async (chart, query) => {
    const answer = await csv(chart, query);
    assert.equal(answer.status, 200, answer.text);
    const sent = await holder.register.call('POST', '/v1/changesets',
        { token: holder.token, json: answer.body.changeset });
    assert.equal(sent.status, 201, sent.text);
    const again = await csv(chart, query);
    assert.equal(again.body.changeset, null, JSON.stringify(again.body.changeset));
    return again;
};
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
        assert.equal(answer.body.changeset, null);
        assert.ok(answer.body.items.every((one) => one.operations.length === 0));
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
        only_register: 8, not_compared: 0, accepted: 0 });
    assert.deepEqual(answer.body.ignored, ['Notes']);

    const czechia = item(answer, 'CZE');
    assert.deepEqual([czechia.line, czechia.outcome, czechia.operations], [3, 'agrees', []]);

    const albania = item(answer, 'ALB');
    assert.deepEqual(outcomes(albania), { signature: 'compatible', consent: 'agrees',
        entry_into_force: 'agrees', letters: 'agrees' });
    assert.deepEqual(albania.fields[0], { field: 'signature', outcome: 'compatible',
        register: { action: 'ALB-1', date: null, not_before: '1992-02-05', not_after: '2005-07-19',
            verification: 'unconfirmed' },
        chart: { date: '1999-06-09', not_before: null, not_after: null }, noted: null });

    // The letters are those of the current record; the Treaty Office lists Denmark's under Article 15.
    assert.deepEqual(item(answer, 'DNK').fields[3], { field: 'letters', outcome: 'differs',
        register: { letters: ['A', 'T'] }, chart: { letters: ['D', 'T'] }, noted: null });
    assert.equal(outcomes(item(answer, 'FIN')).consent, 'differs');
    assert.equal(outcomes(item(answer, 'ITA')).signature, 'compatible');
    assert.equal(outcomes(item(answer, 'ITA')).entry_into_force, 'differs');
    assert.equal(outcomes(item(answer, 'FRA')).signature, 'only_chart');
    const norway = item(answer, 'NOR');
    assert.deepEqual([norway.line, norway.outcome], [null, 'only_register']);
    assert.deepEqual(proposed(answer, 'NOR'), ['void NOR-1', 'void NOR-2', 'void NOR-3']);
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
    const [{ document: { sources, ...document } }] = operations(await csv(chart), 'RUS');
    assert.deepEqual(document, { state: 'RUS', kind: 'accession', not_before: '2023-02-01',
        not_after: '2023-02-28', verification: 'unconfirmed' });
    await holder.register.call('POST', '/v1/actions', { token: holder.token,
        json: act('RUS', 'accession', '2023-02-05') });
    assert.equal(outcomes(of(await csv(chart), 'RUS')).consent, 'compatible');
});

test('while a row is not understood, nothing is only in the register, and nothing is voided', async () => {
    const answer = await csv(lines(head, 'Italy,,,,,,,,,,', 'Atlantis,,,,,,,,,,'));
    assert.equal(answer.body.summary.only_register, 0);
    assert.equal(outcomes(item(answer, 'ITA')).consent, 'only_register');
    assert.equal(item(answer, 'SWE').outcome, 'not_compared');
    assert.equal(answer.body.changeset, null);
    // A repeated row may say more of its State, and of no other.
    const repeated = await csv(lines(head, 'Italy,,,,,,,,,,', 'Italy,,,,,,,,,,'));
    assert.equal(item(repeated, 'SWE').outcome, 'only_register');
    assert.equal(repeated.body.changeset, null);
});

test('the Treaty Office\'s codes and names in use today are understood', async () => {
    const answer = await json([official('NET', null, null, null, null), official('SPA', null, null, null, null),
        official(null, 'Netherlands, the Kingdom of the', null, null, null)]);
    assert.equal(item(answer, 'NLD').line, 1);
    assert.equal(item(answer, 'ESP').line, 2);
    assert.deepEqual(answer.body.not_understood.map(({ why }) => why), ['repeated']);
});

test('a letter behind a day: a State accedes', async () => {
    const acceded = lines(head, 'Russian Federation,,05/03/2024 a,01/07/2024,,,,,,,', 'Atlantis,,,,,,,,,,');
    const answer = await csv(acceded);
    assert.deepEqual(item(answer, 'RUS').fields[1].chart,
        { date: '2024-03-05', not_before: null, not_after: null, letter: 'a' });
    for (const wrong of ['05/03/2024 x', '05/03/2024 a a', '05/03/2024a', '05/03/2024 A']) {
        assert.equal((await csv(lines(head, `Italy,,${wrong},,,,,,,,`))).status, 422, wrong);
    }
    assert.equal((await csv(lines(head, 'Italy,,,01/07/2024 a,,,,,,,'))).status, 422);
});

// Each changes the register; together they are the cases that were refused line by line.
const officialChart = (rows) => lines('State,Signature,Ratification,Entry into force', ...Object.entries({
    'Czech Republic': '07/06/2000,17/07/2015,01/11/2015', Cyprus: '15/11/1996,,',
    Lithuania: '12/02/2008,,',
    Denmark: '05/02/1992,06/04/2000,01/08/2000', Finland: '03/06/1997,12/01/2001,01/05/2001',
    Iceland: '11/02/2004,11/02/2004,01/06/2004', Italy: '05/02/1992,26/05/1994,01/05/1997',
    Netherlands: '05/02/1992,28/01/1997,01/05/1997', Norway: '05/02/1992,27/07/1993,01/05/1997',
    Slovenia: '23/11/2006,,', Sweden: '05/02/1992,12/02/1993,01/05/1997',
    'United Kingdom': '05/02/1992,,', Albania: '09/06/1999,19/07/2005,01/11/2005', ...rows })
    .map(([name, cells]) => `${name},${cells}`));

test('the deposit of Denmark a day later: its declarations move with it', async () => {
    const chart = officialChart({ Denmark: '05/02/1992,07/04/2000,01/08/2000' });
    const answer = await csv(chart);
    assert.deepEqual(proposed(answer, 'DNK'), ['correct DNK-1 1992-02-05', 'correct DNK-2 2000-04-07',
        'correct DNK-3 2000-04-07', 'correct DNK-4 2000-04-07']);
    assert.equal(item(await settle(chart), 'DNK').outcome, 'agrees');
});

test('a State that ratified, with a chapter left out, is missing in the chart: all of it goes', async () => {
    const france = ['signature', 'ratification'].map((kind) => act('FRA', kind, '2026-11-10'))
        .concat(act('FRA', 'chapter_exclusion', '2026-11-10', { chapters: ['C'] }));
    const recorded = await holder.register.call('POST', '/v1/changesets', { token: holder.token,
        json: { reason: 'Tried.', operations: france.map((document) =>
            ({ op: 'record', type: 'action', document })) } });
    assert.equal(recorded.status, 201, recorded.text);
    const only = await csv(officialChart({ France: '10/11/2026,,' }));
    assert.deepEqual(proposed(only, 'FRA'), ['void FRA-2', 'void FRA-3']);
    assert.deepEqual(proposed(await csv(officialChart({})), 'FRA'), ['void FRA-1', 'void FRA-2', 'void FRA-3']);
    assert.equal(item(await settle(officialChart({})), 'FRA'), undefined);
});

test('signature and ratification are proposed together, an accession after membership', async () => {
    const chart = officialChart({ France: '06/02/1992,05/05/2001,01/09/2001',
        'Russian Federation': ',05/06/2024 a,01/10/2024' });
    const answer = await csv(chart);
    assert.deepEqual(proposed(answer, 'FRA'), ['record signature 1992-02-06', 'record ratification 2001-05-05']);
    const french = await csv(chart, '?lang=fr');
    assert.notEqual(french.body.changeset.reason, answer.body.changeset.reason);
    const again = await settle(chart);
    assert.deepEqual([item(again, 'FRA').outcome, outcomes(item(again, 'RUS')).consent], ['agrees', 'agrees']);
});

test('a difference that a note accepts is told apart from new ones, by those who may read the note', async () => {
    const chart = officialChart({ Slovenia: '24/11/2006,,', 'United Kingdom': '06/02/1992,,' });
    const [field] = item(await csv(chart), 'SVN').fields;
    assert.equal(field.noted, null);
    const made = await holder.register.call('POST', '/v1/notes', { token: holder.token, json: { state: 'SVN',
        subject: { difference: field.field, register: field.register, chart: field.chart },
        outcome: 'accepted', text_en: 'A misprint in the chart.' } });
    assert.equal(made.status, 201, made.text);
    const answer = await holder.register.call('POST', '/v1/reconciliations', { token: holder.token, body: chart,
        headers: { 'Content-Type': 'text/csv' } });
    assert.deepEqual(item(answer, 'SVN').fields[0].noted, { reference: made.body.note.reference,
        outcome: 'accepted', text: 'A misprint in the chart.', owner: null, visibility: 'internal' });
    assert.deepEqual([item(answer, 'SVN').accepted, item(answer, 'GBR').accepted], [true, false]);
    assert.equal(answer.body.summary.accepted, 1);
    assert.deepEqual([proposed(answer, 'SVN'), proposed(answer, 'GBR')], [[], ['correct GBR-1 1992-02-06']]);
    const outside = await csv(chart);
    assert.equal(item(outside, 'SVN').fields[0].noted, null);
    assert.equal(outside.body.summary.accepted, 0);
});

test('what the law does not allow is not proposed', async () => {
    const chart = officialChart({ Austria: '06/02/2003,05/05/2001,01/09/2001', Ireland: ',05/05/2001,01/09/2001',
        Malta: '04/02/1992,,', Denmark: '05/02/1992,07/04/2000,01/08/2000' });
    const answer = await csv(chart);
    for (const state of ['AUT', 'IRL', 'MLT']) {
        assert.notEqual(item(answer, state).outcome, 'agrees');
        assert.deepEqual(proposed(answer, state), []);
    }
});
