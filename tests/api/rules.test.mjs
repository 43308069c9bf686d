// Refusals by the Convention and by the order of the record: each rule has its problem type, and a case
// here.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, source, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const write = (method, address, json, headers = {}) =>
    holder.register.call(method, address, { json, headers, token: holder.token });
const seen = new Set();

// The answer names exactly these rules, the first as its own type, and leaves everything as it was.
async function refuses(rules, answering) {
    const before_ = holder.register.revision();
    const answer = await answering;
    const types = [rules].flat().map((rule) => `/problems/${rule}`);
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(answer.body.errors.map((error) => error.type), types);
    assert.equal(answer.body.type, types[0]);
    assert.equal(holder.register.revision(), before_);
    types.forEach((type) => seen.add(type));
    return answer.body;
}
const record = (rules, ...words) => refuses(rules, write('POST', '/v1/actions', act(...words)));

test('the State, the kind and the verification must be known codes', async () => {
    await record('state-exists', 'XXX', 'signature', '2020-01-01');
    await record('kind-exists', 'AUT', 'applause', '2020-01-01');
    await record('verification-exists', 'AUT', 'signature', '2020-01-01', { verification: 'sure' });
});

test('Article 17: no reservation but those of the Convention itself', async () => {
    await record('no-reservation', 'AUT', 'reservation', '2020-01-01');
});

test('a day is given, in order, dated where it is verified, and not ahead', async () => {
    await record('day-given', 'AUT', 'signature', undefined, { verification: 'unconfirmed' });
    await record('days-in-order', 'AUT', 'signature', '2020-01-01',
        { verification: 'unconfirmed', not_before: '2020-02-01', not_after: '2020-03-01' });
    await record('known-day-is-dated', 'AUT', 'signature', undefined, { not_after: '2020-01-01' });
    await record('day-not-in-future', 'AUT', 'signature', '2099-01-01');
    await record('open-for-signature', 'AUT', 'signature', '1992-02-04');
    await record('effect-not-before-act', 'AUT', 'signature', '2020-01-01',
        { published_effective_date: '2019-12-31' });
});

test('a notification that was received may be of a day to come', async () => {
    const ahead = act('NOR', 'denunciation', '2099-01-01');
    await refuses('day-not-in-future', write('POST', '/v1/actions?dry_run=true', ahead));
    assert.equal((await write('POST', '/v1/actions?dry_run=true',
        { ...ahead, received_on: '2026-01-01' })).status, 200);
});

test('sources bear out the verification, and references exist', async () => {
    await record('sources-match-verification', 'AUT', 'signature', '2020-01-01', { sources: [] });
    await record('sources-match-verification', 'AUT', 'signature', '2020-01-01',
        { verification: 'confirmed' });
    await record('reference-exists', 'AUT', 'communication', '2020-01-01', { refers_to: 'AUT-9' });
    await record('reference-exists', 'AUT', 'communication', '2020-01-01', { refers_to: 'ITA-1' });
});

test('a correction and a void need a reason', async () => {
    await refuses('reason-given', write('PUT', '/v1/actions/GBR-1',
        { kind: 'signature', date: '1992-02-06', verification: 'single_source', sources: [source],
            reason: ' ' }, { 'If-Match': '*' }));
    await refuses('reason-given', write('DELETE', '/v1/actions/GBR-1?reason=%20', undefined,
        { 'If-Match': '*' }));
});

test('Article 11: members sign, once, and then ratify, accept or approve', async () => {
    await record('signature-by-member', 'RUS', 'signature', '2022-03-17');
    await record('one-signature', 'GBR', 'signature', '2020-01-01');
    for (const kind of ['ratification', 'acceptance', 'approval']) {
        await record('signature-before-consent', 'AUT', kind, '2020-01-01');
    }
    await record(['signature-before-consent', 'ratification-by-member'],
        'RUS', 'ratification', '2023-01-01');
    await record('no-second-consent', 'ITA', 'acceptance', '2020-01-01');
});

test('a State may sign and deposit on one day', async () => {
    const day = '2020-05-05';
    assert.equal((await write('POST', '/v1/actions', act('AND', 'signature', day))).status, 201);
    assert.equal((await write('POST', '/v1/actions', act('AND', 'approval', day))).status, 201);
});

test('Article 13: others accede, to the Convention in force', async () => {
    await record('accession-by-non-member', 'AUT', 'accession', '2020-01-01');
    await record('accession-after-entry-into-force', 'RUS', 'accession', '1996-01-01');
    const acceding = await write('POST', '/v1/actions?dry_run=true',
        act('RUS', 'accession', '2023-01-15'));
    assert.equal(acceding.status, 200);
    assert.equal(acceding.body.state.in_force_on, '2023-05-01');
    assert.equal(acceding.body.state.member, false);
});

test('Articles 1 and 6: chapters are left out at the deposit, never A, and accepted later', async () => {
    await record('chapter-a-always-applies', 'NLD', 'chapter_exclusion', '1997-01-28',
        { chapters: ['A'] });
    for (const chapters of [[], ['D'], ['C', 'C']]) {
        await record('chapters-named', 'NLD', 'chapter_exclusion', '1997-01-28', { chapters });
    }
    await record('chapters-named', 'AUT', 'signature', '2020-01-01', { chapters: ['B'] });
    await record('chapter-exclusion-at-deposit', 'NLD', 'chapter_exclusion', '1997-01-29',
        { chapters: ['C'] });
    await record('chapter-acceptance-of-left-out', 'NOR', 'chapter_acceptance', '2010-01-01',
        { chapters: ['C'] });
    await record('vote-only-at-deposit', 'NLD', 'vote_only', '1998-01-28');
    await record('vote-only-needs-chapter-c', 'ITA', 'vote_only', '1994-05-26');
});

test('Italy may accept Chapter C, effective by the three-month rule', async () => {
    const { body } = await write('POST', '/v1/actions?dry_run=true',
        act('ITA', 'chapter_acceptance', '2025-11-30', { chapters: ['C'] }));
    assert.equal(body.action.effective_on, '2026-03-01');
    assert.deepEqual(body.state.chapters, ['A', 'B', 'C']);
});

test('Articles 15 and 16: authorities and territories', async () => {
    await record('authority-declaration-at-deposit', 'NLD', 'authority_declaration', '2000-01-01');
    await record('territorial-declaration-in-time', 'NLD', 'territorial_declaration', '2000-01-01',
        { territories: { covered: ['AW'] } });
    await record('territories-named', 'NLD', 'territorial_extension', '2000-01-01');
    await record('territories-named', 'AUT', 'signature', '2020-01-01',
        { territories: { covered: ['AT-9'] } });
    await record('territorial-extension-of-uncovered', 'NLD', 'territorial_extension', '2000-01-01',
        { territories: { covered: ['NL-Europe'] } });
    await record('territorial-withdrawal-of-covered', 'NLD', 'territorial_withdrawal', '2000-01-01',
        { territories: { left_out: ['AW'] } });
});

test('Article 9 and declarations: an end needs a beginning', async () => {
    await record('derogation-by-party', 'SVN', 'derogation', '2010-01-01');
    await record('derogation-end-after-derogation', 'NOR', 'derogation_end', '2010-01-01');
    await record('withdrawal-names-declaration', 'NOR', 'declaration_withdrawal', '2010-01-01');
    await record('withdrawal-names-declaration', 'NOR', 'declaration_withdrawal', '2010-01-01',
        { refers_to: 'NOR-2' });
});

test('Article 18: a Party denounces, once, and is then bound by nothing', async () => {
    await record('denunciation-by-party', 'SVN', 'denunciation', '2010-01-01');
    assert.equal((await write('POST', '/v1/actions', act('SWE', 'denunciation', '2020-01-15')))
        .body.action.effective_on, '2020-08-01');
    await record('one-denunciation', 'SWE', 'denunciation', '2020-03-01');
    await record('nothing-after-denunciation', 'SWE', 'declaration', '2020-08-01');
    const { body } = await write('POST', '/v1/actions', act('SWE', 'signature', '2021-01-01'));
    assert.equal(body.state.status, 'signatory');
});

test('every breach is named at once, by its field, in the language of the request', async () => {
    const many = ['sources-match-verification', 'day-not-in-future', 'accession-by-non-member',
        'chapters-named'];
    const wrong = ['AUT', 'accession', '2099-01-01', { chapters: ['A'], verification: 'confirmed' }];
    const body = await record(many, ...wrong);
    assert.deepEqual(body.errors.map((error) => error.pointer),
        ['/sources', '/date', '/kind', '/chapters']);
    const french = await refuses(many, write('POST', '/v1/actions?lang=fr', act(...wrong)));
    assert.deepEqual(french.errors.map((error) => error.pointer),
        body.errors.map((error) => error.pointer));
    french.errors.forEach((error, i) => assert.notEqual(error.detail, body.errors[i].detail));
    assert.notEqual(french.title, body.title);
});

test('a correction or a void that leaves an unlawful register is refused', async () => {
    await refuses('signature-before-consent', write('PUT', '/v1/actions/ALB-1',
        { kind: 'signature', date: '2006-01-01', verification: 'single_source', sources: [source],
            reason: 'x' }, { 'If-Match': '*' }));
    await refuses('chapter-exclusion-at-deposit', write('DELETE', '/v1/actions/ALB-2?reason=x',
        undefined, { 'If-Match': '*' }));
});

const call = (more = {}) => ({ reference: 'CG-TEST-1', body: 'congress', date: '2020-01-01',
    title_en: 'A call', title_fr: 'Un appel', asks_for: ['consent'], asks_en: 'To ratify.',
    asks_fr: 'De ratifier.', verification: 'single_source', sources: [source], ...more });
const entry = (more = {}) => ({ state: 'FRA', stage: 'under_study', date: '2020-01-01',
    visibility: 'public', sources: [source], ...more });

test('a call needs a new reference, a known body and something that it asks for', async () => {
    const refusesCall = (rule, more) => refuses(rule, write('POST', '/v1/calls', call(more)));
    await refusesCall('call-reference-free', { reference: 'CG-REC-304' });
    await refusesCall('call-body-exists', { body: 'club' });
    await refusesCall('call-asks-for-something', { asks_for: [] });
});

test('an entry of the outlook has a known stage and visibility, a source if public, and is of no Party', async () => {
    const refusesEntry = (rule, more) => refuses(rule, write('POST', '/v1/outlook', entry(more)));
    await refusesEntry('stage-exists', { stage: 'rumour' });
    await refusesEntry('visibility-exists', { visibility: 'secret' });
    await refusesEntry('outlook-before-party', { state: 'ITA' });
    await refusesEntry('public-outlook-has-source', { sources: [] });
});

test('a State has codes, names and days of its own, and acts and memberships within them', async () => {
    const sourced = { verification: 'single_source', sources: [source] };
    const name = { name_en: 'x', name_fr: 'x', subject_fr: 'x' };
    const state = (more = {}) => ({ code: 'QQA', alpha2: 'QA', numeric: '901', names: [name],
        ...sourced, ...more });
    const refusesState = (rule, more) => refuses(rule,
        write('POST', '/v1/states', { ...state(more), reason: 'x' }));
    await refusesState('state-code-free', { code: 'ITA' });
    await refusesState('state-codes-own', { alpha2: 'IT' });
    await refusesState('state-names-in-order', { names: [name, name] });
    await refusesState('state-existed-in-order',
        { existed_from: '2000-01-01', existed_until: '2000-01-01' });
    await refuses('state-with-facts-stands', write('DELETE', '/v1/states/CSK/record?reason=x',
        undefined, { 'If-Match': '*' }));
    const joins = (rule, more) => refuses(rule, write('POST', '/v1/memberships',
        { state: 'CSK', member_from: '1990-01-01', reason: 'x', ...sourced, ...more }));
    await joins('membership-in-order', { member_until: '1990-01-01' });
    await joins('memberships-apart', { member_until: '1992-01-01' });
    await joins('membership-of-existing-state', { state: 'CSK', member_from: '1993-01-01' });
    await record('act-of-existing-state', 'CSK', 'communication', '1993-01-01');
    await record('succession-to-act', 'SVK', 'succession', '1993-01-01', { refers_to: 'ITA-1' });
});

test('a reply is by a State or a body, to a call, after it, and stands with it', async () => {
    const reply = (more) => ({ state: 'FRA', call: 'CG-REC-304', date: '2012-01-01', text_en: 'Under study.',
        verification: 'single_source', sources: [source], ...more });
    const refusesReply = (rule, more) => refuses(rule, write('POST', '/v1/replies', reply(more)));
    await refusesReply('reply-to-call', { call: 'CG-REC-9999' });
    await refusesReply('reply-not-before-call', { date: '2011-03-23' });
    await refusesReply('reply-by-state-or-body', { body: 'congress' });
    await refusesReply('text-given', { text_en: null });
    const made = await write('POST', '/v1/replies', reply());
    assert.equal(made.status, 201, made.text);
    await refuses('call-without-replies', write('DELETE', '/v1/calls/CG-REC-304?reason=x', undefined,
        { 'If-Match': '*' }));
    await write('DELETE', `${made.headers.get('location')}?reason=x`, undefined, { 'If-Match': '*' });
});

test('a note has a subject of its State, values that differ, and a known outcome', async () => {
    const refusesNote = (rule, subject, more) => refuses(rule, write('POST', '/v1/notes',
        { state: 'ITA', subject, outcome: 'open', text_en: 'x', ...more }));
    await refusesNote('note-has-subject', {});
    await refusesNote('note-action-of-state', { anomaly: 'day_unconfirmed', action: 'GBR-1' });
    await refusesNote('note-values-differ', { difference: 'consent', register: { date: '1994-05-26' },
        chart: { date: '1994-05-26' } });
    await refusesNote('outcome-exists', { anomaly: 'day_unconfirmed' }, { outcome: 'forgotten' });
});

test('a row of a file has a reference of its State, once, or none', async () => {
    const refusesRows = async (rule, ...rows) => {
        const before_ = holder.register.revision();
        const { status, body } = await holder.register.call('POST', '/v1/imports', {
            token: holder.token, headers: { 'Content-Type': 'application/x-ndjson' },
            body: rows.map((row) => JSON.stringify(act('GBR', 'signature', '1992-02-05', row)))
                .join('\n') });
        assert.equal(status, 422);
        assert.deepEqual(body.errors.map((error) => error.type), [`/problems/${rule}`]);
        assert.equal(holder.register.revision(), before_);
        seen.add(body.errors[0].type);
    };
    await refusesRows('reference-of-state', { reference: 'ITA-9' });
    await refusesRows('reference-once', { reference: 'GBR-5', kind: 'communication' },
        { reference: 'GBR-5', kind: 'declaration' });
    await refusesRows('reference-unchanged', { reference: 'GBR-1' });
});

test('an operation of a changeset is of a record, once, and changes it', async () => {
    const refusesOperations = async (rule, ...operations) => {
        const answer = await write('POST', '/v1/changesets', { reason: 'Tried.', operations });
        assert.equal(answer.status, 422, answer.text);
        assert.deepEqual(answer.body.errors.map((error) => error.type), [`/problems/${rule}`]);
        seen.add(answer.body.errors[0].type);
    };
    const cancel = (reference, version = 1) => ({ op: 'void', type: 'action', reference, version });
    const say = (name, more) => ({ op: 'record', type: 'action', name,
        document: act('GBR', 'communication', '2020-01-01', more) });
    await refusesOperations('operation-of-record', cancel('GBR-99'));
    const note = (visibility) => ({ op: 'record', type: 'outlook', document: { state: 'GBR',
        stage: 'no_plan', date: '2020-01-01', visibility, sources: [source] } });
    await refusesOperations('internal-apart', note('internal'), note('public'));
    await refusesOperations('record-changed-once', cancel('GBR-1'), cancel('gbr-1'));
    await refusesOperations('name-given-once', say('#a'), say('#a'));
    await refusesOperations('name-of-operation', say('#a', { refers_to: '#b' }));
    const made = await write('POST', '/v1/changesets', { reason: 'Tried.', operations: [say()] });
    const { reference } = made.body.changeset.operations[0];
    await write('POST', '/v1/changesets', { reason: 'Tried.', operations: [cancel(reference)] });
    await refusesOperations('operation-of-standing-record', cancel(reference, 2));
    const held = act('GBR', 'communication', '2020-01-01');
    await write('POST', '/v1/changesets', { reason: 'Tried.', operations: [say()] });
    const { state, ...document } = held;
    const next = reference.replace(/\d+$/, (number) => Number(number) + 1);
    await refusesOperations('changeset-changes-something',
        { op: 'correct', type: 'action', reference: next, version: 1, document });
});

test('no rule of the law is without its case above', () => {
    const rules = sql(holder.register.database,
        "select '/problems/' || replace(name, '_', '-') from register.rule").split('\n');
    assert.deepEqual([...seen].sort(), rules.sort());
});
