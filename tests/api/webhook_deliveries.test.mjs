// Deliveries: every change in its order, at least once, with a signature that receivers can verify.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, eventually, sleep, source, sql } from '../harness.mjs';
import { Webhooks } from '../support/webhooks.mjs';

let webhooks;
before(async () => { webhooks = await Webhooks.start(); });
after(async () => { await webhooks?.stop(); });
const call = (...words) => webhooks.call(...words);
const get = (...words) => webhooks.get(...words);

test('a change is sent as in the feed, with the headers of Standard Webhooks', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t);
    const { body: { next } } = await get('/v1/changes?after=latest');
    const written = await call('POST', '/v1/actions', act('PRT', 'signature', '2026-01-01'));
    assert.equal(written.status, 201);
    const messages = await receiver.until(2);
    const { body: { items } } = await get(next);
    assert.equal(items.length, 2);
    assert.deepEqual(messages.map(({ body }) => body), items);
    for (const { id, text, body, headers, by, method, url } of messages) {
        assert.equal(text, JSON.stringify(body));
        assert.equal(id, body.id);
        assert.deepEqual(by, [hook.secret]);
        assert.deepEqual([method, url], ['POST', '/hook']);
        assert.equal(headers['content-type'], 'application/cloudevents+json');
        assert.match(headers['user-agent'], /^ets144\/\d+\.\d+\.\d+$/);
        assert.match(headers['webhook-signature'], /^v1,\S{44}$/);
        for (const name of ['authorization', 'cookie', 'expect', 'accept-encoding']) {
            assert.ok(!(name in headers), name);
        }
    }
    const attempt = await webhooks.settled(hook, messages[1].id);
    assert.deepEqual([attempt.occasion, attempt.outcome, attempt.status, attempt.error,
        attempt.answer], ['change', 'delivered', 204, null, null]);
    assert.ok(attempt.duration_ms >= 0);
    const { body } = await get(`${hook.address}/deliveries?limit=1`);
    assert.deepEqual(body.progress, { waiting: 0, waiting_since: null, failing_since: null,
        failures: 0, next_attempt_at: null, dead_letters: 0 });
    assert.equal(body.items[0].delivery, messages[1].id);
    const second = await get(body.next);
    assert.deepEqual(second.body.items.map(({ delivery }) => delivery), [messages[0].id]);
    assert.equal(second.body.next, null);
    assert.equal((await get(`${hook.address}/deliveries?cursor=x`)).status, 400);
});

test('the trace of a write goes with its webhooks, unless it is malformed', async (t) => {
    const { receiver } = await webhooks.subscribe(t);
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const record = (reference, traceparent) => call('POST', '/v1/calls', { reference,
        body: 'congress', date: '2012-01-01', title_en: 'A call', title_fr: 'Un appel',
        asks_for: ['consent'], asks_en: 'To ratify.', asks_fr: 'De ratifier.',
        verification: 'single_source', sources: [source] }, { headers: { traceparent } });
    for (const [reference, sent] of [['TRACE-1', trace], ['TRACE-2', `${trace}-more`],
        ['TRACE-3', trace.replace('00-', 'cc-').replace(/01$/, '03')]]) {
        assert.equal((await record(reference, sent)).status, 201);
    }
    const messages = await receiver.until(3);
    assert.deepEqual(messages.map(({ headers }) => headers.traceparent), [trace, undefined, trace]);
});

test('filters select by category and State, and internal changes need outlook:read',
    async (t) => {
        const all = await webhooks.subscribe(t);
        const inside = await webhooks.subscribe(t, { internal: true });
        const statuses = await webhooks.subscribe(t, { categories: ['status'] });
        const france = await webhooks.subscribe(t, { states: ['FRA'] });
        const { body: { next } } = await get('/v1/changes?after=latest');
        const { body: { next: openly } } = await webhooks.register.call('GET',
            '/v1/changes?after=latest');
        await call('POST', '/v1/actions', act('IRL', 'signature', '2026-01-02'));
        for (const visibility of ['internal', 'public']) {
            const entry = await call('POST', '/v1/outlook', { state: 'FRA', stage: 'under_study',
                date: '2026-01-01', visibility, sources: [source] });
            assert.equal(entry.status, 201, entry.text);
        }
        const feed = (await get(next)).body.items;
        const open = (await webhooks.register.call('GET', openly)).body.items;
        assert.equal(feed.length, open.length + 1);
        const ids = (items, chosen = () => true) => items.filter(({ data }) => chosen(data))
            .map(({ id }) => id);
        for (const [{ receiver }, expected] of [[all, ids(open)], [inside, ids(feed)],
            [statuses, ids(open, ({ category }) => category === 'status')],
            [france, ids(open, ({ state }) => state === 'FRA')]]) {
            await receiver.until(expected.length);
            assert.deepEqual(receiver.ids(), expected);
        }
    });

test('changes arrive in their order, each after the previous was accepted', async (t) => {
    const { receiver } = await webhooks.subscribe(t);
    let under = 0;
    let turn = 0;
    receiver.answer = async (message, response) => {
        assert.equal(++under, 1, 'one at a time');
        await sleep(Math.random() * 20);
        under--;
        response.writeHead(++turn % 5 === 0 ? 503 : 200).end('done');
    };
    const expected = [];
    for (let i = 0; i < 20; i++) {
        expected.push(await webhooks.happen());
    }
    await eventually('all are told', () => new Set(receiver.ids()).size === 20);
    const ids = receiver.ids();
    assert.ok(ids.length > 20, 'some came again');
    assert.deepEqual([...new Set(ids)], expected);
    // What comes again is what came last.
    assert.deepEqual(ids.filter((id, i) => id !== ids[i - 1]), expected);
});

test('both secrets sign during a rotation', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t);
    const rotate = async (query = '') => {
        const { status, body } = await webhooks.rotate(hook, query);
        assert.equal(status, 200);
        receiver.secrets.push(body.secret);
        return body;
    };
    const signers = async () => {
        const count = receiver.messages.length;
        await webhooks.tried(hook);
        const { by, headers } = (await receiver.until(count + 1))[count];
        assert.equal(by.length, headers['webhook-signature'].split(' ').length);
        return by.map((secret) => receiver.secrets.indexOf(secret));
    };
    assert.deepEqual(await signers(), [0]);
    const { previous_secret_until: until } = await rotate();
    assert.ok(Math.abs(Date.parse(until) - Date.now() - 86400000) < 60000);
    assert.equal((await get(hook.address)).body.previous_secret_until, until);
    assert.deepEqual(await signers(), [0, 1]);
    // Changed again: what the receiver has for sure still signs.
    await rotate();
    assert.deepEqual(await signers(), [0, 2]);
    sql(webhooks.register.database, `update service.webhook set previous_secret_until = now()
        where id = '${hook.id}'`);
    assert.deepEqual(await signers(), [2]);
    assert.equal((await get(hook.address)).body.previous_secret_until, null);
    await rotate();
    assert.deepEqual(await signers(), [2, 3]);
    assert.equal((await rotate('?keep_previous=false')).previous_secret_until, null);
    assert.deepEqual(await signers(), [4]);
});

test('a failed delivery is retried at growing intervals, and the log has every attempt', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t);
    const answers = [
        [500, Buffer.from('out of \xff\xfeorder\u0000', 'latin1')],
        [404, 'é'.repeat(1000)],
        [200, 'thank you'],
    ];
    receiver.answer = (message, response) => {
        const [status, body] = answers[receiver.messages.length - 1];
        response.writeHead(status).end(body);
    };
    const id = await webhooks.happen();
    await receiver.until(2);
    const { body: failing } = await get(hook.address);
    assert.match(failing.failing_since, /^20/);
    const { body: { progress } } = await get(`${hook.address}/deliveries`);
    assert.deepEqual([progress.waiting, progress.dead_letters], [1, 0]);
    const last = await webhooks.settled(hook, id, 3);
    assert.equal(new Set(receiver.ids()).size, 1);
    assert.equal(new Set(receiver.messages.map(({ text }) => text)).size, 1);
    const { body: { items } } = await get(`${hook.address}/deliveries`);
    assert.deepEqual(items.map((item) => [item.number, item.outcome, item.status, item.error]), [
        [3, 'delivered', 200, null],
        [2, 'failed', 404, 'unsuccessful_status'],
        [1, 'failed', 500, 'unsuccessful_status']]);
    assert.equal(last.answer, 'thank you');
    assert.equal(items[2].answer, 'out of \ufffd\ufffdorder\ufffd');
    assert.equal(items[1].answer, 'é'.repeat(512));
    const started = items.map((item) => Date.parse(item.started_at)).reverse();
    // Half of 100 ms at the least, then half of 400.
    assert.ok(started[1] - started[0] >= 50 && started[2] - started[1] >= 200, String(started));
    assert.equal((await get(hook.address)).body.failing_since, null);
});

test('410 switches a webhook off; switched on again, it gets the changes that it missed', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t);
    receiver.answer = (message, response) => { response.writeHead(410).end(); };
    const first = await webhooks.happen();
    const attempt = await webhooks.settled(hook, first);
    assert.deepEqual([attempt.outcome, attempt.error, attempt.status], ['failed', 'gone', 410]);
    const off = await get(hook.address);
    assert.deepEqual([off.body.enabled, off.body.disabled_because], [false, 'gone']);
    const second = await webhooks.happen();
    await sleep(300);
    assert.deepEqual(receiver.ids(), [first]);
    assert.equal((await get(`${hook.address}/deliveries`)).body.progress.waiting, 2);
    receiver.answer = (message, response) => { response.writeHead(202).end(); };
    assert.equal((await webhooks.tried(hook)).outcome, 'delivered');
    assert.equal((await webhooks.change(hook, { enabled: true })).body.disabled_because, null);
    await receiver.until(4);
    assert.deepEqual(receiver.ids().slice(2), [first, second]);
});

test('a new address is tried at once, without the wait of the old address', async (t) => {
    const slow = await Webhooks.start({ ETS144_WEBHOOK_BACKOFF_MS: '3600000' }, t);
    const { hook, receiver: old } = await slow.subscribe(t);
    old.answer = (message, response) => { response.writeHead(500).end(); };
    const id = await slow.happen();
    await slow.settled(hook, id);
    const { next_attempt_at: next } = await slow.progress(hook);
    assert.ok(Date.parse(next) > Date.now() + 1000000);
    const other = await slow.subscribe(t, { enabled: false });
    other.receiver.secrets.push(hook.secret);
    await slow.change(hook, { url: other.receiver.url });
    await other.receiver.until(1);
    assert.deepEqual(other.receiver.ids(), [id]);
    // The disabled webhook received nothing.
    assert.deepEqual(other.receiver.messages[0].by, [hook.secret]);
});

test('a delivery that fails for too long becomes a dead letter, and the next is sent', async (t) => {
    const impatient = await Webhooks.start({ ETS144_WEBHOOK_RETRY_FOR: '3' }, t);
    const { hook, receiver } = await impatient.subscribe(t);
    const refused = new Set();
    receiver.answer = (message, response) => {
        response.writeHead(refused.has(message.id) || refused.size === 0 ? 500 : 204).end('no');
    };
    const ids = [await impatient.happen(), await impatient.happen(), await impatient.happen()];
    refused.add(ids[0]).add(ids[1]);
    await eventually('two dead letters', async () =>
        (await impatient.progress(hook)).dead_letters === 2);
    await impatient.settled(hook, ids[2]);
    assert.deepEqual([...new Set(receiver.ids())], ids);
    const page = (address) => impatient.get(address);
    const first = await page(`${hook.address}/dead-letters?limit=1`);
    const second = await page(first.body.next);
    assert.equal(second.body.next, null);
    const letters = [...first.body.items, ...second.body.items];
    assert.deepEqual(letters.map(({ delivery, category, status, error }) =>
        [delivery, category, status, error]), [
        [ids[0], 'call', 500, 'unsuccessful_status'],
        [ids[1], 'call', 500, 'unsuccessful_status']]);
    assert.ok(letters[0].attempts >= 2, 'tried more than once');
    // The last change was delivered: nothing fails any more, and nothing waits.
    assert.deepEqual(await impatient.progress(hook), { waiting: 0, waiting_since: null,
        failing_since: null, failures: 0, next_attempt_at: null, dead_letters: 2 });

    const redeliver = async (id) => {
        const asked = await impatient.call('POST', `${hook.address}/deliveries/${id}/redeliver`);
        assert.equal(asked.status, 202);
        assert.deepEqual(asked.body, { delivery: id });
    };
    refused.delete(ids[0]);
    await redeliver(ids[0]);
    const attempt = await impatient.settled(hook, ids[0], letters[0].attempts + 1);
    assert.deepEqual([attempt.occasion, attempt.outcome], ['redelivery', 'delivered']);
    await redeliver(ids[1]);
    const again = await impatient.settled(hook, ids[1], letters[1].attempts + 1);
    assert.deepEqual([again.occasion, again.outcome], ['redelivery', 'failed']);
    const left = (await page(`${hook.address}/dead-letters`)).body.items;
    assert.deepEqual(left.map(({ delivery }) => delivery), [ids[1]]);
    assert.equal((await page(`${hook.address}/dead-letters?cursor=x`)).status, 400);
});

test('the time to give up counts from when a delivery was due, and the cursor advances', async (t) => {
    const impatient = await Webhooks.start({ ETS144_WEBHOOK_RETRY_FOR: '2' }, t);
    const { hook, receiver } = await impatient.subscribe(t);
    receiver.answer = (message, response) => { response.writeHead(500).end(); };
    const first = await impatient.happen();
    await sleep(1200);
    const second = await impatient.happen();
    await eventually('both are given up', async () =>
        (await impatient.progress(hook)).dead_letters === 2);
    const letters = (await impatient.get(`${hook.address}/dead-letters`)).body.items;
    assert.deepEqual(letters.map(({ delivery }) => delivery), [first, second]);
    for (const { changed_at: due, given_up_at: end } of letters) {
        assert.ok(Date.parse(end) - Date.parse(due) >= 2000, `${due} ${end}`);
    }
    assert.match((await impatient.get(hook.address)).body.failing_since, /^20/);
});

test('a replay sends again from a cursor, with the same ids', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t);
    const ids = [await webhooks.happen(), await webhooks.happen()];
    const { body: { cursor } } = await get('/v1/changes?after=latest&category=call');
    ids.push(await webhooks.happen());
    const messages = await receiver.until(3);
    const replayed = async (json, expected) => {
        const count = receiver.messages.length;
        const { status, body } = await call('POST', `${hook.address}/replay`, json);
        assert.equal(status, 202);
        assert.equal(body.waiting, expected.length);
        await receiver.until(count + expected.length);
        assert.deepEqual(receiver.ids().slice(count), expected);
    };
    await replayed({ since: messages[0].body.time }, ids);
    await replayed({ after: ids[0] }, ids.slice(1));
    await replayed({ after: ids[2].toUpperCase() }, []);
    await replayed({ cursor }, ids.slice(2));
    assert.deepEqual(receiver.messages.filter(({ id }) => id === ids[2]).map(({ text }) => text),
        Array(4).fill(messages[2].text));

    const entry = await call('POST', '/v1/outlook', { state: 'FRA', stage: 'no_plan',
        date: '2026-01-01', visibility: 'internal', sources: [] });
    const hidden = sql(webhooks.register.database, `select id from register.change
        where reference = '${entry.body.entry.reference}'`);
    for (const [json, pointer] of [[{ after: hidden }, '/after'], [{ after: hook.id }, '/after'],
        [{ cursor: 'x' }, '/cursor'], [{ cursor: Buffer.from('["",null]').toString('base64url') },
            '/cursor'], [{ after: 'ITA-2' }, '/after'], [{ since: 'yesterday' }, '/since'],
        [{ since: '2999-01-01T00:00:00Z' }, '/since'],
        [{ cursor: Buffer.from('["","2999-01-01T00:00:00Z","1","1"]').toString('base64url') },
            '/cursor'], [{}, ''],
        [{ after: ids[0], cursor }, ''], [{ from: ids[0] }, '/from']]) {
        const { status, body } = await call('POST', `${hook.address}/replay?lang=fr`, json);
        assert.equal(status, 422, JSON.stringify(json));
        assert.equal(body.errors?.[0].pointer ?? '', pointer, JSON.stringify(json));
    }
    const unknown = `${hook.address}/deliveries/${hidden}/redeliver`;
    assert.equal((await call('POST', unknown)).status, 404);
});

test('a replay from the beginning sends the whole feed', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t, { states: ['ITA', 'ALB'] });
    const { status } = await call('POST', `${hook.address}/replay`, { since: '1990-01-01T00:00:00Z' });
    assert.equal(status, 202);
    const items = (await get('/v1/changes?limit=500')).body.items.filter(({ data }) =>
        ['ITA', 'ALB'].includes(data.state));
    await receiver.until(items.length);
    assert.deepEqual(receiver.messages.map(({ body }) => body), items);
});

test('a manual redelivery is sent once', async (t) => {
    const { hook, receiver } = await webhooks.subscribe(t);
    let answer;
    receiver.answer = (message, response) => new Promise((answered) => {
        answer = () => answered(response.writeHead(500).end());
    });
    const first = await call('POST', `${hook.address}/test`);
    await receiver.until(1);
    const second = await call('POST', `${hook.address}/test`);
    assert.deepEqual(second.body, first.body);
    answer();
    const attempt = await webhooks.settled(hook, first.body.delivery);
    assert.deepEqual([attempt.occasion, attempt.outcome, attempt.number], ['test', 'failed', 1]);
    const { id, body, by } = receiver.messages[0];
    assert.deepEqual([id, body.id, body.type, body.data, by], [first.body.delivery,
        first.body.delivery, 'int.coe.ets144.webhook.test', { webhook: hook.id }, [hook.secret]]);
    assert.equal((await get(hook.address)).body.failing_since, null);
    await sleep(300);
    assert.equal(receiver.messages.length, 1);
});
