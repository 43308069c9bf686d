// The habits of HTTP: tokens, tags, methods, headers, and what is not understood.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, run, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const call = (...words) => holder.register.call(...words);
const get = (address, options) => call('GET', address, options);

test('writing needs a token that is good and has the scope', async () => {
    const { register } = holder;
    const json = act('PRT', 'signature', '2026-11-02');
    const missing = await call('POST', '/v1/actions', { json });
    assert.equal(missing.status, 401);
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer realm="ets144"');
    for (const token of ['x', `ets144_${'A'.repeat(43)}`, `ets144_${'A'.repeat(42)}`]) {
        const wrong = await call('POST', '/v1/actions', { json, token });
        assert.equal(wrong.status, 401);
        assert.match(wrong.headers.get('www-authenticate'), /error="invalid_token"/);
    }
    assert.equal((await call('POST', '/v1/actions',
        { json, headers: { Authorization: `Basic ${btoa('a:b')}` } })).status, 401);
    const other = await register.token('caller', 'calls:write');
    const lacking = await call('POST', '/v1/actions', { json, token: other });
    assert.equal(lacking.status, 403);
    assert.match(lacking.headers.get('www-authenticate'), /scope="actions:write"/);
    assert.equal(register.revision(), 1);
});

test('the name of a token is in any language, and on one line', async () => {
    const { register } = holder;
    const create = (name) => run(['token', 'create', '--name', name, '--scope', 'actions:write'],
        register.environment);
    for (const name of ['Bureau des Traités', 'Договорный отдел', '条約課', 'x'.repeat(64)]) {
        const made = await create(name);
        assert.equal(made.status, 0, made.stderr);
        const { body } = await call('GET', '/v1/token', { token: made.stdout.trim() });
        assert.equal(body.name, name);
    }
    for (const name of ['', ' x', 'x ', 'two\nlines', 'Anna #17', 'x'.repeat(65), 'x\x7f']) {
        const { status, stderr } = await create(name);
        assert.equal(status, 2, name);
        assert.match(stderr, /a name has 1 to 64 characters/);
    }
    for (const name of ['\u202ereversed', 'e\u0301', 'two  spaces']) {
        assert.equal((await create(name)).status, 1, name);
    }
});

test('a token ends by its day or by being revoked, and is never shown again', async () => {
    const { register } = holder;
    const environment = register.environment;
    const day = (after) => new Date(Date.now() + after * 86400000).toISOString().slice(0, 10);
    const create = (name, expires) => run(['token', 'create', '--name', name, '--scope',
        'actions:write', '--expires', expires], environment);
    const json = act('PRT', 'signature', '2026-11-02');
    const past = await create('past', day(-1));
    assert.equal(past.status, 2);
    assert.match(past.stderr, /has passed; today is /);
    const old = (await create('old', day(1))).stdout.trim();
    assert.equal(sql(register.database, "select expires_at at time zone 'UTC' from service.access_token "
        + "where name = 'old'"), `${day(1)} 23:59:59.999`);
    assert.equal((await call('POST', '/v1/actions?dry_run=true', { json, token: old })).status, 200);
    sql(register.database, "update service.access_token set expires_at = now() where name = 'old'");
    assert.equal((await call('POST', '/v1/actions', { json, token: old })).status, 401);
    const token = await register.token('passing', 'actions:write');
    assert.equal((await call('POST', '/v1/actions?dry_run=true', { json, token })).status, 200);
    assert.equal((await run(['token', 'revoke', '--name', 'passing'], environment)).status, 0);
    assert.equal((await call('POST', '/v1/actions?dry_run=true', { json, token })).status, 401);
    assert.equal((await run(['token', 'revoke', '--name', 'passing'], environment)).status, 1);
    const listed = await run(['token', 'list'], environment);
    assert.match(listed.stdout, /passing\tactions:write\t.*\trevoked /);
    assert.ok(!listed.stdout.includes('ets144_'));
    assert.equal(sql(register.database,
        "select count(*) from service.access_token where digest = sha256('" + token + "')"), '1');
    const twice = await run(['token', 'create', '--name', 'passing', '--scope', 'actions:write'],
        environment);
    assert.equal(twice.status, 1);
    assert.match(twice.stderr, /exists, or existed/);
    assert.equal((await run(['token', 'create', '--name', 'n', '--scope', 'all'],
        environment)).status, 2);
});

test('a reader that has it already gets 304', async () => {
    for (const address of ['/v1/convention', '/v1/states', '/v1/states/ITA', '/v1/actions',
        '/v1/actions/ITA-2', '/v1/actions/ITA-2/versions', '/openapi.json']) {
        const first = await get(address);
        const tag = first.headers.get('etag');
        assert.match(tag, /^"[0-9a-f]{32}"$/);
        for (const condition of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
            const again = await get(address, { headers: { 'If-None-Match': condition } });
            assert.equal(again.status, 304, `${address} ${condition}`);
            assert.equal(again.headers.get('etag'), tag);
        }
        assert.equal((await get(address, { headers: { 'If-None-Match': '"other"' } })).status, 200);
    }
});

test('the tag of a State does not change when another State acts', async () => {
    const italy = (await get('/v1/states/ITA')).headers.get('etag');
    await call('POST', '/v1/actions',
        { json: act('AUT', 'signature', '2026-01-01'), token: holder.token });
    assert.equal((await get('/v1/states/ITA')).headers.get('etag'), italy);
});

test('HEAD has the status and headers of GET, without the body', async () => {
    const full = await get('/v1/states/ITA');
    const head = await call('HEAD', '/v1/states/ITA');
    assert.equal(head.status, 200);
    assert.equal(head.text, '');
    for (const name of ['etag', 'content-length', 'content-type', 'vary', 'cache-control']) {
        assert.equal(head.headers.get(name), full.headers.get(name), name);
    }
});

test('OPTIONS and 405 list the methods of a path', async () => {
    const options = await call('OPTIONS', '/v1/actions/ITA-2');
    assert.equal(options.headers.get('allow'), 'GET, HEAD, PUT, DELETE, OPTIONS');
    assert.equal(options.headers.get('access-control-allow-methods'), 'GET, HEAD');
    for (const [method, address, allow] of [
        ['POST', '/v1/convention', 'GET, HEAD, OPTIONS'],
        ['PATCH', '/v1/actions/ITA-2', 'GET, HEAD, PUT, DELETE, OPTIONS'],
        ['DELETE', '/v1/actions', 'GET, HEAD, POST, OPTIONS']]) {
        const answer = await call(method, address);
        assert.equal(answer.status, 405);
        assert.equal(answer.headers.get('allow'), allow);
    }
});

test('an unknown address is 404, and so is a known one with a slash added', async () => {
    for (const address of ['/v1', '/v1/states/', '/v1/states/ITA/x', '/v2/states']) {
        assert.equal((await get(address)).status, 404, address);
    }
});

test('reading is open to every origin, writing is not', async () => {
    const read = await get('/v1/states', { headers: { Origin: 'https://dashboard.example' } });
    assert.equal(read.headers.get('access-control-allow-origin'), '*');
    assert.equal(read.headers.get('access-control-expose-headers'), '*');
    const written = await call('POST', '/v1/actions?dry_run=true',
        { json: act('PRT', 'signature', '2026-11-02'), token: holder.token });
    assert.equal(written.headers.get('access-control-allow-origin'), null);
});

test('the media type follows Accept', async () => {
    const accept = async (value) =>
        (await get('/v1/vocabulary', { headers: { Accept: value } })).status;
    assert.equal(await accept('application/json'), 200);
    assert.equal(await accept('text/html, */*;q=0.1'), 200);
    assert.equal(await accept('application/*'), 200);
    assert.equal(await accept('text/html'), 406);
    assert.equal(await accept('application/json;q=0, */*'), 406);
});

test('a body must be JSON, and only some operations take one', async () => {
    const send = (headers, body) => call('POST', '/v1/actions', { headers, body, token: holder.token });
    assert.equal((await send({ 'Content-Type': 'text/plain' }, '{}')).status, 415);
    assert.equal((await send({ 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b')).status,
        415);
    assert.equal((await send({ 'Content-Type': 'multipart/form-data; boundary=x' },
        '--x\r\n\r\n--x--')).status, 415);
    assert.equal((await send({ 'Content-Type': 'application/json; charset=utf-8' }, '{}')).status,
        422);
    assert.equal((await send({}, undefined)).status, 400);
    const unexpected = await call('DELETE', '/v1/actions/ITA-2?reason=x',
        { token: holder.token, json: { reason: 'x' }, headers: { 'If-Match': '*' } });
    assert.equal(unexpected.status, 400);
});

test('the request id is the client\'s if well-formed, else a UUID of version 7', async () => {
    const given = await get('/v1/states/ITA', { headers: { 'X-Request-Id': 'abc-1.2_3' } });
    assert.equal(given.headers.get('x-request-id'), 'abc-1.2_3');
    for (const odd of ['a b', 'x'.repeat(65), '"']) {
        const made = await get('/v1/states/ITA', { headers: { 'X-Request-Id': odd } });
        assert.match(made.headers.get('x-request-id'),
            /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    assert.equal((await get('/v1/nothing', { headers: { 'X-Request-Id': 'seen' } })).body.request_id,
        'seen');
    assert.match(holder.register.log, /"request_id":"seen".*"status":404/);
});

test('the log has a JSON line for each request, with no token and no body in it', async () => {
    await call('POST', '/v1/actions?dry_run=true', { token: holder.token,
        json: act('PRT', 'signature', '2026-11-02', { summary_en: 'a telling summary' }) });
    const lines = holder.register.log.trim().split('\n').map((line) => JSON.parse(line));
    const line = lines.filter((l) => l.event === 'request').at(-1);
    assert.deepEqual([line.method, line.route, line.status, line.caller],
        ['POST', '/v1/actions', 200, 'secretariat']);
    assert.ok(line.duration_us > 0 && line.level === 'info' && line.time.endsWith('Z'));
    assert.ok(!holder.register.log.includes(holder.token));
    assert.ok(!holder.register.log.includes('telling'));
});

test('health: live and ready', async () => {
    assert.deepEqual((await get('/health/live')).body, { status: 'live' });
    assert.deepEqual((await get('/health/ready')).body, { status: 'ready' });
});
