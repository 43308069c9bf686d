// Tokens of machines over HTTP: one name is one author, scopes do not grow, secrets are shown once.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Register, act, eventually, run, sql, url } from '../harness.mjs';
import { IdentityProvider } from '../support/identity_provider.mjs';

let register;
let provider;
let keeper;
const closed = [];
before(async () => {
    provider = await IdentityProvider.start({ after: (close) => closed.push(close) });
    register = await Register.start({ ETS144_OIDC_ISSUER: provider.issuer,
        ETS144_OIDC_AUDIENCE: provider.audience });
    keeper = await register.token('keeper', 'tokens:write', 'actions:write', 'calls:write');
});
after(async () => {
    await register?.stop();
    await Promise.all(closed.map((close) => close()));
});

const create = (json, more = {}) => register.call('POST', '/v1/tokens', { token: keeper, json, ...more });
const made = async (name, scopes = ['actions:write'], more = {}) => {
    const answer = await create({ name, scopes, ...more });
    assert.equal(answer.status, 201, answer.text);
    return { ...answer.body, answer };
};
const rotate = (id, query = '', token = keeper) =>
    register.call('POST', `/v1/tokens/${id}/rotate${query}`, { token });
const works = async (token) => (await register.call('GET', '/v1/token', { token })).status === 200;
const shown = async (id) => (await register.call('GET', `/v1/tokens/${id}`, { token: keeper })).body;
const day = (later) => new Date(Date.now() + later * 86400000).toISOString().slice(0, 10);
const events = (name) => sql(register.database, `select string_agg(concat_ws(' ', event, author), ', ' order by number)
    from service.access_token_log where name = '${name}'`);

test('a token is created over HTTP, and its secret is shown once', async () => {
    const { token, secret, answer } = await made('Договорный отдел', ['actions:write'], { expires_on: day(3) });
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.equal(answer.headers.get('location'), `/v1/tokens/${token.id}`);
    assert.deepEqual([token.name, token.scopes, token.created_by, token.expires_at],
        ['Договорный отдел', ['actions:write'], 'keeper', `${day(3)}T23:59:59.999000Z`]);
    const who = await register.call('GET', '/v1/token', { token: secret });
    assert.equal(who.body.name, 'Договорный отдел');
    const list = await register.call('GET', '/v1/tokens', { token: keeper });
    assert.ok(list.body.items.some(({ id }) => id === token.id));
    assert.equal(list.headers.get('cache-control'), 'no-store');
    assert.ok(!list.text.includes('ets144_'));
    assert.equal(sql(register.database, `select count(*) from service.access_token as t
        where t::text like '%${secret}%'`), '0', 'only the digest is stored');
});

test('nobody gives away a scope that they do not have', async () => {
    const more = await create({ name: 'more', scopes: ['actions:write', 'outlook:read'] });
    assert.equal(more.status, 403);
    assert.match(more.headers.get('www-authenticate'), /scope="outlook:read"/);
    await register.token('reader', 'outlook:read');
    const { items } = (await register.call('GET', '/v1/tokens', { token: keeper })).body;
    const reader = items.find(({ name }) => name === 'reader');
    const stolen = await rotate(reader.id);
    assert.equal(stolen.status, 403, 'nor takes one over by rotation');
    assert.match(stolen.headers.get('www-authenticate'), /scope="outlook:read"/);
    assert.equal(events('reader'), 'created');
    const person = await provider.forge({ sub: 'p', name: 'P', scope: 'tokens:write outlook:read' });
    assert.equal((await rotate(reader.id, '', person)).status, 200, 'a person with the scope does');
    assert.match(events('reader'), /^created, rotated P #\d+$/);
});

test('a name is one author: it is not given twice, but rotated', async () => {
    const { token, secret } = await made('one author');
    for (const taken of ['one author', 'keeper']) {
        const again = await create({ name: taken, scopes: ['actions:write'] });
        assert.equal(again.status, 409);
        assert.equal(again.body.type, '/problems/token-name-taken');
    }
    const recorded = await register.call('POST', '/v1/actions',
        { token: secret, json: act('PRT', 'signature', '1999-05-05') });
    assert.equal(recorded.status, 201, recorded.text);
    const rotated = await rotate(token.id);
    assert.equal(rotated.status, 200, rotated.text);
    assert.equal(rotated.headers.get('cache-control'), 'no-store');
    assert.deepEqual([rotated.body.token.name, rotated.body.token.scopes, rotated.body.token.previous_token_until],
        ['one author', ['actions:write'], null]);
    assert.equal(await works(secret), false, 'the old one ends at once');
    const later = await register.call('POST', '/v1/actions',
        { token: rotated.body.secret, json: act('ESP', 'signature', '1999-05-05') });
    assert.equal(later.status, 201, later.text);
    for (const { reference } of [recorded.body.action, later.body.action]) {
        const { items } = (await register.call('GET', `/v1/actions/${reference}/versions`)).body;
        assert.equal(items.at(-1).recorded_by, 'one author');
    }
});

test('the old token goes on for the time of grace, through a second rotation', async () => {
    const { token, secret } = await made('graceful');
    const first = await rotate(token.id, '?keep_previous_for=3600');
    assert.ok(new Date(first.body.token.previous_token_until) > new Date());
    assert.equal((await register.call('GET', '/v1/token', { token: secret })).body.expires_at,
        first.body.token.previous_token_until, 'it says when it ends');
    const second = await rotate(token.id, '?keep_previous_for=3600');
    assert.deepEqual(await Promise.all([secret, first.body.secret, second.body.secret].map(works)),
        [true, false, true]);
    sql(register.database, `update service.access_token set previous_until = now() where name = 'graceful'`);
    assert.equal(await works(secret), false);
    assert.equal((await rotate(token.id, '?keep_previous_for=99999999')).status, 400);
});

test('a revoked or expired token is rotated only with a new end', async () => {
    const { token, secret } = await made('ended');
    const revoke = () => register.call('DELETE', `/v1/tokens/${token.id}`, { token: keeper });
    assert.equal((await revoke()).status, 204);
    assert.equal((await revoke()).status, 204, 'a repetition changes nothing');
    assert.equal(await works(secret), false);
    assert.ok((await shown(token.id)).revoked_at);
    const refused = await rotate(token.id);
    assert.equal(refused.status, 400);
    assert.equal(refused.body.errors[0].parameter, 'expires_on');
    assert.equal((await rotate(token.id, `?expires_on=${day(-1)}`)).status, 400);
    const renewed = await rotate(token.id, `?expires_on=${day(1)}&keep_previous_for=60`);
    assert.equal(renewed.status, 200, renewed.text);
    assert.deepEqual([renewed.body.token.revoked_at, renewed.body.token.expires_at,
        renewed.body.token.previous_token_until], [null, `${day(1)}T23:59:59.999000Z`, null]);
    assert.deepEqual([await works(secret), await works(renewed.body.secret)], [false, true]);
    assert.equal(events('ended'), 'created keeper, revoked keeper, renewed keeper');
    const command = await run(['token', 'rotate', '--name', 'ended', '--keep-previous-for', '60'],
        register.environment);
    assert.equal(command.status, 0, command.stderr);
    assert.deepEqual([await works(renewed.body.secret), await works(command.stdout.trim())], [true, true]);
});

test('what cannot be created is refused, with each fault', async () => {
    const faults = async (json) => {
        const answer = await create(json);
        assert.equal(answer.status, 422, answer.text);
        return answer.body.errors.map(({ pointer }) => pointer);
    };
    assert.deepEqual(await faults({ name: 'x', scopes: ['all'], expires_on: day(-1) }), ['/scopes/0', '/expires_on']);
    assert.deepEqual(await faults({ name: 'x', scopes: [] }), ['/scopes']);
    assert.deepEqual(await faults({}), ['/name', '/scopes']);
    for (const name of ['Anna #17', ' x', 'two  spaces', '\u202ereversed', 'e\u0301', 'x\u0007', 'x \uff031']) {
        assert.deepEqual(await faults({ name, scopes: ['actions:write'] }), ['/name'], name);
    }
    for (const id of ['nothing', '01a20df0-8884-741a-bdd1-f10f8215d2d6']) {
        assert.equal((await rotate(id)).status, 404);
        for (const method of ['GET', 'DELETE']) {
            assert.equal((await register.call(method, `/v1/tokens/${id}`, { token: keeper })).status, 404);
        }
    }
});

test('a repetition with its Idempotency-Key creates nothing more, and shows no secret', async () => {
    const options = { headers: { 'Idempotency-Key': 'once' } };
    const json = { name: 'repeated', scopes: ['actions:write'] };
    const first = await create(json, options);
    assert.match(first.body.secret, /^ets144_/);
    const again = await create(json, options);
    assert.deepEqual([again.status, again.body.token.id, again.body.secret],
        [201, first.body.token.id, null]);
    assert.equal(events('repeated'), 'created keeper');
    assert.equal((await create({ ...json, name: 'other' }, options)).body.type,
        '/problems/idempotency-key-reused');
});

test('the list shows the minute of the last use, which costs a write a minute at most', async () => {
    const { token, secret } = await made('used');
    assert.equal(token.last_used_at, null);
    await Promise.all(Array.from({ length: 20 }, () => works(secret)));
    const used = await eventually('the use is noted', async () => (await shown(token.id)).last_used_at);
    assert.match(used, /T\d\d:\d\d:00\.000000Z$/);
    assert.ok(Math.abs(new Date(used) - Date.now()) < 180000);
    const xmin = () => sql(register.database, "select xmin from service.access_token_use where name = 'used'");
    const earlier = xmin();
    const { secret: other } = await made('used later');
    await Promise.all([works(secret), works(other)]);
    await eventually('the next batch is written', () => sql(register.database,
        "select count(*) from service.access_token_use where name = 'used later'") === '1');
    assert.equal(xmin(), earlier);
    const { stdout } = await run(['token', 'list'], register.environment);
    assert.match(stdout, /\tused\tactions:write|used\tactions:write\t.*\tused \d{4}-/);
});

test('the first two writes of a person, at once, are both made', async () => {
    for (let round = 0; round < 5; round++) {
        const token = await provider.forge({ sub: `new-${round}`, name: 'New', scope: 'actions:write' });
        const states = ['GBR', 'LVA', 'MLT', 'MDA', 'MCO', 'POL'];
        const answers = await Promise.all(states.map((state) => register.call('POST',
            '/v1/actions', { token, json: act(state, 'communication', `2000-01-0${round + 1}`) })));
        assert.deepEqual(answers.map(({ status }) => status), states.map(() => 201), answers[0].text);
    }
});

test('`check` finds a token that was changed past its functions, and no other', async () => {
    const { token, secret } = await made('stolen');
    await rotate(token.id, '?keep_previous_for=3600');
    const findings = async () => (await run(['check'], register.environment)).stdout.split('\n')
        .filter((line) => /^token_/.test(line) && !line.includes('graceful')).map((line) => line.split('\t').slice(0, 3).join(' '));
    assert.deepEqual(await findings(), []);
    sql(register.database, `set session_replication_role = replica;
        update service.access_token set previous_until = '2099-01-01' where name = 'stolen'`);
    assert.equal(await works(secret), true);
    assert.deepEqual(await findings(), ['token_differs service.access_token stolen']);
});

test('a token that may write tokens replaces itself', async () => {
    const self = await made('self', ['tokens:write']);
    const answer = await rotate(self.token.id, '', self.secret);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(await works(self.secret), false);
    assert.equal(await works(answer.body.secret), true);
});

test('a rotation that waited for a revocation does not undo it', async () => {
    const { token, secret } = await made('race');
    const database = url(register.database, 'postgres');
    const revoking = spawn('psql', [database, '-Xq'], { stdio: ['pipe', 'ignore', 'inherit'] });
    revoking.stdin.write(`begin; select service.token_revoke('race');\n`);
    const locks = (granted) => sql(register.database, `select count(*) from pg_locks where granted = ${granted}
        and relation = 'service.access_token_log'::regclass and mode = 'ShareUpdateExclusiveLock'`) !== '0';
    await eventually('a revocation under way', () => locks(true));
    const rotating = rotate(token.id, '?keep_previous_for=3600');
    await eventually('a rotation that waits', () => locks(false));
    revoking.stdin.end('commit;\n');
    const answer = await rotating;
    assert.equal(answer.status, 400, answer.text);
    assert.equal(await works(secret), false);
});
