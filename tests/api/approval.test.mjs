// Two persons: with ETS144_APPROVAL=second_person a write is proposed, and another person records it.
// Until then nobody else sees anything of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Register, act, environmentFor, eventually, run, sql, untilLogged } from '../harness.mjs';
import { IdentityProvider } from '../support/identity_provider.mjs';
import { Receiver } from '../support/receiver.mjs';

const closed = [];
const tokens = {};
let provider;
let register;
before(async () => {
    provider = await IdentityProvider.start({ after: (close) => closed.push(close) });
    register = await Register.start({ ETS144_APPROVAL: 'second_person',
        ETS144_OIDC_ISSUER: provider.issuer, ETS144_OIDC_AUDIENCE: provider.audience });
    for (const [name, ...scopes] of [
        ['writer', 'actions:write', 'calls:write'], ['second', 'actions:write', 'changesets:approve'],
        ['third', 'changesets:approve'], ['both', 'actions:write', 'changesets:approve'],
        ['stranger', 'actions:write', 'calls:write', 'outlook:write', 'outlook:read', 'webhooks:write'],
        ['diplomat', 'outlook:write', 'outlook:read'], ['noter', 'notes:write', 'notes:read'],
        ['head', 'changesets:approve', 'outlook:read', 'notes:read']]) {
        tokens[name] = await register.token(name, ...scopes);
    }
});
after(async () => {
    await register?.stop();
    await Promise.all(closed.map((close) => close()));
});

const signature = (state, date = '1999-05-05') => act(state, 'signature', date);
const propose = async (json, { token = tokens.writer, ...more } = {}) => {
    const answer = await register.call('POST', '/v1/actions', { token, json, ...more });
    assert.equal(answer.status, 202, answer.text);
    return { address: answer.headers.get('location'), changeset: answer.body.changeset, answer };
};
const decide = (address, what, token, json, other = register) => other.call('POST', `${address}/${what}`, { token, json });
const seen = (address, token) => register.call('GET', address, { token });
const revision = () => Number(sql(register.database, 'select number from register.revision'));
const findings = async () => (await run(['check'], register.environment)).stdout;

test('a write is judged and proposed, and recorded when a second person approves it', async () => {
    const earlier = revision();
    const { address, changeset, answer } = await propose(signature('PRT'));
    assert.equal(changeset.status, 'proposed');
    assert.deepEqual([changeset.recorded_by, changeset.recorded_at, changeset.revision], ['writer', null, null]);
    assert.equal(address, changeset.links.self);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(revision(), earlier, 'nothing is recorded');
    assert.equal((await register.call('GET', '/v1/actions?state=PRT')).body.items.length, 0);
    const [{ document }] = (await seen(address, tokens.second)).body.operations;
    assert.deepEqual([document.kind, document.date], ['signature', '1999-05-05'], 'who decides sees what');
    const tried = await register.call('POST', `${address}/approve?dry_run=true`, { token: tokens.second });
    assert.equal(tried.status, 200, tried.text);
    const approved = await decide(address, 'approve', tokens.second);
    assert.equal(approved.status, 201, approved.text);
    const recorded = approved.body.changeset;
    assert.deepEqual([recorded.status, recorded.recorded_by, recorded.decided_by, recorded.revision],
        ['recorded', 'writer', 'second', earlier + 1]);
    assert.equal((await register.call('GET', recorded.links.self)).body.decided_by, 'second');
    const { items } = (await register.call('GET', '/v1/actions/PRT-1/versions')).body;
    assert.equal(items[0].recorded_by, 'writer');
    const before_ = (await seen(address, tokens.writer)).body;
    assert.deepEqual([before_.status, before_.recorded_as, before_.links.recorded_as],
        ['recorded', recorded.reference, recorded.links.self]);
    assert.notEqual(recorded.reference, changeset.reference, 'its address does not tell when it was proposed');
});

test('an unlawful write is refused at once', async () => {
    const answer = await register.call('POST', '/v1/actions',
        { token: tokens.writer, json: act('PRT', 'denunciation', '1999-06-06') });
    assert.equal(answer.status, 422);
    const unchanged = sql(register.database, 'select count(*) from register.proposal');
    assert.equal(unchanged, '1');
});

test('nobody approves or rejects their own, nor with a token that they handed out', async () => {
    const { address } = await propose(signature('ESP'), { token: tokens.both });
    for (const what of ['approve', 'reject']) {
        const own = await decide(address, what, tokens.both, what === 'reject' ? { reason: 'x' } : undefined);
        assert.equal(own.status, 409, own.text);
        assert.equal(own.body.type, '/problems/wrong-person');
    }
    const rotated = await run(['token', 'rotate', '--name', 'both', '--keep-previous-for', '3600'], register.environment);
    assert.equal((await decide(address, 'approve', rotated.stdout.trim())).status, 409, 'nor by its next token');
    const maker = await register.token('maker', 'tokens:write', 'actions:write', 'changesets:approve');
    const made = await register.call('POST', '/v1/tokens', { token: maker, json: { name: 'puppet', scopes: ['changesets:approve'] } });
    const theirs = await propose(signature('GRC'), { token: maker });
    const puppet = await decide(theirs.address, 'approve', made.body.secret);
    assert.equal(puppet.status, 409, puppet.text);
    assert.equal(puppet.body.type, '/problems/wrong-person');
    const pen = await register.call('POST', '/v1/tokens', { token: maker, json: { name: 'pen', scopes: ['actions:write'] } });
    const written = await propose(signature('HUN'), { token: pen.body.secret });
    assert.equal((await decide(written.address, 'approve', made.body.secret)).status, 409, 'two tokens of one hand');
    await decide(written.address, 'withdraw', pen.body.secret);
    assert.equal((await decide(address, 'withdraw', tokens.second)).status, 409, 'nor withdraws another\'s');
    assert.equal((await decide(address, 'approve', tokens.writer)).status, 403, 'without the scope');
    for (const one of [address, theirs.address]) {
        assert.equal((await seen(one, tokens.third)).body.status, 'proposed');
    }
});

test('a person approves what a token proposed, and not what they proposed themselves', async () => {
    provider.people.anna = { name: 'Anna Müller' };
    const person = (sub, name) => provider.forge({ sub, name, scope: 'actions:write changesets:approve' });
    const { address } = await propose(signature('MLT'));
    const approved = await decide(address, 'approve', await person('anna', 'Anna Müller'));
    assert.equal(approved.status, 201, approved.text);
    assert.match(approved.body.changeset.decided_by, /^Anna Müller #\d+$/);
    const own = await propose(signature('LVA'), { token: await person('anna', 'Anna Müller') });
    assert.match(own.changeset.recorded_by, /^Anna Müller #\d+$/);
    const married = await decide(own.address, 'approve', await person('anna', 'Anna Schmidt'));
    assert.equal(married.status, 409, 'under another name, too');
    const other = await decide(own.address, 'approve', await person('other', 'Anna Müller'));
    assert.equal(other.status, 201, other.text);
});

test('what is rejected or withdrawn is not recorded, and its author sees why', async () => {
    const earlier = revision();
    const rejected = await propose(signature('POL'));
    assert.equal((await decide(rejected.address, 'reject', tokens.second, {})).status, 422);
    const no = await decide(rejected.address, 'reject', tokens.second, { reason: 'Of another treaty.' });
    assert.equal(no.status, 200, no.text);
    const told = (await seen(rejected.address, tokens.writer)).body;
    assert.deepEqual([told.status, told.decided_by, told.decision_reason], ['rejected', 'second', 'Of another treaty.']);
    const withdrawn = await propose(signature('POL'));
    assert.equal((await decide(withdrawn.address, 'withdraw', tokens.writer)).body.status, 'withdrawn');
    for (const { address } of [rejected, withdrawn]) {
        for (const [what, token] of [['approve', tokens.second], ['withdraw', tokens.writer]]) {
            const late = await decide(address, what, token);
            assert.equal(late.status, 409, late.text);
            assert.equal(late.body.type, '/problems/already-decided');
        }
    }
    assert.equal(revision(), earlier);
    assert.match(await findings(), /^(?!.*proposal)/s);
});

test('it is judged again when it is approved, and stays proposed if it is unlawful then', async () => {
    const one = await propose(signature('HUN'));
    const other = await propose(signature('HUN', '1999-05-06'));
    assert.equal((await decide(one.address, 'approve', tokens.second)).status, 201);
    const late = await decide(other.address, 'approve', tokens.second);
    assert.equal(late.status, 422, late.text);
    assert.equal(late.body.type, '/problems/one-signature', 'as its author would be told');
    assert.equal((await seen(other.address, tokens.second)).body.status, 'proposed');
});

test('a correction of a version that is no longer the newest is refused as stale', async () => {
    const { body, headers } = await register.call('GET', '/v1/actions/HUN-1', { token: tokens.writer });
    const put = (date) => register.call('PUT', '/v1/actions/HUN-1', { token: tokens.writer,
        headers: { 'If-Match': headers.get('etag') },
        json: { kind: 'signature', date, verification: 'single_source', sources: body.sources, reason: 'A misprint.' } });
    const [one, other] = [await put('1999-05-07'), await put('1999-05-08')];
    assert.deepEqual([one.status, other.status], [202, 202], one.text);
    assert.equal(one.body.changeset.operations[0].version, 1);
    assert.equal((await decide(one.headers.get('location'), 'approve', tokens.third)).status, 201);
    const stale = await decide(other.headers.get('location'), 'approve', tokens.third);
    assert.equal(stale.status, 412, stale.text);
    assert.equal(stale.body.type, '/problems/versions-stale');
    assert.deepEqual([stale.body.errors[0].pointer, stale.body.errors[0].newest_version], ['/operations/0/version', 2]);
    const voided = await register.call('DELETE', '/v1/actions/HUN-1?reason=No', { token: tokens.writer,
        headers: { 'If-Match': (await register.call('GET', '/v1/actions/HUN-1')).headers.get('etag') } });
    assert.equal(voided.status, 202, voided.text);
    assert.equal((await register.call('GET', '/v1/actions/HUN-1')).status, 200, 'it stands until then');
    assert.equal((await decide(voided.headers.get('location'), 'approve', tokens.third)).status, 201);
});

test('packages and reverts are proposed, too', async () => {
    const json = { reason: 'A package.', operations: [
        { op: 'record', type: 'action', document: signature('MDA') },
        { op: 'record', type: 'action', document: signature('MKD') }] };
    const made = await register.call('POST', '/v1/changesets', { token: tokens.writer, json });
    assert.equal(made.status, 202, made.text);
    assert.equal(made.body.changeset.operation_count, 2);
    const recorded = await decide(made.headers.get('location'), 'approve', tokens.second);
    assert.equal(recorded.status, 201, recorded.text);
    const revert = await register.call('POST', `${recorded.body.changeset.links.self}/revert`,
        { token: tokens.writer, json: { reason: 'A mistake.' } });
    assert.equal(revert.status, 202, revert.text);
    assert.deepEqual(revert.body.changeset.operations.map(({ op }) => op), ['void', 'void']);
    assert.equal((await register.call('GET', '/v1/actions?state=MDA')).body.items.length, 1);
    assert.equal((await decide(revert.headers.get('location'), 'approve', tokens.second)).status, 201);
    assert.equal((await register.call('GET', '/v1/actions?state=MDA')).body.items.length, 0);
    const file = await register.call('POST', '/v1/imports', { token: await register.token('importer', 'imports:write'),
        headers: { 'Content-Type': 'application/x-ndjson' }, body: JSON.stringify(signature('MDA')) });
    assert.equal(file.status, 409, file.text);
    assert.equal(file.body.type, '/problems/approval-required');
});

test('of two who approve at once, one does', async () => {
    const { address } = await propose(signature('SRB', '2006-06-06'));
    const answers = await Promise.all(['second', 'third', 'head', 'both'].map((name) => decide(address, 'approve', tokens[name])));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 409, 409, 409]);
});

test('a repetition with its Idempotency-Key proposes nothing more', async () => {
    const headers = { 'Idempotency-Key': 'proposed-once' };
    const first = await propose(signature('UKR'), { headers });
    const again = await propose(signature('UKR'), { headers });
    assert.equal(again.answer.text, first.answer.text);
    assert.equal(again.address, first.address);
    const approve = () => register.call('POST', `${first.address}/approve`, { token: tokens.second,
        headers: { 'Idempotency-Key': 'approved-once' } });
    const [one, other] = [await approve(), await approve()];
    assert.deepEqual([one.status, other.status, other.body.changeset.reference],
        [201, 201, one.body.changeset.reference]);
});

test('a repetition is told of its proposal, also when no second person is needed any more', async (t) => {
    const headers = { 'Idempotency-Key': 'proposed-before' };
    const first = await propose(signature('POL'), { headers });
    const other = await Register.start({ ETS144_APPROVAL: 'author', ETS144_DATABASE_URL:
        register.environment.ETS144_DATABASE_URL });
    t.after(() => other.stop());
    const again = await other.call('POST', '/v1/actions', { token: tokens.writer, json: signature('POL'), headers });
    assert.deepEqual([again.status, again.text], [202, first.answer.text]);
    await decide(first.address, 'withdraw', tokens.writer);
});

test('who may not read internal notes is told nothing of a note that became internal', async () => {
    const content = { subject: { anomaly: 'text_missing' }, outcome: 'open', text_en: 'x', visibility: 'public' };
    const note = sql(register.database, `select reference from register.operation_apply('record', 'note', null,
        '${JSON.stringify({ ...content, state: 'ITA' })}', 'tests')`);
    const proposed = await register.call('PUT', `/v1/notes/${note}`, { token: tokens.noter,
        headers: { 'If-Match': '*' }, json: { ...content, text_en: 'y', reason: 'x' } });
    assert.equal(proposed.status, 202, proposed.text);
    const address = proposed.headers.get('location');
    assert.equal((await seen(address, tokens.third)).status, 200);
    sql(register.database, `select register.operation_apply('correct', 'note', '${note}',
        '${JSON.stringify({ ...content, visibility: 'internal', reason: 'hidden' })}', 'tests')`);
    assert.equal((await decide(address, 'approve', tokens.third)).status, 404);
    assert.equal((await decide(address, 'approve', tokens.head)).status, 412);
    await decide(address, 'withdraw', tokens.noter);
});

test('a proposal outlives the service', async () => {
    const { address } = await propose(signature('TUR', '2001-01-01'));
    register.child.kill('SIGTERM');
    await register.ended;
    await register.serve();
    await untilLogged(register, 'listener_connected');
    assert.equal((await seen(address, tokens.writer)).body.status, 'proposed');
    const approved = await decide(address, 'approve', tokens.second);
    assert.equal(approved.status, 201, approved.text);
});

// Each route that can be read without knowing a name, and some with one.
const addresses = ['/v1/convention', '/v1/states', '/v1/states/AZE', '/v1/states/AZE/explanation',
    '/v1/states/AZE/outlook', '/v1/actions', '/v1/actions?state=AZE', '/v1/actions/AZE-1', '/v1/anomalies',
    '/v1/statistics', '/v1/statistics/series', '/v1/calls', '/v1/outlook', '/v1/changesets', '/v1/changesets?limit=1',
    '/v1/changesets?status=proposed', '/v1/changesets?status=rejected', '/v1/changesets?status=withdrawn',
    '/v1/changesets?author=writer', '/v1/revisions', '/v1/chart', '/v1/changes', '/v1/changes.atom', '/v1/calendar.ics',
    '/v1/vocabulary', '/v1/catalog', '/'];
const volatile = ['date', 'x-request-id', 'age', 'cache-status'];
const picture = async (token) => {
    const all = [];
    for (const address of addresses) {
        const { status, headers, text } = await register.call('GET', address, { token });
        all.push({ address, status, text: status === 404 ? '' : text,
            headers: [...headers].filter(([name]) => !volatile.includes(name)) });
    }
    return all;
};

test('nobody else sees anything of a proposal: no byte, tag or time of any route', async () => {
    const watchers = [undefined, tokens.stranger];
    await Promise.all(watchers.map(picture)); // what is remembered of an address is remembered now
    const earlier = await Promise.all(watchers.map(picture));
    const proposals = [await propose(signature('AZE', '2003-03-03')), await propose(signature('AZE', '2004-04-04'))];
    await decide(proposals[1].address, 'reject', tokens.second, { reason: 'No.' });
    assert.deepEqual(await Promise.all(watchers.map(picture)), earlier);
    for (const token of watchers) {
        for (const { address } of proposals) {
            const absent = await seen(address, token);
            assert.equal(absent.status, 404);
            const never = await seen('/v1/changesets/01a20df0-8884-741a-bdd1-f10f8215d2d6', token);
            const plain = ({ text }) => text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id');
            assert.equal(plain(absent), plain(never));
        }
    }
    const withdraw = await decide(proposals[0].address, 'withdraw', tokens.stranger);
    assert.equal(withdraw.status, 404);
    const waiting = await register.call('GET', '/v1/changesets?status=proposed', { token: tokens.writer });
    assert.ok(waiting.body.items.some(({ links }) => links.self === proposals[0].address));
    assert.equal(waiting.headers.get('cache-control'), 'no-store');
    const all = await register.call('GET', '/v1/changesets?status=proposed&limit=1', { token: tokens.third });
    assert.ok(all.body.next);
    assert.equal((await register.call('GET', all.body.next, { token: tokens.third })).status, 200);
});

test('an internal proposal is seen by its author, and by who decides and may read what is internal', async () => {
    const made = await register.call('POST', '/v1/outlook', { token: tokens.diplomat, json: { state: 'AUT',
        stage: 'under_study', date: '2026-01-01', visibility: 'internal', note_en: 'x', note_fr: 'x' } });
    assert.equal(made.status, 202, made.text);
    const address = made.headers.get('location');
    const statuses = async (...names) => Promise.all(names.map(async (name) => (await seen(address, tokens[name])).status));
    assert.deepEqual(await statuses('diplomat', 'head', 'second', 'third', 'stranger'), [200, 200, 404, 404, 404]);
    assert.equal((await decide(address, 'approve', tokens.third)).status, 404);
    const approved = await decide(address, 'approve', tokens.head);
    assert.equal(approved.status, 201, approved.text);
    assert.equal(approved.body.changeset.revision, null);
});

test('webhooks of who decides are told of a proposal, and no others', async (t) => {
    const [decides, all] = [await Receiver.start(t), await Receiver.start(t)];
    const other = await Register.start({ ETS144_APPROVAL: 'second_person', ETS144_WEBHOOK_HTTP: 'yes',
        ETS144_WEBHOOK_PRIVATE: 'yes', ETS144_WEBHOOK_BACKOFF_MS: '50' });
    t.after(() => other.stop());
    const decider = await other.token('decider', 'webhooks:write', 'changesets:approve');
    const reader = await other.token('reader', 'webhooks:write');
    const writer = await other.token('writer', 'actions:write');
    const hook = async (receiver, token, categories) => {
        const answer = await other.call('POST', '/v1/webhooks',
            { token, json: { url: receiver.url, ...categories && { categories } } });
        receiver.secrets.push(answer.body.secret);
        return answer;
    };
    const refused = await hook(decides, reader, ['proposal']);
    assert.equal(refused.status, 403);
    assert.match(refused.headers.get('www-authenticate'), /changesets:approve/);
    assert.equal((await hook(all, reader)).status, 201);
    decides.secrets = [];
    assert.equal((await hook(decides, decider, ['proposal'])).status, 201);
    let failures = 1;
    decides.answer = (message, response) => { response.writeHead(failures-- > 0 ? 500 : 204).end(); };
    const made = await other.call('POST', '/v1/actions', { token: writer, json: signature('PRT') });
    assert.equal(made.status, 202, made.text);
    const told = await decides.until(2);
    assert.equal(told[0].text, told[1].text, 'after a failure it is told again');
    const event = told[0].body;
    assert.equal(event.type, 'int.coe.ets144.proposal.proposed');
    assert.deepEqual([event.data.reference, event.data.proposed_by], [made.body.changeset.reference, 'writer']);
    assert.equal((await decide(made.headers.get('location'), 'approve', decider, undefined, other)).status, 201);
    await all.until(1);
    assert.ok(all.messages.every(({ body }) => body.data.category !== 'proposal'));
    assert.equal(decides.messages.length, 2);
    const half = await other.token('half', 'webhooks:write', 'changesets:approve', 'outlook:read');
    const inside = await Receiver.start(t);
    const held = await other.call('POST', '/v1/webhooks', { token: half,
        json: { url: inside.url, internal: true, categories: ['proposal'] } });
    assert.equal(held.status, 201, held.text);
    const noter = await other.token('noter', 'notes:write', 'notes:read');
    const diplomat = await other.token('diplomat', 'outlook:write', 'outlook:read');
    await other.call('POST', '/v1/notes', { token: noter, json: { state: 'ITA', outcome: 'open',
        subject: { anomaly: 'text_missing' }, text_en: 'x' } });
    await other.call('POST', '/v1/outlook', { token: diplomat, json: { state: 'AUT', stage: 'under_study',
        date: '2026-01-01', visibility: 'internal', note_en: 'x', note_fr: 'x' } });
    const [only] = await inside.until(1);
    assert.equal(only.body.data.proposed_by, 'diplomat', 'and not of a note, which its owner may not read');
    await run(['token', 'revoke', '--name', 'decider'], other.environment);
    await other.call('POST', '/v1/actions', { token: writer, json: signature('ESP') });
    assert.equal(sql(other.database, `select count(*) from service.webhook_request as asked
        join service.webhook as hook on hook.id = asked.webhook where hook.created_by = 'decider'`), '0');
});

test('`check` covers proposals and what became of them', async () => {
    assert.equal(await findings(), await findings());
    assert.ok(!/proposal|digest/.test(await findings()), await findings());
    const found = async (damage) => {
        sql(register.database, `set session_replication_role = replica; ${damage}`);
        return (await findings()).split('\n').filter((line) => line.includes('proposal')).map((line) => line.split('\t')[0]);
    };
    assert.ok((await found(`update register.proposal set author = 'x' where identity = 'both'`)).includes('proposal_differs'));
    assert.ok((await found(`update register.proposal_event set author = 'x' where event = 'rejected'`)).includes('proposal_log_differs'));
    assert.ok((await found(`delete from register.proposal_event where number = 3`)).includes('proposal_log_gap'));
});

test('without the setting a write is recorded at once, and the setting takes two words', async (t) => {
    const other = await Register.start();
    t.after(() => other.stop());
    const token = await other.token('writer', 'actions:write');
    assert.equal((await other.call('POST', '/v1/actions', { token, json: signature('PRT') })).status, 201);
    const { status, stderr } = await run(['serve'], environmentFor(other.database, { ETS144_APPROVAL: 'two' }));
    assert.notEqual(status, 0);
    assert.match(stderr, /ETS144_APPROVAL/);
});

test('a reason of blanks is none, and does not keep a proposal from being approved', async () => {
    const { address } = await propose({ ...signature('EST'), reason: ' ' });
    const approved = await decide(address, 'approve', tokens.third);
    assert.equal(approved.status, 201, approved.text);
});
