// The revisions and the chain of their digests, verified with what the service shows alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Register, act, run, sql } from '../harness.mjs';

// Canonical JSON (RFC 8785).
function canonical(value) {
    if (Array.isArray(value)) {
        return `[${value.map(canonical).join(',')}]`;
    }
    return value !== null && typeof value === 'object'
        ? `{${Object.keys(value).sort().map((name) =>
            `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
        : JSON.stringify(value);
}
const digest = (value) => createHash('sha256').update(canonical(value)).digest('hex');

const folder = mkdtempSync('/tmp/ets144-keys-');
chmodSync(folder, 0o755);
const keys = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
writeFileSync(`${folder}/key.pem`, keys.privateKey);

let register;
let writer;
let reader;
before(async () => {
    register = await Register.start({ ETS144_SIGNING_KEY_FILE: `${folder}/key.pem` });
    writer = await register.token('writer', 'actions:write', 'outlook:write', 'outlook:read', 'notes:read');
    reader = await register.token('reader', 'outlook:read', 'notes:read');
});
after(async () => {
    await register?.stop();
    rmSync(folder, { recursive: true });
});

const get = async (address, token) => (await register.call('GET', address, { token })).body;
const head = async () => (await get('/v1/convention')).head;
const record = async (json) => {
    const answer = await register.call('POST', '/v1/actions', { token: writer, json });
    assert.equal(answer.status, 201, answer.text);
};

const communication = (day) => ({ ...act('PRT', 'communication', day), summary_en: '“é\u2028\\ "x" \u{1F30D}' });
const step = (visibility, note) => ({ state: 'PRT', stage: 'no_information', date: '2020-01-01', visibility,
    sources: [], note_en: note, reason: 'a secret reason' });

// A revision, with the items of all its pages.
async function wholeRevision(number, token, limit = 100) {
    const whole = await get(`/v1/revisions/${number}?limit=${limit}`, token);
    for (let { next } = whole; next;) {
        const page = await get(next, token);
        assert.deepEqual(page.content, whole.content);
        assert.ok(!('internal' in page));
        whole.recorded.versions.push(...page.recorded.versions);
        whole.recorded.changes.push(...page.recorded.changes);
        next = page.next;
    }
    return whole;
}

// Follows the list and each item; answers the last digest.
async function verifyAll(token) {
    let previous = null;
    let address = '/v1/revisions?limit=2';
    for (let number = 0; address;) {
        const page = await get(address);
        for (const item of page.items) {
            assert.equal(item.number, number);
            assert.equal(item.content.revision, number);
            assert.equal(item.previous_digest, previous);
            assert.equal(item.content.previous, previous);
            assert.equal(digest(item.content), item.digest);
            const whole = await wholeRevision(number, token);
            assert.deepEqual(whole.content, item.content);
            assert.equal(digest(whole.recorded), whole.content.recorded);
            assert.equal('internal' in whole, token !== undefined);
            if (token !== undefined) {
                assert.equal(digest(whole.internal), whole.content.internal);
            }
            previous = item.digest;
            number++;
        }
        address = page.next;
    }
    return previous;
}

test('each revision has its digest and that of the revision before', async () => {
    await record(communication('2020-01-01'));
    await record(communication('2020-01-02'));
    const newest = await head();
    assert.equal(newest.revision, Number(register.revision()));
    assert.equal(await verifyAll(), newest.digest);
    assert.equal(await verifyAll(reader), newest.digest);
});

test('what is internal is in the chain, and nobody else sees it', async () => {
    const post = (json) => register.call('POST', '/v1/outlook', { token: writer, json });
    const earlier = await head();
    const written = await post(step('internal', 'a hidden note'));
    assert.equal(written.status, 201, written.text);
    assert.deepEqual(await head(), earlier);
    assert.equal((await get('/v1/revisions')).items.length, earlier.revision + 1);
    const { reference } = written.body.entry ?? written.body.outlook;
    const { headers } = await register.call('GET', `/v1/outlook/${reference}`, { token: writer });
    const { state: _state, ...content } = step('public', 'a public note');
    const corrected = await register.call('PUT', `/v1/outlook/${reference}`, { token: writer,
        json: content, headers: { 'If-Match': headers.get('etag') } });
    assert.equal(corrected.status, 200, corrected.text);
    const address = `/v1/revisions/${earlier.revision + 1}`;
    const shown = await register.call('GET', address);
    assert.match(shown.text, /a public note/);
    assert.doesNotMatch(shown.text, /hidden|secret/);
    assert.equal(shown.body.reason, null);
    const { internal } = await get(address, reader);
    assert.equal(internal.reason, 'a secret reason');
    assert.ok(internal.versions.some((version) => version.note_en === 'a hidden note'));
    assert.equal((await register.call('GET', address, { token: await register.token('other',
        'actions:write') })).body.internal, undefined);
    assert.equal(await verifyAll(reader), (await head()).digest);
});

test('a page of a revision has no more items than asked for', async () => {
    for (const limit of [1, 7, 100, 500]) {
        const { recorded } = await get(`/v1/revisions/1?limit=${limit}`);
        assert.ok(recorded.versions.length + recorded.changes.length <= limit);
    }
    const whole = await wholeRevision(1, undefined, 37);
    assert.ok(whole.recorded.versions.length > 100 && whole.recorded.changes.length > 100);
    assert.equal(digest(whole.recorded), whole.content.recorded);
    const { next } = await get('/v1/revisions/1?limit=1');
    for (const address of [next.replace('revisions/1', 'revisions/2'), '/v1/revisions/1?limit=501',
        '/v1/revisions/1?cursor=x']) {
        assert.equal((await register.call('GET', address)).status, 400, address);
    }
});

test('each change names the digest of its revision', async () => {
    const { items } = await get('/v1/changes?limit=500');
    const digests = new Map((await get('/v1/revisions')).items.map((item) => [item.number, item.digest]));
    assert.ok(items.length > 50);
    for (const { data } of items) {
        assert.equal(data.revision_digest, digests.get(data.revision));
    }
});

test('the head is the revision of the moment asked for, and is signed', async () => {
    const pem = (await register.call('GET', '/.well-known/ets144-signing-key.pem')).text;
    assert.equal(createPublicKey(pem).export({ type: 'spki', format: 'pem' }), keys.publicKey);
    const [, first] = (await get('/v1/revisions')).items;
    const early = (await get(`/v1/convention?known_at=${first.recorded_at}`)).head;
    assert.equal(early.digest, first.digest);
    for (const { revision, digest: kept, signature } of [early, await head()]) {
        const text = Buffer.from(`ets144 head ${revision}:${kept}`);
        assert.ok(verify(null, text, pem, Buffer.from(signature, 'base64')));
        assert.ok(!verify(null, Buffer.from(`${text}0`), pem, Buffer.from(signature, 'base64')));
    }
});

// The program of openapi/README.md, as it is printed.
const [, verifier] = /<<'END'\n(.*?)^END$/ms.exec(
    readFileSync(new URL('../../openapi/README.md', import.meta.url), 'utf8'));
function runVerifier(...kept) {
    return new Promise((done) => {
        const child = spawn('python3', ['-c', verifier, `http://127.0.0.1:${register.port}`, ...kept]);
        let said = '';
        child.stdout.on('data', (data) => { said += data; });
        child.stderr.on('data', (data) => { said += data; });
        child.on('close', (status) => done({ status, said }));
    });
}
const written = ({ revision, digest: kept }) => `${revision}:${kept}`;

test('the verifier of the README proves the chain, and heads that were kept', async () => {
    const kept = await head();
    const [, first] = (await get('/v1/revisions')).items;
    const proved = await runVerifier(`1:${first.digest}`, written(kept));
    assert.equal(proved.said, `${kept.revision + 1} revisions; keep ${written(kept)}\n`);
    assert.equal(proved.status, 0);
    assert.match((await runVerifier(`1:${kept.digest}`)).said, /^revision 1 is not the one that was kept/);
    assert.match((await runVerifier(`999:${kept.digest}`)).said, /^these revisions are missing: 999/);
});

test('an edit of the past shows in what the service answers', async () => {
    const kept = await head();
    sql(register.database, `set session_replication_role = replica;
        update register.action_version set summary_en = 'y' where reference = 'ITA-2'`);
    await record(communication('2020-01-03')); // another revision: nothing is cached for it
    const whole = await wholeRevision(1);
    assert.notEqual(digest(whole.recorded), whole.content.recorded);
    const found = await runVerifier();
    assert.match(found.said, /^what revision 1 recorded was changed/);
    assert.equal(found.status, 1);
    const { status, stdout } = await run(['check', '--head', written(kept)], register.environment);
    assert.match(stdout, /^digest_differs\tregister\.revision_digest\t1\t/m);
    assert.doesNotMatch(stdout, /^head_/m);
    assert.equal(status, 1);
});

test('a number that names no revision, and a cursor of another list, are refused', async () => {
    for (const number of ['999999', '01', 'x', '-1', '1.0', '9'.repeat(30)]) {
        const answer = await register.call('GET', `/v1/revisions/${number}`);
        assert.equal(answer.status, 404, number);
        assert.match(answer.body.detail, /no revision/);
    }
    const { next } = await get('/v1/actions?limit=1');
    const cursor = new URL(next, 'http://x').searchParams.get('cursor');
    for (const query of [`cursor=${cursor}`, 'cursor=x', 'limit=0', 'limit=501', 'known_at=2026-01-01T00:00:00Z']) {
        assert.equal((await register.call('GET', `/v1/revisions?${query}`)).status, 400, query);
    }
});

test('a key that cannot sign ends the start with a sentence', async () => {
    writeFileSync(`${folder}/rsa.pem`, generateKeyPairSync('rsa', { modulusLength: 2048,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }).privateKey);
    writeFileSync(`${folder}/public.pem`, keys.publicKey);
    writeFileSync(`${folder}/empty.pem`, '');
    for (const name of ['rsa.pem', 'public.pem', 'empty.pem', 'absent.pem']) {
        const { status, stderr } = await run(['serve'],
            { ...register.environment, ETS144_SIGNING_KEY_FILE: `${folder}/${name}` });
        assert.match(stderr, new RegExp(`^ets144: ETS144_SIGNING_KEY_FILE names ${folder}/${name}, which is no Ed25519 private key in PEM: `));
        assert.notEqual(status, 0);
    }
});

test('without a key there is no signature, and no key to read', async () => {
    const plain = await Register.start();
    const { body } = await plain.call('GET', '/v1/convention');
    assert.equal(body.head.signature, null);
    assert.equal((await plain.call('GET', '/.well-known/ets144-signing-key.pem')).status, 404);
    await plain.stop();
});
