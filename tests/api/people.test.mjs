// People come with an access token of the institution's identity provider, a real one
// (support/identity_provider.mjs): who they are, what is refused, and that nothing waits for it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac, createPublicKey } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Register, act, environmentFor, eventually, logLines, run, sql, untilLogged,
    url } from '../harness.mjs';
import { IdentityProvider } from '../support/identity_provider.mjs';

let provider;
const settings = (more = {}) => ({ ETS144_OIDC_ISSUER: provider.issuer,
    ETS144_OIDC_AUDIENCE: provider.audience, ETS144_OIDC_REFRESH: '1', ...more });
const closed = [];
before(async () => {
    provider = await IdentityProvider.start({ after: (close) => closed.push(close) });
    provider.people.anna = { name: 'Anna Müller' };
    provider.people.other = { name: 'Anna Müller' };
    register = await Register.start(settings());
    await untilLogged(register, 'identity_provider_reached');
});
let register;
after(async () => {
    await register.stop();
    await Promise.all(closed.map((close) => close()));
});

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const record = (token, headers = {}, json = act('PRT', 'signature', '1999-05-05')) =>
    register.call('POST', '/v1/actions?dry_run=true', { token, json, headers });
const refused = async (token, detail) => {
    const answer = await record(token);
    assert.equal(answer.status, 401, answer.text);
    assert.match(answer.headers.get('www-authenticate'), /error="invalid_token"/);
    assert.match(answer.body.errors[0].detail, detail);
};

test('a person who signed in records an action under their name', async () => {
    const token = await provider.signIn('anna');
    const answer = await register.call('POST', '/v1/actions',
        { token, json: act('BEL', 'signature', '1996-05-05') });
    assert.equal(answer.status, 201, answer.text);
    const { reference } = answer.body.action;
    const versions = await register.call('GET', `/v1/actions/${reference}/versions`);
    const author = versions.body.items.at(-1).recorded_by;
    assert.match(author, /^Anna Müller #\d+$/);
    assert.equal(sql(register.database, `select issuer, subject from service.person
        where number = ${author.split('#')[1]}`), `${provider.issuer}|anna`);
    assert.equal(sql(register.database, 'select author from register.revision_log '
        + 'order by revision desc limit 1'), author);
});

test('RS256, PS256, ES256 and EdDSA are taken', async () => {
    for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
        provider.algorithm = algorithm;
        const answer = await record(await provider.signIn('anna'));
        assert.equal(answer.status, 200, `${algorithm}: ${answer.text}`);
    }
    provider.algorithm = 'RS256';
});

test('a token that is not what RFC 9068 asks for is refused', async () => {
    const now = Math.floor(Date.now() / 1000);
    assert.equal((await record(await provider.forge())).status, 200, 'but for this it is good');
    assert.equal((await record(await provider.forge({}, { typ: 'application/at+jwt' }))).status, 200);
    assert.equal((await record(await provider.forge({ aud: ['x', provider.audience] }))).status, 200);
    for (const [claims, header, detail] of [
        [{}, { typ: 'JWT' }, /at\+jwt/], [{}, { typ: undefined }, /at\+jwt/],
        [{}, { typ: 'id_token' }, /at\+jwt/],
        [{}, { crit: ['unknown'], unknown: 1 }, /crit/],
        [{}, { kid: undefined }, /no key/], [{}, { kid: 'unknown' }, /no key/],
        [{}, { kid: 'ec-1' }, /signed with/], [{}, { alg: 'RS512' }, /signed with/],
        [{ iss: 'https://other.example' }, {}, /identity provider of this/],
        [{ iss: undefined }, {}, /identity provider of this/],
        [{ aud: 'urn:other' }, {}, /another service/], [{ aud: undefined }, {}, /another service/],
        [{ aud: ['urn:other'] }, {}, /another service/],
        [{ exp: now }, {}, /expired; sign in/], [{ exp: now - 3600 }, {}, /expired; sign in/],
        [{ nbf: now + 60 }, {}, /not valid yet/], [{ iat: now + 60 }, {}, /not valid yet/],
        [{ sub: undefined }, {}, /lacks a claim/], [{ sub: '' }, {}, /lacks a claim/],
        [{ sub: 7 }, {}, /lacks a claim/], [{ sub: 'x'.repeat(256) }, {}, /lacks a claim/],
        [{ exp: undefined }, {}, /lacks a claim/], [{ exp: 'soon' }, {}, /lacks a claim/],
        [{ iat: undefined }, {}, /lacks a claim/], [{ nbf: 'now' }, {}, /lacks a claim/],
        [{ client_id: undefined }, {}, /lacks a claim/], [{ jti: undefined }, {}, /lacks a claim/],
    ]) {
        await refused(await provider.forge(claims, header), detail);
    }
});

test('a token that is not signed by the provider is refused', async () => {
    const good = await provider.forge();
    const [header, payload, signature] = good.split('.');
    const parts = JSON.parse(Buffer.from(header, 'base64url'));
    await refused(`${base64url({ ...parts, alg: 'none' })}.${payload}.`, /signed with/);
    await refused(`${base64url({ ...parts, alg: 'none' })}.${payload}.${signature}`, /signed with/);
    await refused(`${header}.${base64url({ ...JSON.parse(Buffer.from(payload, 'base64url')),
        sub: 'anna' })}.${signature}`, /signature/);
    await refused(`${header}.${payload}.${signature.slice(0, -4)}AAAA`, /signature/);
    await refused(`${header}.${payload}.`, /signature|unknown/);
    // The public key, which everybody has, as the secret of an HMAC.
    const pem = createPublicKey({ key: provider.keys[0], format: 'jwk' })
        .export({ format: 'pem', type: 'spki' });
    for (const alg of ['HS256', 'HS512']) {
        const signed = `${base64url({ ...parts, alg })}.${payload}`;
        const hmac = createHmac(`sha${alg.slice(2)}`, pem).update(signed).digest('base64url');
        await refused(`${signed}.${hmac}`, /signed with/);
    }
    // A key that the token brings along.
    const stranger = await IdentityProvider.start({ after: (close) => closed.push(close) });
    const { d, p, q, dp, dq, qi, ...jwk } = stranger.keys[0];
    await refused(await stranger.forge({ iss: provider.issuer },
        { jwk, jku: `${stranger.issuer}/jwks` }), /signature/);
    for (const junk of ['a.b.c', `${header}.${payload}`, `${good}.x`, '..', 'ets144_x',
        `${header}.bm8.${signature}`]) {
        await refused(junk, /unknown/);
    }
});

test('a token that is inflated is refused before it is', async () => {
    await refused(await provider.forge({}, { zip: 'DEF' }), /crit or zip/);
});

test('the scopes are those of the token', async () => {
    const answer = await record(await provider.forge({ scope: 'openid outlook:read' }));
    assert.equal(answer.status, 403);
    assert.match(answer.headers.get('www-authenticate'), /insufficient_scope/);
    assert.equal((await record(await provider.forge({ scope: undefined }))).status, 403);
});

test('GET /v1/token says who is asking, by what, with which scopes, until when', async () => {
    const anna = await provider.signIn('anna');
    const { exp } = JSON.parse(Buffer.from(anna.split('.')[1], 'base64url'));
    const person = await register.call('GET', '/v1/token', { token: anna });
    assert.deepEqual(person.body, { kind: 'person', name: 'Anna Müller', issuer: provider.issuer,
        subject: 'anna', scopes: ['actions:write', 'outlook:read'],
        expires_at: new Date(exp * 1000).toISOString().replace('Z', '000Z') });
    assert.equal(person.headers.get('cache-control'), 'no-store');
    const nameless = await register.call('GET', '/v1/token',
        { token: await provider.forge({ scope: undefined, preferred_username: 'eve' }) });
    assert.deepEqual([nameless.body.name, nameless.body.scopes], ['eve', []]);
    assert.equal((await register.call('GET', '/v1/token', { token: await provider.forge() })).body.name,
        'forged');
    const machine = await register.call('GET', '/v1/token',
        { token: await register.token('machine', 'calls:write') });
    assert.deepEqual(machine.body, { kind: 'machine', name: 'machine', issuer: null, subject: null,
        scopes: ['calls:write'], expires_at: null });
    const nobody = await register.call('GET', '/v1/token');
    assert.equal(nobody.status, 401);
    assert.equal(nobody.headers.get('www-authenticate'), 'Bearer realm="ets144"');
});

test('an idempotency key belongs to the person, whatever their name is', async () => {
    const send = (claims) => provider.forge(claims).then((token) => register.call('POST', '/v1/actions',
        { token, json: act('LVA', 'signature', '1996-05-06'), headers: { 'Idempotency-Key': 'k' } }));
    const first = await send({ sub: 'married', name: 'Eva Horn' });
    assert.equal(first.status, 201, first.text);
    assert.equal((await send({ sub: 'married', name: 'Eva Stein' })).text, first.text);
    assert.notEqual((await send({ sub: 'stranger', name: 'Eva Horn' })).status, 201);
});

test('what a person made is theirs, and nobody else\'s of the same name', async () => {
    const token = (claims) => provider.forge({ scope: 'webhooks:write', ...claims });
    const made = await register.call('POST', '/v1/webhooks', { json: { url: 'https://a.example/' },
        token: await token({ sub: 'owner', name: 'Jo' }) });
    assert.equal(made.status, 201, made.text);
    const { id, created_by: author } = made.body.webhook;
    assert.match(author, /^Jo #\d+$/);
    const seen = async (claims) => (await register.call('GET', `/v1/webhooks/${id}`,
        { token: await token(claims) })).status;
    assert.equal(await seen({ sub: 'owner', name: 'Jo' }), 200);
    assert.equal(await seen({ sub: 'owner', name: 'Joanna' }), 200);
    assert.equal(await seen({ sub: 'namesake', name: 'Jo' }), 404);
    assert.equal(await seen({ sub: 'namesake', name: author }), 404);
    assert.equal(await seen({ sub: 'boss', scope: 'webhooks:write webhooks:admin' }), 200);
    const machine = await register.token('Jo', 'webhooks:write');
    assert.equal((await register.call('GET', `/v1/webhooks/${id}`, { token: machine })).status, 404);
});

test('the report of an import is for the person who made it', async () => {
    const token = (sub) => provider.forge({ scope: 'imports:write', sub, name: 'Jo' });
    const made = await register.call('POST', '/v1/imports', { token: await token('importer'),
        headers: { 'Content-Type': 'application/x-ndjson' },
        body: JSON.stringify(act('MLT', 'signature', '1996-05-07')) });
    assert.equal(made.status, 201, made.text);
    const address = new URL(made.headers.get('location'), 'http://x').pathname;
    assert.equal((await register.call('GET', address, { token: await token('importer') })).status, 200);
    assert.equal((await register.call('GET', address, { token: await token('another') })).status, 404);
});

test('no name passes for a token or for another person', async () => {
    await register.token('treaty-office', 'actions:write');
    const author = async (name) => {
        const answer = await register.call('POST', '/v1/webhooks', { json: { url: 'https://b.example/' },
            token: await provider.forge({ sub: name, name, scope: 'webhooks:write' }) });
        assert.equal(answer.status, 201, answer.text);
        return answer.body.webhook.created_by;
    };
    assert.match(await author('treaty-office'), /^treaty-office #\d+$/);
    assert.match(await author('Anna Müller #1'), /^Anna Müller 1 #\d+$/);
    assert.match(await author('two\nlines\u202e'), /^two lines #\d+$/);
});

test('an access token that expires while its write waits writes nothing', async () => {
    const holder = spawn('psql', [url(register.database, 'postgres'), '-XAtq'],
        { stdio: ['pipe', 'pipe', 'inherit'] });
    holder.stdin.write('begin;\nselect register.write_lock();\n');
    await new Promise((locked) => { holder.stdout.once('data', locked); });
    const exp = Math.floor(Date.now() / 1000) + 3;
    const answer = register.call('POST', '/v1/actions', { json: act('MDA', 'signature', '1996-05-08'),
        token: await provider.forge({ exp }) });
    await eventually('the write waits', () => sql(register.database, `select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and datname = current_database()`) === '1');
    await eventually('the token has expired', () => Date.now() / 1000 > exp + 0.1);
    holder.stdin.end('rollback;\n');
    assert.equal((await answer).status, 401);
    assert.match((await answer).headers.get('www-authenticate'), /invalid_token/);
});

test('keys are fetched again for an unknown key, but not for each of a flood', async () => {
    const former = await provider.forge();
    provider.rotate();
    const token = await eventually('the new key is taken', async () => {
        const fresh = await provider.forge();
        return (await record(fresh)).status === 200 && fresh;
    });
    await refused(former, /no key/);
    const fetches = provider.fetches;
    const began = Date.now();
    const flood = await Promise.all(Array.from({ length: 40 }, async (none, i) =>
        (await record(await provider.forge({}, { kid: `unknown-${i}` }))).status));
    assert.ok(flood.every((status) => status === 401 || status === 503), `${flood}`);
    assert.ok(provider.fetches - fetches <= 1 + (Date.now() - began) / 1000);
    assert.equal((await record(token)).status, 200);
});

test('while the provider is away known keys go on, and an unknown one is told to wait', async () => {
    const token = await provider.forge();
    assert.equal((await record(token)).status, 200);
    await provider.leave();
    const later = await provider.forge({ jti: 'later' });
    provider.rotate();
    const unknown = await provider.forge();
    const answer = await eventually('the provider is not reached', async () => {
        const tried = await record(unknown);
        return tried.status === 503 && tried;
    });
    assert.match(answer.body.detail, /identity provider/);
    assert.ok(Number(answer.headers.get('retry-after')) > 0);
    await untilLogged(register, 'identity_provider_unreachable');
    assert.equal((await record(token)).status, 200);
    assert.equal((await record(later)).status, 200);
    await provider.return();
    await eventually('it is back', async () => (await record(unknown)).status === 200);
});

test('reads never wait for the provider, nor does a request without a token', async () => {
    provider.stall();
    provider.rotate();
    const unknown = await provider.forge();
    const waiting = [];
    await eventually('it is asked', () => {
        waiting.push(record(unknown));
        return provider.stalled.length > 0;
    });
    waiting.push(...Array.from({ length: 60 }, () => record(unknown)));
    const readAll = async (year) => {
        const reads = await Promise.all(Array.from({ length: 28 }, (none, i) =>
            register.call('GET', `/v1/states?as_of=${year}-01-${String(i + 1).padStart(2, '0')}`)));
        assert.ok(reads.every((read) => read.status === 200));
        assert.equal((await register.call('GET', '/v1/outlook')).status, 200);
        assert.equal((await register.call('POST', '/v1/actions', { json: {} })).status, 401);
    };
    await readAll(2001);
    provider.resume();
    const statuses = (await Promise.all(waiting)).map(({ status }) => status);
    assert.ok(statuses.every((status) => [200, 401, 503].includes(status)), `${statuses}`);
    await eventually('it is back', async () => (await record(unknown)).status === 200);
    const { fetches } = provider;
    await readAll(2002);
    assert.equal(provider.fetches, fetches, 'they do not ask it');
});

test('a document that is not the provider\'s is not believed', async (t) => {
    const rogue = await IdentityProvider.start(t);
    const start = async (discovery, more) => {
        rogue.replace = { '/.well-known/openid-configuration': discovery, ...more };
        const other = await Register.start(settings({ ETS144_OIDC_ISSUER: rogue.issuer }));
        const { error } = await untilLogged(other, 'identity_provider_unreachable');
        const answer = await other.call('GET', '/v1/token', { token: await rogue.forge() });
        assert.equal(answer.status, 503);
        await other.stop();
        return error;
    };
    assert.match(await start({ issuer: provider.issuer, jwks_uri: `${rogue.issuer}/jwks` }),
        /another issuer/);
    assert.match(await start({ issuer: rogue.issuer, jwks_uri: 'http://keys.example/' }), /https/);
    assert.match(await start({ issuer: rogue.issuer }), /https/);
    assert.match(await start([]), /not a JSON object/);
    assert.match(await start({ issuer: rogue.issuer, jwks_uri: `${rogue.issuer}/jwks` },
        { '/jwks': { keys: [] } }), /no keys/);
});

test('a claim of the institution can give the scopes', async () => {
    const scopes = async (more, claims) => {
        const other = await Register.start(settings(more));
        const answer = await other.call('GET', '/v1/token', { token: await provider.forge(claims) });
        await other.stop();
        return answer.body.scopes;
    };
    const mapping = 'editor=actions:write,calls:write; CN=Readers OU=x=outlook:read';
    assert.deepEqual(await scopes({ ETS144_OIDC_SCOPES_CLAIM: 'roles', ETS144_OIDC_SCOPES: mapping },
        { roles: ['editor', 'admin', 7], scope: 'webhooks:write' }), ['actions:write', 'calls:write']);
    assert.deepEqual(await scopes({ ETS144_OIDC_SCOPES_CLAIM: '/realm_access/a~1b',
        ETS144_OIDC_SCOPES: mapping }, { realm_access: { 'a/b': ['CN=Readers OU=x'] } }),
    ['outlook:read']);
    assert.deepEqual(await scopes({ ETS144_OIDC_SCOPES_CLAIM: 'roles', ETS144_OIDC_SCOPES: mapping },
        { roles: 'reader editor' }), ['actions:write', 'calls:write']);
    assert.deepEqual(await scopes({}, { scope: { 'actions:write': 1 } }), []);
});

test('settings that cannot be right are refused', async () => {
    for (const [more, sentence] of [
        [{ ETS144_OIDC_ISSUER: 'http://login.example' }, /OIDC_ISSUER takes an https address/],
        [{ ETS144_OIDC_ISSUER: 'https://u:p@login.example' }, /OIDC_ISSUER takes an https address/],
        [{ ETS144_OIDC_ISSUER: 'https://login.example?x' }, /OIDC_ISSUER takes an https address/],
        [{ ETS144_OIDC_AUDIENCE: '' }, /OIDC_AUDIENCE must be set/],
        [{ ETS144_OIDC_SCOPES: 'editor=all' }, /"all", which is no scope/],
        [{ ETS144_OIDC_SCOPES: 'editor' }, /takes entries such as/],
        [{ ETS144_OIDC_REFRESH: '0' }, /a whole number/],
    ]) {
        const { status, stderr } = await run(['serve'],
            environmentFor(register.database, settings(more)));
        assert.notEqual(status, 0);
        assert.match(stderr, sentence);
    }
});

test('without an identity provider a JWT is an unknown token', async () => {
    const other = await Register.start();
    const answer = await other.call('GET', '/v1/token', { token: await provider.forge() });
    assert.equal(answer.status, 401);
    await other.stop();
});

test('the log names a person by subject, never by token', async () => {
    const token = await provider.forge({ sub: 'logged' });
    await register.call('GET', '/v1/token', { token });
    await untilLogged(register, 'request', { caller: 'subject:logged' });
    assert.ok(logLines(register).every((line) => !JSON.stringify(line).includes(token.slice(-40))));
});
