// States and memberships are facts like any other: recorded, corrected and voided, with who and why.
import { test, before, after } from 'node:test';
import assert from 'node:assert/strict';
import { useRegister, act, run, source } from '../harness.mjs';

const holder = useRegister({ before, after });
const call = (...request) => holder.register.call(...request);
const get = async (address) => (await call('GET', address)).body;

const sourced = { verification: 'single_source', sources: [source] };
const belarus = { code: 'BLR', alpha2: 'BY', numeric: '112', ...sourced, names: [
    { name_en: 'Belarus', name_fr: 'Bélarus', subject_fr: 'Le Bélarus' }] };
const czechoslovakia = { code: 'CSX', alpha2: 'CX', numeric: '999', ...sourced,
    existed_from: '1918-10-28', existed_until: '1993-01-01', names: [
        { name_en: 'A federation', name_fr: 'Une fédération', subject_fr: 'La fédération',
            agreement_fr: 'e' }] };

const changeset = (reason, ...operations) =>
    call('POST', '/v1/changesets', { token: holder.token, json: { reason, operations } });
const records = (type, document) => ({ op: 'record', type, document });
const types = (answer) => answer.body.errors.map((fault) => fault.type ?? fault.detail);

// Reads the record at an address, and replaces what `changes` names.
async function correct(address, changes) {
    const answer = await call('GET', address);
    const { code, reference, state, name, version, note, voided, recorded_at, recorded_by, links,
        ...content } = answer.body;
    content.names = content.names?.map(({ used_until, ...used }) =>
        ({ ...used, agreement_fr: used.agreement_fr || null }));
    return call('PUT', address, { token: holder.token,
        headers: { 'If-Match': answer.headers.get('etag') }, json: { ...content, ...changes } });
}

test('on the day of the opening there were 26 members, Czechoslovakia among them', async () => {
    assert.equal((await get('/v1/statistics?as_of=1992-02-05')).members, 26);
    const { name, member, member_since } = await get('/v1/states/CSK?as_of=1992-02-05&lang=fr');
    assert.deepEqual([name, member, member_since], ['Tchécoslovaquie', true, '1991-02-21']);
});

test('as of 24 March 2011, Turkey has the name that it had then', async () => {
    for (const [address, name] of [['/v1/states/TUR?as_of=2011-03-24', 'Turkey'],
        ['/v1/states/TUR?as_of=2011-03-24&lang=fr', 'Turquie'], ['/v1/states/TUR', 'Türkiye']]) {
        assert.equal((await get(address)).name, name);
    }
    const chart = await get('/v1/chart?as_of=2011-03-24');
    assert.equal(chart.items.find(({ state }) => state === 'TUR').name, 'Turkey');
});

test('Serbia was a member as Serbia and Montenegro, and Montenegro is a State of its own since', async () => {
    for (const [day, en, fr, member] of [
        ['2003-02-03', 'Federal Republic of Yugoslavia', 'République fédérale de Yougoslavie', false],
        ['2003-04-03', 'Serbia and Montenegro', 'Serbie-et-Monténégro', true],
        ['2006-06-02', 'Serbia and Montenegro', 'Serbie-et-Monténégro', true],
        ['2006-06-03', 'Serbia', 'Serbie', true]]) {
        const english = await get(`/v1/states/SRB?as_of=${day}`);
        const french = await get(`/v1/states/SRB?as_of=${day}&lang=fr`);
        assert.deepEqual([english.name, french.name, english.member], [en, fr, member], day);
    }
    const members = async (day) => (await get(`/v1/states?member=true&as_of=${day}`)).items
        .map(({ code }) => code);
    assert.ok(!(await members('2006-06-03')).includes('MNE'));
    assert.ok((await members('2007-05-11')).includes('MNE'));
    const early = await call('POST', '/v1/memberships', { token: holder.token, json: { state: 'MNE',
        member_from: '2003-04-03', member_until: '2006-06-03', ...sourced, reason: 'x' } });
    assert.deepEqual([early.status, early.body.type], [422, '/problems/membership-of-existing-state']);
    const { verification, sources } = await get('/v1/states/MNE/record');
    assert.deepEqual([verification, sources.length], ['confirmed', 3]);
});

test('a State is admitted, becomes a member and signs, in one changeset', async () => {
    const answer = await changeset('Belarus became a member.', records('state', belarus),
        records('membership', { state: 'BLR', member_from: '2026-09-01', ...sourced }),
        records('action', act('BLR', 'signature', '2026-09-02')));
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(answer.body.changeset.operations.map((done) => done.reference),
        ['BLR', 'BLR-M1', 'BLR-1']);
    assert.deepEqual(answer.body.consequences.changes
        .filter(({ before: was, after: is }) => was === null && is === null), []);
    const state = await get('/v1/states/by');
    assert.deepEqual([state.code, state.name, state.member, state.status],
        ['BLR', 'Belarus', true, 'signatory']);
    const { items } = await get('/v1/changes?state=BLR&limit=500');
    assert.deepEqual(items.map(({ data }) => `${data.category} ${data.event}`).sort(),
        ['membership recorded', 'signature recorded', 'state recorded', 'status changed']);
});

test('a State without membership is invited, and accedes', async () => {
    const document = { ...belarus, code: 'CAN', alpha2: 'CA', numeric: '124', reason: 'Invited.',
        names: [{ name_en: 'Canada', name_fr: 'Canada', subject_fr: 'Le Canada' }] };
    const recorded = await call('POST', '/v1/states', { token: holder.token, json: document });
    assert.deepEqual([recorded.status, recorded.headers.get('location')],
        [201, '/v1/states/CAN/record']);
    await holder.write('POST', '/v1/actions', act('CAN', 'accession', '2026-06-15'));
    const state = await get('/v1/states/CAN?as_of=2026-10-01');
    assert.deepEqual([state.member, state.status, state.in_force_on], [false, 'party', '2026-10-01']);
});

test('a wrong day of a membership is corrected, and its period does not overlap itself', async () => {
    const before = await get('/v1/memberships/TUR-M1');
    assert.equal(before.member_from, '1950-04-13');
    const answer = await correct('/v1/memberships/tur-m1', { member_from: '1949-08-09', ...sourced,
        sources_disagree: false, reason: 'The Statute was acceded to on that day.' });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.membership.version, 2);
    const { items } = await get('/v1/memberships/TUR-M1/versions');
    assert.deepEqual(items.map((held) => [held.member_from, held.reason, held.recorded_by]), [
        ['1950-04-13', 'Loaded from sql/data.', 'load'],
        ['1949-08-09', 'The Statute was acceded to on that day.', 'secretariat']]);
    assert.ok(!(await get('/v1/anomalies')).items.some((found) => found.state === 'TUR'));
});

test('a correction needs the version that was read, a reason and its sources', async () => {
    const json = { member_from: '1949-05-06', ...sourced, reason: 'x' };
    const put = (more, headers = { 'If-Match': '*' }) => call('PUT', '/v1/memberships/ITA-M1',
        { token: holder.token, headers, json: { ...json, ...more } });
    assert.equal((await put({}, {})).status, 428);
    assert.equal((await put({}, { 'If-Match': '"x"' })).status, 412);
    assert.equal((await put({ reason: undefined })).status, 422);
    const unsourced = await put({ sources: [] });
    assert.deepEqual([unsourced.status, unsourced.body.type],
        [422, '/problems/sources-match-verification']);
    assert.equal(unsourced.body.errors[0].pointer, '/sources');
});

test('a membership that was never so is voided, and others than members do not sign', async () => {
    const { headers } = await call('GET', '/v1/memberships/AND-M1');
    const answer = await call('DELETE', '/v1/memberships/AND-M1?reason=Wrong', { token: holder.token,
        headers: { 'If-Match': headers.get('etag') } });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await get('/v1/memberships/AND-M1')).voided, true);
    assert.equal((await get('/v1/states/AND')).member, false);
    const signs = await call('POST', '/v1/actions', { token: holder.token,
        json: act('AND', 'signature', '2020-01-01') });
    assert.equal(signs.body.type, '/problems/signature-by-member');
});

test('the membership of a State that signed is not voided beneath its signature', async () => {
    const { headers } = await call('GET', '/v1/memberships/NOR-M1');
    const answer = await call('DELETE', '/v1/memberships/NOR-M1?reason=x', { token: holder.token,
        headers: { 'If-Match': headers.get('etag') } });
    assert.deepEqual([answer.status, answer.body.type], [422, '/problems/signature-by-member']);
});

test('memberships are listed by State and day, in pages and as CSV', async () => {
    const russia = await get('/v1/memberships?state=RU');
    assert.deepEqual(russia.items.map((held) => [held.reference, held.member_until]),
        [['RUS-M1', '2022-03-16']]);
    const then = await get('/v1/memberships?as_of=2010-01-01&fields=state&limit=500');
    assert.ok(then.items.some(({ state }) => state === 'RUS'));
    const first = await get('/v1/memberships?limit=2');
    assert.equal(first.items.length, 2);
    const second = await get(first.next);
    assert.ok(second.items[0].reference > first.items[1].reference);
    const csv = await call('GET', '/v1/memberships?format=csv&state=RUS');
    assert.match(csv.text, /^reference,state,name,version,member_from/);
});

test('a State that no longer is keeps its past, and another State its alpha-2 code', async () => {
    const answer = await changeset('The federation, until 1992.', records('state', czechoslovakia),
        records('membership', { state: 'CSX', member_from: '1991-02-21', member_until: '1993-01-01',
            ...sourced }),
        records('action', act('CSX', 'signature', '1992-02-05')),
        records('state', { ...czechoslovakia, code: 'SCX', existed_from: '2003-02-04',
            existed_until: '2006-06-05' }));
    assert.equal(answer.status, 201, answer.text);
    assert.equal((await get('/v1/states/CX?as_of=1992-06-01')).code, 'CSX');
    assert.equal((await get('/v1/states/CX?as_of=2005-01-01')).code, 'SCX');
    assert.equal((await get('/v1/states/CSX?as_of=1992-06-01')).status, 'signatory');
    const after = await get('/v1/states/CSX?as_of=1993-01-01');
    assert.deepEqual([after.member, after.status, after.signature, after.member_until],
        [false, 'no_action', null, '1993-01-01']);
    assert.equal((await get('/v1/actions?state=CSX')).items.length, 1, 'its acts remain');
    assert.equal((await get('/v1/actions?state=CX&as_of=1992-06-01')).items.length, 1, 'by its code of then');
    assert.match((await get('/v1/states/CSX/explanation?as_of=1993-01-01')).sentence,
        /ceased to exist on 1 January 1993/);
});

test('a successor is bound from the day of the succession, and its predecessor no more', async () => {
    const [day, before_] = ['2008-01-01', '2007-12-31'];
    const state = (code, numeric, more) => records('state', { ...belarus, code,
        alpha2: code.slice(1), numeric, ...more });
    const joins = (code, more) => records('membership', { state: code, ...sourced, ...more });
    const answer = await changeset('The union separated.',
        state('QUN', '901', { existed_until: day }), state('QSA', '902', { existed_from: day }),
        state('QSB', '903', { existed_from: day }),
        joins('QUN', { member_from: '2000-01-01', member_until: day }),
        joins('QSA', { member_from: day }), joins('QSB', { member_from: day }),
        records('action', act('QUN', 'signature', '2001-01-10')),
        records('action', act('QUN', 'ratification', '2001-01-10')),
        records('action', act('QSA', 'succession', day, { refers_to: 'QUN-2' })),
        records('action', act('QSB', 'signature_succession', day, { refers_to: 'QUN-1' })),
        records('action', act('QSB', 'ratification', '2010-03-15')));
    assert.equal(answer.status, 201, answer.text);
    const status = async (code, on) => (await get(`/v1/states/${code}?as_of=${on}`)).status;
    assert.deepEqual([await status('QUN', before_), await status('QSA', before_)],
        ['party', 'no_action']);
    assert.deepEqual([await status('QUN', day), await status('QSA', day), await status('QSB', day)],
        ['former_party', 'party', 'signatory']);
    assert.equal((await get('/v1/states/QSA')).in_force_on, day);
    assert.equal((await get('/v1/states/QSB')).in_force_on, '2010-07-01');
    assert.equal((await get('/v1/actions?state=QUN')).items.length, 2, 'its acts remain its own');
    const { headers } = await call('GET', '/v1/actions/QUN-2');
    const voided = await call('DELETE', '/v1/actions/QUN-2?reason=x', { token: holder.token,
        headers: { 'If-Match': headers.get('etag') } });
    assert.equal(voided.body.type, '/problems/succession-to-act', 'a successor rests on it');
    const ends = { en: 'until it ceased to exist on 1 January 2008.',
        fr: 'jusqu’à la fin de son existence comme État, le 1er janvier 2008.' };
    for (const lang of ['en', 'fr']) {
        const { actions } = await get(`/v1/states/QSA/explanation?lang=${lang}`);
        assert.deepEqual([actions[0].effective_on, actions[0].rule], [day, 'on_its_day']);
        const { sentence } = await get(`/v1/states/QUN/explanation?lang=${lang}`);
        assert.ok(sentence.endsWith(ends[lang]), sentence);
        const { items } = await get(`/v1/chart?as_of=${day}&lang=${lang}`);
        const { note } = items.find(({ state }) => state === 'QUN') ?? {};
        assert.doesNotMatch(note ?? '', / (on|le|since|depuis) ?[.;]/);
    }
});

test('what a State is said to have done before it existed, or after its end, is refused', async () => {
    const late = await changeset('x', records('action', act('CSX', 'communication', '1993-01-01')));
    assert.deepEqual(types(late), ['/problems/act-of-existing-state']);
    const early = await changeset('x',
        records('state', { ...belarus, code: 'MNX', alpha2: 'MX', numeric: '998',
            existed_from: '2006-06-03' }),
        records('membership', { state: 'MNX', member_from: '2003-04-03', ...sourced }));
    assert.deepEqual(types(early), ['/problems/membership-of-existing-state']);
});

test('two States have no code in common on one day, and a State is recorded once', async () => {
    const taken = await changeset('x', records('state', { ...belarus, code: 'XXX' }));
    assert.deepEqual(types(taken), ['/problems/state-codes-own', '/problems/state-codes-own']);
    const again = await changeset('x', records('state', { ...belarus, code: 'ITA' }));
    assert.deepEqual(types(again), ['/problems/state-code-free']);
});

test('of a State that cannot be recorded nothing is, and its own faults are told', async () => {
    const answer = await changeset('x', records('state', { ...belarus, code: 'QZZ', alpha2: 'QZ', numeric: '990',
        sources: [] }), records('membership', { state: 'QZZ', member_from: '2020-01-01', ...sourced }),
    records('action', act('QZZ', 'signature', '2021-01-01')));
    assert.equal(answer.status, 422, answer.text);
    assert.deepEqual(types(answer), ['/problems/sources-match-verification']);
});

test('a State with acts is not voided; with all of them it is', async () => {
    const { headers } = await call('GET', '/v1/states/BLR/record');
    const alone = await call('DELETE', '/v1/states/BLR/record?reason=x', { token: holder.token,
        headers: { 'If-Match': headers.get('etag') } });
    assert.deepEqual([alone.status, alone.body.type], [422, '/problems/state-with-facts-stands']);
    const { known_at: known } = await get('/v1/states');
    const voids = (type, reference) => ({ op: 'void', type, reference, version: 1 });
    const all = await changeset('Not admitted.', voids('state', 'BLR'),
        voids('membership', 'BLR-M1'), voids('action', 'BLR-1'));
    assert.equal(all.status, 201, all.text);
    assert.equal((await call('GET', '/v1/states/BLR')).status, 404);
    assert.equal((await get(`/v1/states/by?known_at=${known}`)).status, 'signatory',
        'what was known stays an answer');
    assert.equal((await get(`/v1/actions?state=BLR&known_at=${known}`)).items.length, 1);
    const { states, changes } = all.body.consequences;
    assert.deepEqual(states.map(({ state, before: was, after: is }) => [state, was.status, is]),
        [['BLR', 'signatory', null]]);
    assert.ok(changes.some(({ field, before: was, after: is }) =>
        field === 'status' && was === 'signatory' && is === null));
    const { items } = await get('/v1/changes?state=BLR&category=status&limit=500');
    assert.deepEqual(items.at(-1).data.after, { periods: [] }, 'a follower knows that it is gone');
    const checked = await run(['check'], holder.register.environment);
    assert.equal(checked.status, 0, checked.stdout);
    const outlook = await call('POST', '/v1/outlook', { token: holder.token, json: { state: 'BLR',
        stage: 'no_plan', date: '2026-01-01', visibility: 'public', sources: [source] } });
    assert.deepEqual(types(outlook), ['/problems/state-exists']);
    const reverted = await call('POST', `/v1/changesets/${all.body.changeset.reference}/revert`,
        { token: holder.token, json: { reason: 'Admitted after all.' } });
    assert.equal(reverted.status, 201, reverted.text);
    assert.equal((await get('/v1/states/BLR')).status, 'signatory');
});

test('a State takes another name, and each day shows the name of its time', async () => {
    const { names } = await get('/v1/states/MDA/record');
    const [{ used_until, ...first }] = names;
    const answer = await correct('/v1/states/MDA/record', { reason: 'Renamed.', names: [
        { ...first, agreement_fr: first.agreement_fr || null },
        { used_from: '2020-01-01', name_en: 'New name', name_fr: 'Nouveau nom',
            subject_fr: 'Le nouveau nom' }] });
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await get('/v1/states/MDA?as_of=2019-12-31')).name, first.name_en);
    assert.equal((await get('/v1/states/MDA?as_of=2020-01-01')).name, 'New name');
    const names_of = async (day) => (await get(`/v1/states?as_of=${day}&fields=code,name`)).items
        .find((state) => state.code === 'MDA').name;
    assert.equal(await names_of('2019-12-31'), first.name_en);
    assert.equal(await names_of('2020-01-01'), 'New name');
    assert.match((await get('/v1/states/MDA/explanation?as_of=2020-01-01')).sentence, /^New name/);
    const { items } = await get('/v1/states/MDA/versions');
    assert.deepEqual(items.map((held) => held.names.length), [1, 2]);
});

test('States and memberships have scopes of their own', async () => {
    const clerk = await holder.register.token('clerk', 'actions:write');
    for (const [address, json, scope] of [
        ['/v1/states', { ...belarus, reason: 'x' }, 'states:write'],
        ['/v1/memberships', { state: 'ITA', member_from: '2020-01-01', ...sourced, reason: 'x' },
            'memberships:write']]) {
        const answer = await call('POST', address, { token: clerk, json });
        assert.equal(answer.status, 403);
        assert.match(answer.headers.get('www-authenticate'), new RegExp(`scope="${scope}"`));
    }
});

test('bad codes, days and names are each named at once', async () => {
    const answer = await call('POST', '/v1/states', { token: holder.token, json: { ...belarus,
        code: 'B1', alpha2: 'B', numeric: '12', existed_from: '1991-02-30', names: [{}],
        reason: 'x' } });
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.body.errors.map((fault) => fault.pointer).sort(),
        ['/alpha2', '/code', '/existed_from', '/names/0/name_en', '/names/0/name_fr',
            '/names/0/subject_fr', '/numeric']);
});
