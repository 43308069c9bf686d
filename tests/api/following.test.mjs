// Following the register by its feed alone: a follower that applies all entries has the whole register,
// and gets each entry once, however many clients write meanwhile.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Register, act, source, sql, url, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });

// Stores the newest content of everything, and compares the `before` of each entry with it.
class Follower {
    constructor(register, query = 'limit=7') {
        this.register = register;
        this.next = `/v1/changes?${query}`;
        this.held = new Map();
        this.ids = new Set();
        this.entries = [];
    }

    apply({ id, time, data }) {
        const { category, reference, state, before: stood, after: stands } = data;
        assert.ok(!this.ids.has(id), `${id} came twice`);
        this.ids.add(id);
        assert.ok(this.entries.length === 0 || this.entries.at(-1).time <= time);
        // An action has an entry in each of its categories, and counts once.
        const about = reference ?? `${category} ${state}`;
        const twin = this.entries.at(-1);
        if (!(twin?.data.reference === reference && twin.data.version === data.version && reference)) {
            assert.deepEqual(stood, this.held.get(about) ?? null, `${about} before`);
        }
        this.held.set(about, stands);
        this.entries.push({ time, data });
    }

    // Reads a page; false: there was nothing new.
    async step() {
        const { status, body } = await this.register.call('GET', this.next);
        assert.equal(status, 200);
        body.items.forEach((item) => this.apply(item));
        this.next = body.next;
        return body.items.length > 0;
    }

    async readOn() {
        while (await this.step()) {
            // to the end
        }
    }

    periods(state) {
        return this.held.get(`status ${state}`)?.periods ?? [];
    }

    // The status of a State on a day.
    status(state, day) {
        return this.periods(state).findLast(({ from }) => from <= day) ?? { member: false,
            status: 'no_action', in_force_on: null, chapters: [], vote_only: false,
            territories: { covered: [], left_out: [] }, in_derogation: false, signature: null,
            consent: null, denunciation: null, denunciation_effective_on: null };
    }

    states() {
        return [...this.held.keys()].filter((about) => about.startsWith('state '))
            .map((about) => about.slice(6));
    }
}

// The day before, in ISO 8601.
const eve = (day) => new Date(Date.parse(day) - 86400000).toISOString().slice(0, 10);

// Compares the list of States on a day with the feed.
async function compareStates(follower, day) {
    const { body } = await follower.register.call('GET', `/v1/states?as_of=${day}`);
    const listed = new Set(body.items.map(({ code }) => code));
    for (const item of body.items) {
        const { from, ...status } = follower.status(item.code, day);
        assert.deepEqual({ member: item.member, status: item.status, in_force_on: item.in_force_on,
            chapters: item.chapters, vote_only: item.vote_only, territories: item.territories
                ?? { covered: [], left_out: [] },
            in_derogation: item.in_derogation, signature: item.signature?.action ?? null,
            consent: item.consent?.action ?? null, denunciation: item.denunciation?.action ?? null,
            denunciation_effective_on: item.denunciation?.effective_on ?? null },
        status, `${item.code} on ${day}`);
        const { alpha2, numeric, names } = follower.held.get(`state ${item.code}`);
        const { name_en: name } = names.findLast(({ used_from: from }) => (from ?? '') <= day);
        assert.deepEqual([alpha2, numeric, name], [item.alpha2, item.numeric, item.name]);
    }
    for (const state of follower.states().filter((code) => !listed.has(code))) {
        const { member, status } = follower.status(state, day);
        assert.deepEqual([member, status], [false, 'no_action'], `${state} on ${day}`);
    }
}

// On every day that something turns and the day before it, or on so many of these days.
async function compareAll(follower, most = Infinity) {
    const get = (address) => follower.register.call('GET', address);
    const turns = new Set(follower.states().flatMap((state) => follower.periods(state))
        .flatMap(({ from }) => [from, eve(from)]));
    const days = [...turns, '1900-01-01', '2026-11-24', '2999-12-31'];
    const every = Math.ceil(days.length / most) || 1;
    for (const day of days.filter((_, i) => i % every === 0)) {
        await compareStates(follower, day);
    }
    const { body: { items } } = await get('/v1/actions?limit=500');
    const recorded = [...follower.held].filter(([about, content]) =>
        /^[A-Z]{3}-\d+$/.test(about) && content !== null);
    assert.deepEqual(recorded.map(([about]) => about).sort(),
        items.map(({ reference }) => reference).sort());
    for (const item of items) {
        const content = follower.held.get(item.reference);
        for (const name of ['kind', 'date', 'not_before', 'not_after', 'received_on',
            'published_effective_date', 'articles', 'chapters', 'territories', 'refers_to',
            'original_language', 'verification', 'sources']) {
            assert.deepEqual(item[name] ?? (name === 'territories' ? { covered: [], left_out: [] }
                : null), content[name], `${item.reference} ${name}`);
        }
        assert.equal(item.summary, content.summary_en ?? content.summary_fr);
    }
    const { body: { items: calls } } = await get('/v1/calls');
    for (const call of calls) {
        assert.equal(follower.held.get(call.reference).title_en, call.title);
    }
    const { body: convention } = await get('/v1/convention?as_of=2999-12-31');
    assert.equal(follower.held.get('entry_into_force null')?.in_force_on ?? null,
        convention.in_force_on);
}

// A small generator of numbers (Lehmer), so that a run can be had again.
function numbers(seed) {
    let state = seed;
    return (below) => {
        state = (state * 48271) % 2147483647;
        return state % below;
    };
}

test('a follower that applies every entry knows the status of each State on any day', async () => {
    const { register, token } = holder;
    const follower = new Follower(register);
    await follower.readOn();
    await compareAll(follower);

    const random = numbers(20261124);
    const pick = (list) => list[random(list.length)];
    const day = () => new Date(Date.UTC(1992 + random(34), random(12), 1 + random(28)))
        .toISOString().slice(0, 10);
    const states = ['ITA', 'NLD', 'PRT', 'AUT', 'FRA', 'RUS', 'CZE', 'GBR'];
    const whole = {
        chapter_exclusion: () => ({ chapters: pick([['B'], ['C'], ['B', 'C']]) }),
        chapter_acceptance: () => ({ chapters: pick([['B'], ['C']]) }),
        territorial_declaration: () => ({ territories: { covered: ['North'], left_out: ['South'] } }),
        territorial_extension: () => ({ territories: { covered: ['South'], left_out: [] } }),
    };
    const kinds = ['signature', 'ratification', 'accession', 'chapter_exclusion', 'vote_only',
        'territorial_declaration', 'chapter_acceptance', 'territorial_extension', 'derogation',
        'derogation_end', 'denunciation', 'declaration', 'communication'];
    const made = { POST: 0, PUT: 0, DELETE: 0 };
    const send = async (method, address, json) => {
        const headers = {};
        if (method !== 'POST') {
            const { status, headers: got } = await register.call('GET', address.split('?')[0]);
            if (status !== 200) {
                return;
            }
            headers['If-Match'] = got.get('etag');
        }
        const answer = await register.call(method, address, { token, json, headers });
        assert.ok([200, 201, 409, 422].includes(answer.status), answer.text);
        made[method] += answer.status < 400 ? 1 : 0;
    };
    const content = (kind) => ({ ...act(undefined, kind, day()), ...whole[kind]?.() });
    // The Convention itself comes into force later, and again as it was.
    await send('DELETE', '/v1/actions/SWE-2?reason=mistaken');
    await follower.readOn();
    const moved = follower.held.get('entry_into_force null')?.in_force_on;
    assert.notEqual(moved, '1997-05-01');
    await compareAll(follower, 40);
    await send('POST', '/v1/actions', act('SWE', 'ratification', '1993-02-12'));
    await follower.readOn();
    await compareAll(follower, 40);
    for (let i = 0; i < 300; i++) {
        const state = pick(states);
        const kind = pick(kinds);
        const reference = `/v1/actions/${state}-${1 + random(8)}`;
        const what = random(10);
        if (what < 6) {
            // At deposit: on the day of the consent.
            await send('POST', '/v1/actions', { ...content(kind), state });
            if (kind === 'ratification' || kind === 'accession') {
                const { body } = await register.call('GET', `/v1/states/${state}`);
                await send('POST', '/v1/actions', { ...content(pick(['chapter_exclusion', 'vote_only'])),
                    state, date: body.consent?.date ?? day() });
            }
        } else if (what < 9) {
            await send('PUT', reference, { ...content(kind), reason: 'as it seems now' });
        } else {
            await send('DELETE', `${reference}?reason=mistaken`);
        }
        if (i % 100 === 99) {
            await follower.readOn();
            await compareAll(follower, 40);
        }
    }
    await compareAll(follower);
    assert.ok(made.POST > 40 && made.PUT > 8 && made.DELETE > 8, JSON.stringify(made));
    const seen = new Set(follower.entries.flatMap(({ data }) =>
        data.after?.periods?.map(({ status }) => status) ?? []));
    assert.ok(seen.size >= 5, [...seen].join());

    // A follower that begins now has the same.
    const late = new Follower(register, 'limit=500');
    await late.readOn();
    assert.deepEqual([...late.held], [...follower.held]);
});

// Runs a script in psql to its end.
function psql(database, script) {
    return new Promise((done, failed) => {
        const child = spawn('psql', [url(database, 'postgres'), '-XAtq', '-v', 'ON_ERROR_STOP=1'],
            { stdio: ['pipe', 'ignore', 'pipe'] });
        let said = '';
        child.stderr.on('data', (data) => { said += data; });
        child.on('close', (status) => (status === 0 ? done() : failed(new Error(said))));
        child.stdin.end(script);
    });
}

test('with 32 who write, a follower gets every entry once and in order', async () => {
    const register = await Register.start({ ETS144_THREADS: '24', ETS144_POOL_SIZE: '24',
        // Writers queue, and the last of them waits for all the others.
        ETS144_STATEMENT_TIMEOUT_MS: '60000' });
    const token = await register.token('secretariat', 'actions:write', 'outlook:write',
        'outlook:read');
    const states = sql(register.database, `select reference from register.state_version
        where upper_inf(recorded) and existed_until is null order by reference`).split('\n');
    const expected = [];
    const overHttp = async (number) => {
        for (let i = 0; i < 5; i++) {
            const state = states[(number * 5 + i) % states.length];
            const answer = await register.call('POST', '/v1/actions',
                { token, json: act(state, 'communication', '2026-01-01') });
            assert.equal(answer.status, 201, answer.text);
            expected.push(answer.body.action.reference);
            if (i % 2 === 0) {
                const internal = await register.call('POST', '/v1/outlook', { token, json: {
                    state: 'FRA', stage: 'no_plan', date: '2026-01-01', visibility: 'internal',
                    sources: [source] } });
                assert.equal(internal.status, 201, internal.text);
            }
        }
    };
    // Transactions that stay open, before and after they wrote, and some that end in nothing.
    const inPsql = (number) => psql(register.database, Array.from({ length: 4 }, (_, i) => `
        begin;
        select number from register.revision;
        select pg_sleep(0.4);
        ${i % 2 === 0 ? 'select register.write_lock(); select pg_sleep(0.02);' : ''}
        select register.operation_apply('record', 'action', null, '{"state": "${states[number]}", "kind": "communication",
            "date": "2026-02-0${1 + i}", "verification": "single_source",
            "sources": ["https://a.example"]}', 'psql');
        select pg_sleep(0.0${1 + (number % 5)});
        ${i === 3 ? 'rollback' : 'commit'};`).join('\n'));

    const { body: { next } } = await register.call('GET', '/v1/changes?after=latest');
    const followers = ['limit=3', 'limit=1', 'category=other_act&limit=2']
        .map((query) => new Follower(register, query));
    let writing = true;
    const follow = async (follower) => {
        while (writing || await follower.step()) {
            await follower.step();
        }
    };
    const following = Promise.all(followers.map(follow));
    try {
        await Promise.all([...Array.from({ length: 24 }, (_, number) => overHttp(number)),
            ...Array.from({ length: 8 }, (_, number) => inPsql(number))]);
    } finally {
        writing = false;
        await following;
    }

    const whole = new Follower(register, 'limit=500');
    await whole.readOn();
    for (const follower of followers) {
        const wanted = [...whole.entries].filter(({ data }) =>
            !follower.next.includes('category') || data.category === 'other_act');
        assert.deepEqual(follower.entries, wanted);
    }
    const since = new Follower(register);
    since.next = next;
    await since.readOn();
    assert.deepEqual(since.entries.filter(({ data }) => data.recorded_by === 'secretariat')
        .map(({ data }) => data.reference).sort(), expected.sort());
    assert.equal(since.entries.filter(({ data }) => data.recorded_by === 'psql').length, 8 * 3);
    const inside = new Follower(register, 'category=outlook');
    inside.register = { call: (method, address) => register.call(method, address, { token }) };
    await inside.readOn();
    assert.equal(inside.entries.length, 24 * 3);
    await register.stop();
});
