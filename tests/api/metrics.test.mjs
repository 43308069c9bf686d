// What an operator sees: metrics, alerts, the dashboard, and a log line for each request.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Register, act, eventually, sql, untilLogged, url, useRegister } from '../harness.mjs';
import { Webhooks } from '../support/webhooks.mjs';

const holder = useRegister({ before, after });
const top = new URL('../../', import.meta.url);
const promtool = (words, input) => execFileSync('promtool', words,
    { cwd: fileURLToPath(top), encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'pipe'] });

// The metrics by name and labels, such as 'ets144_cache_requests_total{result="hit"}'.
async function figures(register = holder.register) {
    const { text } = await register.call('GET', '/metrics');
    return Object.fromEntries(text.trim().split('\n').filter((line) => !line.startsWith('#'))
        .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}
const requests = (route, method, status) =>
    `ets144_http_requests_total{route="${route}",method="${method}",status="${status}"}`;
const grown = (later, earlier, name) => (later[name] ?? 0) - (earlier[name] ?? 0);

test('promtool accepts names, types and help texts', async () => {
    const { text, headers } = await holder.register.call('GET', '/metrics');
    assert.equal(headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(promtool(['check', 'metrics'], text), '');
    const asked = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
    assert.equal((await holder.register.call('GET', '/metrics', { headers: { Accept: asked } }))
        .status, 200);
});

test('requests are counted by the route\'s pattern, not by what was sent', async () => {
    const earlier = await figures();
    await holder.register.call('GET', '/v1/states/ITA');
    await holder.register.call('HEAD', '/v1/states/fra');
    await holder.register.call('GET', '/v1/states/XX1');
    await holder.register.call('GET', '/no/such/place');
    await holder.register.call('GET', '/no/other/place');
    await holder.register.call('POST', '/v1/actions', { json: {} });
    await holder.register.call('OPTIONS', '/v1/states');
    await holder.register.raw('BREW /v1/states HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    const later = await figures();
    for (const [name, count] of [[requests('/v1/states/{code}', 'GET', 200), 1],
        [requests('/v1/states/{code}', 'HEAD', 200), 1],
        [requests('/v1/states/{code}', 'GET', 404), 1], [requests('', 'GET', 404), 2],
        [requests('/v1/actions', 'POST', 401), 1], [requests('', 'OPTIONS', 204), 1],
        [requests('', 'other', 405), 1]]) {
        assert.equal(grown(later, earlier, name), count, name);
    }
    assert.ok(!Object.keys(later).some((name) => /ITA|place|BREW/.test(name)));
});

test('the buckets of the duration are cumulative, and the counts agree', async () => {
    await holder.register.call('GET', '/v1/states/ITA');
    const seen = await figures();
    const labels = 'route="/v1/states/{code}",method="GET"';
    const buckets = Object.entries(seen).filter(([name]) =>
        name.startsWith(`ets144_http_request_duration_seconds_bucket{${labels},`));
    assert.equal(buckets.length, 17);
    assert.match(buckets[0][0], /le="5e-05"/);
    assert.match(buckets.at(-1)[0], /le="\+Inf"/);
    const counts = buckets.map(([, count]) => count);
    assert.deepEqual(counts, [...counts].sort((a, b) => a - b));
    assert.equal(counts.at(-1), seen[`ets144_http_request_duration_seconds_count{${labels}}`]);
    const total = Object.entries(seen).filter(([name]) =>
        name.startsWith('ets144_http_requests_total{route="/v1/states/{code}",method="GET"'))
        .reduce((sum, [, count]) => sum + count, 0);
    assert.equal(counts.at(-1), total);
    assert.ok(seen[`ets144_http_request_duration_seconds_sum{${labels}}`] > 0);
});

test('the metrics of cache, revision and pool show what happened', async () => {
    const earlier = await figures();
    const address = '/v1/states?as_of=1999-12-31';
    const { headers } = await holder.register.call('GET', address);
    await holder.register.call('GET', address);
    await holder.register.call('GET', address, { headers: { 'If-None-Match': headers.get('etag') } });
    const later = await figures();
    assert.equal(grown(later, earlier, 'ets144_cache_requests_total{result="miss"}'), 1);
    assert.equal(grown(later, earlier, 'ets144_cache_requests_total{result="hit"}'), 2);
    // The cached response and the prebuilt one of its hit.
    assert.equal(grown(later, earlier, 'ets144_cache_entries'), 2);
    assert.ok(grown(later, earlier, 'ets144_cache_bytes') > 5000);
    assert.ok(grown(later, earlier, 'ets144_database_statement_duration_seconds_count{pool="primary"}') >= 1);
    assert.ok(grown(later, earlier, 'ets144_database_statement_duration_seconds_sum{pool="primary"}') > 0);
    assert.equal(later.ets144_revision, holder.register.revision());
    await holder.register.call('POST', '/v1/actions',
        { token: holder.token, json: act('PRT', 'signature', '2026-01-01') });
    assert.equal((await figures()).ets144_revision, holder.register.revision());
    assert.equal(later.ets144_database_up, 1);
    assert.ok(later.ets144_http_connections >= 1);
    assert.equal(later['ets144_database_sessions{pool="primary",state="busy"}']
        + later['ets144_database_sessions{pool="primary",state="idle"}']
        + later['ets144_database_sessions{pool="primary",state="closed"}'], 4);
    assert.ok(later.process_resident_memory_bytes > 1e6 && later.process_open_fds > 5
        && later.process_open_fds < later.process_max_fds);
    assert.ok(Math.abs(later.process_start_time_seconds - Date.now() / 1000) < 600);
    assert.ok(later.process_cpu_seconds_total > 0);
});

test('without the database the metrics are served, and show the outage', async (t) => {
    const register = await Register.start({ ETS144_CHECKOUT_TIMEOUT_MS: '200' });
    t.after(() => register.stop());
    await register.call('GET', '/v1/states');
    sql('postgres', `alter database ${register.database} allow_connections false`);
    sql('postgres', `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = '${register.database}'`);
    const stale = 'ets144_cache_requests_total{result="stale"}';
    const refused = 'ets144_database_sessions_refused_total{pool="primary"}';
    let seen;
    await eventually('the metrics show the outage', async () => {
        await register.call('GET', '/v1/states');
        await register.call('GET', '/v1/calls');
        seen = await figures(register);
        return seen.ets144_database_up === 0 && seen[stale] > 0 && seen[refused] > 0;
    });
    assert.ok(seen.ets144_revision_heartbeat_age_seconds > 0);
    assert.ok(seen[requests('/v1/calls', 'GET', 503)] > 0);
    assert.equal(seen.ets144_revision, 1);
    sql('postgres', `alter database ${register.database} allow_connections true`);
});

test('pending webhook deliveries are in the metrics', async (t) => {
    // No receiver listens there.
    const webhooks = await Webhooks.start({ ETS144_WEBHOOK_BACKOFF_MS: '60000' }, t);
    const { register } = webhooks;
    const none = await figures(register);
    assert.equal(none['ets144_webhooks{state="enabled"}'], 0);
    assert.equal(none.ets144_webhook_oldest_waiting_seconds, 0);
    await webhooks.create({ url: 'http://127.0.0.1:9/' });
    await webhooks.create({ url: 'http://127.0.0.1:9/', enabled: false });
    await webhooks.happen();
    let seen;
    await eventually('a webhook is failing', async () => {
        seen = await figures(register);
        return seen.ets144_webhooks_failing > 0;
    });
    assert.equal(seen.ets144_webhooks_failing, 1);
    assert.equal(seen['ets144_webhooks{state="enabled"}'], 1);
    assert.equal(seen['ets144_webhooks{state="disabled"}'], 1);
    assert.equal(seen.ets144_webhook_deliveries_waiting, 1);
    assert.ok(seen.ets144_webhook_oldest_waiting_seconds > 0);
    assert.equal(seen.ets144_webhook_dead_letters, 0);
});

test('metrics are served to ETS144_METRICS_CLIENTS only', async (t) => {
    const register = await Register.start({ ETS144_METRICS_CLIENTS: '10.0.0.0/8, 2001:db8::/32' });
    t.after(() => register.stop());
    const answer = await register.call('GET', '/metrics');
    assert.equal(answer.status, 404);
    assert.deepEqual(answer.body.detail, (await register.call('GET', '/metric')).body.detail
        .replace('/metric', '/metrics'));
});

// The log line of a request; it may be written a moment after the response.
const lineOf = (response, register = holder.register) => untilLogged(register, 'request',
    { request_id: response.headers.get('x-request-id') });
const logged = async (address, headers = {}) =>
    lineOf(await holder.register.call('GET', address, { headers }));

test('the log has the trace that was sent, unless it is malformed', async () => {
    const [id, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const line = await logged('/v1/calls', { traceparent: `00-${id}-${parent}-01` });
    assert.equal(line.trace_id, id);
    assert.equal(line.parent_id, parent);
    // A request with a trace bypasses the fast path, which would lose it.
    const again = await logged('/v1/calls', { traceparent: `00-${id}-${parent}-00` });
    assert.equal(again.trace_id, id);
    for (const bad of [`00-${id.toUpperCase()}-${parent}-01`, `00-${'0'.repeat(32)}-${parent}-01`,
        `ff-${id}-${parent}-01`, 'x', `00-${id}-${parent}-01, 00-${id}-${parent}-01`]) {
        const without = await logged('/v1/calls', { traceparent: bad });
        assert.equal(without.status, 200);
        assert.ok(!('trace_id' in without), bad);
    }
});

test('a log line has the duration, the database\'s share of it, and the client', async () => {
    const first = await logged('/v1/statistics?as_of=2003-04-05');
    assert.equal(first.cache, 'miss');
    assert.equal(first.client, '127.0.0.1');
    assert.ok(first.database_us > 0 && first.database_us <= first.duration_us);
    const second = await logged('/v1/statistics?as_of=2003-04-05');
    assert.equal(second.cache, 'hit');
    assert.equal(second.database_us, 0);
});

test('what a standby answers is counted and timed as what the primary does', async (t) => {
    const register = await Register.start();
    t.after(() => register.stop());
    assert.ok(!Object.keys(await figures(register)).some((name) => name.includes('standby')));
    register.child.kill('SIGTERM');
    await register.ended;
    register.environment.ETS144_READ_DATABASE_URL = url(register.database, 'ets144_service');
    await register.serve();
    const count = 'ets144_database_statement_duration_seconds_count{pool="standby"}';
    const end = Date.now() + 20000;
    let answer;
    for (let day = 1; (await figures(register))[count] === 0; day++) {
        assert.ok(Date.now() < end && day < 28);
        answer = await register.call('GET', `/v1/statistics?as_of=2003-02-${`0${day}`.slice(-2)}`);
    }
    const seen = await figures(register);
    assert.ok(seen['ets144_database_statement_duration_seconds_sum{pool="standby"}'] > 0);
    assert.equal(seen['ets144_database_sessions{pool="standby",state="busy"}'], 0);
    assert.ok(seen['ets144_database_sessions{pool="standby",state="idle"}'] > 0);
    for (const name of ['sessions_waiting', 'sessions_refused_total', 'statement_failures_total']) {
        assert.ok(`ets144_database_${name}{pool="standby"}` in seen, name);
    }
    const line = await lineOf(answer, register);
    assert.ok(line.database_us > 0 && line.database_us <= line.duration_us, JSON.stringify(line));
    assert.equal(promtool(['check', 'metrics'], (await register.call('GET', '/metrics')).text), '');
});

test('the alert rules are valid, and each alert fires when it should', () => {
    promtool(['check', 'rules', 'docker/prometheus/ets144.rules.yaml']);
    promtool(['check', 'config', 'docker/prometheus/prometheus.yaml']);
    promtool(['test', 'rules', 'tests/prometheus/rules.test.yaml']);
    const rules = readFileSync(new URL('docker/prometheus/ets144.rules.yaml', top), 'utf8');
    const tests = readFileSync(new URL('tests/prometheus/rules.test.yaml', top), 'utf8');
    for (const [, name] of rules.matchAll(/alert: (\w+)/g)) {
        assert.match(tests, new RegExp(`alertname: ${name}\n *exp_alerts:`), name);
    }
});

test('rules and dashboard name existing metrics only', async () => {
    const { text } = await holder.register.call('GET', '/metrics');
    const known = new Set([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name, type]) =>
        ({ histogram: ['_bucket', '_sum', '_count'], summary: ['_sum', '_count'] }[type] ?? [''])
            .map((end) => name + end)));
    const dashboard = JSON.parse(readFileSync(new URL('docker/grafana/ets144.json', top)));
    const rules = readFileSync(new URL('docker/prometheus/ets144.rules.yaml', top), 'utf8');
    const used = [...dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)), rules]
        .flatMap((expression) => expression.match(/\b(ets144|process)_\w+/g) ?? []);
    assert.ok(new Set(used).size > 15);
    for (const name of used) {
        assert.ok(known.has(name), name);
    }
    assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
});
