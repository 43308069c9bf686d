// Registering webhooks: their members, permitted addresses, and visibility.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Register, run, sql } from '../harness.mjs';
import { Webhooks } from '../support/webhooks.mjs';

let webhooks;
before(async () => { webhooks = await Webhooks.start(); });
after(async () => { await webhooks?.stop(); });
const call = (...words) => webhooks.call(...words);
const get = (...words) => webhooks.get(...words);

// All that is done with a webhook: method, path below its address, body.
const everything = (id) => [['GET', ''], ['GET', '/deliveries'], ['GET', '/dead-letters'],
    ['POST', '/test'], ['POST', '/rotate-secret'], ['POST', `/deliveries/${id}/redeliver`],
    ['POST', '/replay', { since: '2026-01-01T00:00:00Z' }],
    ['PATCH', '', { url: 'https://evil.example/' }], ['DELETE', '']];

test('a webhook is registered, read, changed and deleted; its secret is shown once', async () => {
    const made = await call('POST', '/v1/webhooks', { url: 'https://receiver.example/ets144?a=b',
        description: 'Un dossier', categories: ['status', 'call', 'status'],
        states: ['ita', 'PRT'] });
    assert.equal(made.status, 201);
    const { webhook, secret } = made.body;
    const address = `/v1/webhooks/${webhook.id}`;
    assert.match(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assert.equal(made.headers.get('location'), address);
    assert.deepEqual([webhook.categories, webhook.states, webhook.internal, webhook.enabled],
        [['call', 'status'], ['ITA', 'PRT'], false, true]);
    assert.equal(webhook.created_by, 'secretariat');

    const shown = await get(address);
    assert.deepEqual(shown.body, webhook);
    assert.equal(shown.headers.get('etag'), made.headers.get('etag'));
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    assert.ok(shown.headers.get('vary').includes('Authorization'));
    assert.deepEqual((await get(`/v1/webhooks/${webhook.id.toUpperCase()}`)).body, webhook);
    assert.equal((await get(address, { headers: { 'If-None-Match': shown.headers.get('etag') } }))
        .status, 304);
    const list = await get('/v1/webhooks');
    assert.deepEqual(list.body.items.find(({ id }) => id === webhook.id), webhook);
    assert.ok(!list.text.includes('whsec_') && !shown.text.includes('whsec_'));

    assert.equal((await call('PATCH', address, { enabled: false })).status, 428);
    assert.equal((await call('PATCH', address, { enabled: false },
        { headers: { 'If-Match': '"00000000000000000000000000000000"' } })).status, 412);
    const off = await call('PATCH', address, { enabled: false, description: null },
        { headers: { 'If-Match': shown.headers.get('etag'),
            'Content-Type': 'application/merge-patch+json' } });
    assert.equal(off.status, 200);
    assert.deepEqual(off.body, { ...webhook, enabled: false, disabled_because: 'request',
        description: null });
    const again = await call('PATCH', address, { enabled: null, categories: null, states: ['FRA'] },
        { headers: { 'If-Match': off.headers.get('etag') } });
    assert.deepEqual(again.body, { ...webhook, description: null, categories: null,
        states: ['FRA'] });
    assert.deepEqual((await call('PATCH', address, {}, { headers: { 'If-Match': '*' } })).body,
        again.body);

    assert.equal((await call('DELETE', address)).status, 428);
    assert.equal((await call('DELETE', address, undefined,
        { headers: { 'If-Match': made.headers.get('etag') } })).status, 412);
    assert.equal((await call('DELETE', address, undefined,
        { headers: { 'If-Match': again.headers.get('etag') } })).status, 204);
    for (const [method, path, json] of everything(webhook.id)) {
        const gone = await call(method, `${address}${path}?lang=fr`, json,
            { headers: { 'If-Match': '*' } });
        assert.equal(gone.status, 404, path);
        assert.match(gone.body.detail, /pas de webhook/);
    }
    assert.equal((await get('/v1/webhooks/none')).status, 404);
    const options = await webhooks.register.call('OPTIONS', address);
    assert.equal(options.headers.get('allow'), 'GET, HEAD, PATCH, DELETE, OPTIONS');
});

test('with an Idempotency-Key a repetition registers nothing more', async () => {
    const json = { url: 'https://receiver.example/once' };
    const headers = { 'Idempotency-Key': 'webhook-once' };
    const first = await call('POST', '/v1/webhooks', json, { headers });
    const second = await call('POST', '/v1/webhooks', json, { headers });
    assert.equal(second.status, 201);
    assert.deepEqual(second.body, first.body);
    assert.equal(second.headers.get('etag'), first.headers.get('etag'));
    const other = await call('POST', '/v1/webhooks', { url: 'https://other.example/' }, { headers });
    assert.equal(other.body.type, '/problems/idempotency-key-reused');
    const hook = { address: `/v1/webhooks/${first.body.webhook.id}` };
    assert.equal((await webhooks.rotate(hook)).status, 200);
    assert.equal((await call('POST', '/v1/webhooks', json, { headers })).body.secret, null);
    await webhooks.remove(hook);
    assert.equal((await call('POST', '/v1/webhooks', json, { headers })).status, 404);
    // A request that was refused leaves its key free.
    const fresh = { 'Idempotency-Key': 'webhook-refused' };
    const refused = await call('POST', '/v1/webhooks', { url: 'x' }, { headers: fresh });
    assert.equal(refused.status, 422);
    const made = await call('POST', '/v1/webhooks', json, { headers: fresh });
    assert.equal(made.status, 201);
    await webhooks.remove({ address: `/v1/webhooks/${made.body.webhook.id}` });
});

test('every fault of a body is named at once, in both languages', async () => {
    const wrong = { colour: 'red', description: '', categories: ['status', 'gossip'],
        states: ['ITA', 'XXX', 'Italy'], internal: 'yes', enabled: 1 };
    for (const lang of ['en', 'fr']) {
        const { status, body } = await call('POST', `/v1/webhooks?lang=${lang}`, wrong);
        assert.equal(status, 422);
        assert.deepEqual(body.errors.map(({ pointer }) => pointer).sort(), ['/categories/1',
            '/colour', '/description', '/enabled', '/internal', '/states/2', '/url']);
    }
    const { body } = await call('POST', '/v1/webhooks',
        { url: 'ftp://receiver.example/', categories: [], states: ['ITA', 'XXX'] });
    assert.equal(body.type, '/problems/webhook-url-refused');
    assert.deepEqual(body.errors.map(({ pointer }) => pointer).sort(),
        ['/categories', '/states/1', '/url']);
    const hook = await webhooks.create({ url: 'https://receiver.example/' });
    const patched = await webhooks.change(hook, { url: null, states: [] });
    assert.equal(patched.status, 422);
    assert.deepEqual(patched.body.errors.map(({ pointer }) => pointer).sort(), ['/states', '/url']);
    await webhooks.remove(hook);
    assert.equal((await call('POST', '/v1/webhooks', undefined, { body: '{}',
        headers: { 'Content-Type': 'text/plain' } })).status, 415);
    assert.equal((await call('POST', '/v1/webhooks', { url: 'https://receiver.example/' },
        { headers: { 'Content-Type': 'application/merge-patch+json' } })).status, 415);
});

test('an address of this machine or a private network is refused, in any notation',
    async (t) => {
        const strict = await Register.start();
        t.after(() => strict.stop());
        const writer = await strict.token('secretariat', 'webhooks:write');
        const post = (url, lang = 'en') => strict.call('POST', `/v1/webhooks?lang=${lang}`,
            { token: writer, json: { url } });
        for (const [url, sentence] of [
            ['http://127.0.0.1', /is not on the public Internet/],
            ['http://[::ffff:10.0.0.1]', /is not on the public Internet/],
            ['https://[::ffff:10.0.0.1]/', /is not on the public Internet/],
            ['https://2130706433/', /is not on the public Internet/],
            ['https://0x7f000001/', /is not on the public Internet/],
            ['https://0177.0.0.1/', /is not on the public Internet/],
            ['https://127.1/', /is not on the public Internet/],
            ['https://169.254.169.254/latest/meta-data/', /is not on the public Internet/],
            ['https://[fd00:ec2::254]/', /is not on the public Internet/],
            ['https://100.100.100.200/', /is not on the public Internet/],
            ['https://[64:ff9b::a00:1]/', /is not on the public Internet/],
            ['https://[2002:a00:1::]/', /is not on the public Internet/],
            ['https://localhost:8144/', /is not on the public Internet/],
            ['http://receiver.example/', /is not an https address/],
            ['https://name:word@receiver.example/', /no name or password/],
            ['https://receiver.example/#top', /no fragment/],
            ['https://receiver.example:25/', /a port of another service/],
            ['https://receiver.example:99999/', /is not an http or https address/],
            ['https:///receiver.example', /is not an http or https address/],
            ['gopher://receiver.example/', /is not an http or https address/]]) {
            const { status, body } = await post(url);
            assert.equal(status, 422, url);
            assert.equal(body.type, '/problems/webhook-url-refused', url);
            assert.deepEqual(body.errors.map(({ pointer }) => pointer), ['/url'], url);
            assert.match(body.errors[0].detail, sentence, url);
            assert.notEqual((await post(url, 'fr')).body.errors[0].detail, body.errors[0].detail);
        }
        const long = `https://receiver.example/${'a'.repeat(1976)}`;
        assert.equal((await post(long)).body.type, '/problems/invalid-field');
        assert.equal((await post(long.slice(0, -1))).status, 201);
        const page = await strict.call('GET', '/problems/webhook-url-refused',
            { headers: { Accept: 'application/json' } });
        assert.equal(page.body.status, 422);
        const made = await post('https://receiver.example:8443/');
        assert.equal(made.status, 201);
        const address = `/v1/webhooks/${made.body.webhook.id}`;
        assert.equal((await strict.call('PATCH', address, { token: writer,
            json: { url: 'https://10.0.0.1/' }, headers: { 'If-Match': '*' } })).body.type,
        '/problems/webhook-url-refused');
    });

test('a token without the scope sees no webhook, and without outlook:read no internal webhook',
    async (t) => {
        const writer = await webhooks.register.token('webmaster', 'webhooks:write',
            'webhooks:admin');
        const other = await webhooks.register.token('recorder', 'actions:write');
        const as = (who, method, address, json, more) =>
            webhooks.register.call(method, address, { token: who, json, ...more });
        assert.equal((await webhooks.register.call('GET', '/v1/webhooks')).status, 401);
        assert.equal((await as(other, 'GET', '/v1/webhooks')).status, 403);
        assert.equal((await as(other, 'POST', '/v1/webhooks', { url: 'https://a.example' })).status,
            403);
        const refused = await as(writer, 'POST', '/v1/webhooks',
            { url: 'https://a.example', internal: true });
        assert.equal(refused.status, 403);
        assert.match(refused.headers.get('www-authenticate'), /scope="outlook:read"/);
        const inside = await webhooks.create({ url: 'https://a.example', internal: true });
        const outside = await webhooks.create({ url: 'https://b.example' });
        t.after(() => webhooks.remove(inside));
        t.after(() => webhooks.remove(outside));
        const { body } = await as(writer, 'GET', '/v1/webhooks');
        assert.deepEqual(body.items.map(({ id }) => id), [outside.id]);
        for (const [method, path, json] of everything(inside.id)) {
            assert.equal((await as(writer, method, `${inside.address}${path}`, json,
                { headers: { 'If-Match': '*' } })).status, 404, `${method} ${path}`);
        }
        assert.equal((await as(writer, 'PATCH', outside.address, { internal: true },
            { headers: { 'If-Match': '*' } })).status, 403);
    });

test('a webhook belongs to the token that registered it; administrators see all', async (t) => {
    const { register } = webhooks;
    const other = await register.token('other', 'webhooks:write', 'outlook:read', 'imports:admin');
    const administrator = await register.token('chief', 'webhooks:write', 'webhooks:admin');
    const as = (who, method, address, json, more) =>
        register.call(method, address, { token: who, json, ...more });
    const hook = await webhooks.create({ url: 'https://receiver.example/?key=of-ours' });
    const attempt = await webhooks.tried(hook);
    const shown = await get(hook.address);
    for (const method of ['GET', 'POST']) {
        const own = await as(other, method, '/v1/webhooks',
            method === 'POST' ? { url: 'https://other.example/' } : undefined);
        assert.ok(!own.text.includes('of-ours') && !own.text.includes(hook.id), own.text);
    }
    const none = '00000000-0000-7000-8000-000000000000';
    for (const [method, path, json] of everything(attempt.delivery)) {
        for (const condition of ['*', shown.headers.get('etag')]) {
            const [refused, unknown] = await Promise.all([hook.id, none].map((id) =>
                as(other, method, `/v1/webhooks/${id}${path}`, json,
                    { headers: { 'If-Match': condition } })));
            assert.equal(refused.status, 404, `${method} ${path}`);
            const masked = ({ text }, id) => text.replaceAll(id, 'id')
                .replace(/"request_id":"[^"]*"/, '').replace(/urn:uuid:[0-9a-f-]+/, '');
            assert.equal(masked(refused, hook.id), masked(unknown, none));
        }
    }
    assert.equal((await get(hook.address)).text, shown.text);
    assert.equal((await get(`${hook.address}/deliveries`)).body.items.length, 1);

    const all = await as(administrator, 'GET', '/v1/webhooks');
    assert.deepEqual([...new Set(all.body.items.map((item) => item.created_by))].sort(),
        ['other', 'secretariat']);
    assert.equal((await as(administrator, 'GET', hook.address)).text, shown.text);
    const changed = await as(administrator, 'PATCH', hook.address, { enabled: false },
        { headers: { 'If-Match': shown.headers.get('etag') } });
    assert.equal(changed.status, 200);
    assert.equal(changed.body.created_by, 'secretariat', 'it stays its owner\'s');
    t.after(async () => {
        for (const { id } of all.body.items) {
            await as(administrator, 'DELETE', `/v1/webhooks/${id}`, undefined,
                { headers: { 'If-Match': '*' } });
        }
    });
});

test('a token that is rotated keeps its webhooks, and the old one ends', async (t) => {
    const { register } = webhooks;
    const old = await register.token('rotating', 'webhooks:write');
    const made = await register.call('POST', '/v1/webhooks',
        { token: old, json: { url: 'https://rotating.example/' } });
    t.after(() => sql(register.database,
        "delete from service.webhook where url = 'https://rotating.example/'"));
    const rotated = await run(['token', 'rotate', '--name', 'rotating'], register.environment);
    assert.equal(rotated.status, 0, rotated.stderr);
    const token = rotated.stdout.trim();
    assert.equal((await register.call('GET', '/v1/webhooks', { token: old })).status, 401);
    const list = await register.call('GET', '/v1/webhooks', { token });
    assert.deepEqual(list.body.items.map(({ id }) => id), [made.body.webhook.id]);
    const unknown = await run(['token', 'rotate', '--name', 'nobody'], register.environment);
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /no valid token named "nobody"/);
    assert.equal((await run(['token', 'revoke', '--name', 'rotating'], register.environment)).status,
        0);
    assert.equal((await run(['token', 'rotate', '--name', 'rotating'], register.environment)).status,
        1, 'what was revoked stays so');
    assert.equal((await run(['token', 'rotate'], register.environment)).status, 2);
});

test('the scope of administrators alone gives no webhook', async () => {
    const token = await webhooks.register.token('auditor', 'webhooks:admin');
    assert.equal((await webhooks.register.call('GET', '/v1/webhooks', { token })).status, 403);
});

test('a secret is changed only by who has seen the webhook as it is', async (t) => {
    const hook = await webhooks.create({ url: 'https://receiver.example/' });
    t.after(() => webhooks.remove(hook));
    const rotate = (condition, query = '') => call('POST', `${hook.address}/rotate-secret${query}`,
        undefined, { headers: condition && { 'If-Match': condition } });
    const secret = () => sql(webhooks.register.database,
        `select secret from service.webhook where id = '${hook.id}'`);
    assert.equal((await rotate()).status, 428);
    assert.equal((await rotate('"00000000000000000000000000000000"')).status, 412);
    assert.equal(secret(), hook.secret);
    for (const query of ['', '?keep_previous=false', '?keep_previous=false']) {
        const before_ = (await get(hook.address)).headers.get('etag');
        const changed = await rotate(before_, query);
        assert.equal(changed.status, 200);
        assert.equal(secret(), changed.body.secret);
        assert.equal((await rotate(before_, query)).status, 412, 'sent twice');
        assert.equal(secret(), changed.body.secret);
        const now = await get(hook.address);
        assert.equal(changed.headers.get('etag'), now.headers.get('etag'));
        assert.ok(now.body.secret_changed_at >= hook.created_at);
    }
});

test('a token has twenty at most, which leaves room for others', async (t) => {
    const { register } = webhooks;
    const token = await register.token('greedy', 'webhooks:write');
    const post = (who) => register.call('POST', '/v1/webhooks',
        { token: who, json: { url: 'https://greedy.example/', enabled: false } });
    t.after(() => sql(register.database,
        "delete from service.webhook where url = 'https://greedy.example/'"));
    const made = [];
    for (let i = 0; i < 21; i++) {
        made.push((await post(token)).status);
    }
    assert.deepEqual(made, [...Array(20).fill(201), 409]);
    const refused = await post(token);
    assert.equal(refused.body.type, '/problems/too-many-webhooks');
    assert.match(refused.body.detail, /A token has 20 webhooks at most, and the register 100/);
    assert.equal((await post(await register.token('modest', 'webhooks:write'))).status, 201);
});

test('there are a hundred at most', async (t) => {
    sql(webhooks.register.database, `insert into service.webhook (url, internal, created_by, secret,
            after_at, after_number, enabled, disabled_because)
        select 'https://many.example/' || n, false, 'tests', 'whsec_' || repeat('A', 43) || '=',
               now(), 0, false, 'request'
          from generate_series(1, 100 - (select count(*) from service.webhook)::integer) as n`);
    t.after(() => sql(webhooks.register.database,
        "delete from service.webhook where url like 'https://many.example/%'"));
    const { status, body } = await call('POST', '/v1/webhooks', { url: 'https://a.example' });
    assert.equal(status, 409);
    assert.equal(body.type, '/problems/too-many-webhooks');
    const token = await webhooks.register.token('counter', 'webhooks:write', 'webhooks:admin',
        'outlook:read');
    const all = await webhooks.register.call('GET', '/v1/webhooks', { token });
    assert.equal(all.body.items.length, 100);
});
