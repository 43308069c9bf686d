// The memory of one request: the files that cost most for their bytes, and addresses full of faults.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Register, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const BYTES = 12 * 1024 * 1024;
// The multiple that `ets144 --help` names at ETS144_MAX_FILE_BYTES.
const MOST = 24;

const kibibytes = (register, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm')
    .exec(readFileSync(`/proc/${register.child.pid}/status`, 'utf8'))[1]);

// Sends a file to a service of its own; the answer, and how many bytes of memory that took at most.
async function measure(address, type, body) {
    const register = new Register();
    // A sanitizer keeps freed memory for a while: that is not the service's.
    register.environment = { ...holder.register.environment, ASAN_OPTIONS: 'quarantine_size_mb=1' };
    await register.serve();
    try {
        const resting = kibibytes(register, 'VmRSS');
        const answer = await register.call('POST', address, { body, token: holder.token,
            headers: { 'Content-Type': type } });
        return { answer, taken: (kibibytes(register, 'VmHWM') - resting) * 1024 };
    } finally {
        await register.end();
    }
}

// The unit so often that it fills the file.
const full = (unit, head = '', end = '') =>
    head + unit.repeat(Math.floor((BYTES - head.length - end.length) / unit.length)) + end;
const unknown = (count) => Array.from({ length: count }, (_, i) => `"u${i}":1`).join(',');
const names = (count, mark) => Array.from({ length: count }, (_, i) => `u${i}`).join(mark);
const columns = 'state,kind,date,articles,chapters,territories,verification,sources';

// A row whose three lists have two hundred entries each.
const lists = (entry) => `ITA,signature,2020-01-01${`,${entry.repeat(200)}`.repeat(3)},x,x\n`;

const files = {
    'CSV of which each row has unknown columns':
        ['/v1/imports', 'text/csv', full(`${names(60, ',')}\n`)],
    'CSV whose rows have cells that no column has':
        ['/v1/imports', 'text/csv', full(`${'x,'.repeat(600)}\n`, `${columns}\n`)],
    'CSV with a list of millions':
        ['/v1/imports', 'text/csv', full('a ', `${columns}\nITA,signature,2020-01-01,`)],
    'CSV with lists of hundreds in each row':
        ['/v1/imports', 'text/csv', full(lists('a '), `${columns}\n`)],
    'CSV with spaces that do not break':
        ['/v1/imports', 'text/csv', full(lists('\u00a0 '), `${columns}\n`).slice(0, BYTES / 2)],
    'tabs for commas': ['/v1/imports', 'text/csv', full(`${names(60, '\t')}\n`)],
    'NDJSON of unknown fields':
        ['/v1/imports', 'application/x-ndjson', full(`{${unknown(6000)}}\n`)],
    'NDJSON of unknown fields, a few a line':
        ['/v1/imports', 'application/x-ndjson', full(`{${unknown(150)}}\n`)],
    'NDJSON of long lists':
        ['/v1/imports', 'application/x-ndjson',
            full(`{"articles":[${'"",'.repeat(19)}""],"chapters":[${'1,'.repeat(400)}1]}\n`)],
    'NDJSON of empty objects':
        ['/v1/imports', 'application/x-ndjson', full(`{"state":[${'{},'.repeat(15000)}{}]}\n`)],
};

// A chart has at most ETS144_MAX_BODY_BYTES.
const CHART = 65536;
const charts = {
    'columns that nobody knows': ['text/csv', `${names(60, ',')}\n`.repeat(CHART)],
    'cells that no column has': ['text/csv',
        `State,Signature,Ratification,Entry into force\n${`${'x,'.repeat(600)}\n`.repeat(CHART)}`],
    'members that nobody knows': ['application/json', `[{${unknown(CHART)}`],
    'empty objects': ['application/json', `[${'{},'.repeat(CHART)}`],
    'empty lists': ['application/json', `[${'[],'.repeat(CHART)}`],
    'lists in lists': ['application/json', '['.repeat(CHART)],
};

for (const [what, [type, body]] of Object.entries(charts)) {
    test(`a chart of ${what}: some megabytes at most`, async (t) => {
        const cut = body.slice(0, CHART).replace(/,[^,]*$/, type === 'application/json' ? ']' : '');
        const { answer, taken } = await measure('/v1/reconciliations', type, cut);
        t.diagnostic(`${(taken / (1 << 20)).toFixed(1)} MiB for ${cut.length} bytes`);
        assert.equal(answer.status, 422, answer.text.slice(0, 1000));
        assert.ok(answer.body.errors.length <= 1000);
        assert.ok(taken < 32 << 20, `${taken} bytes`);
    });
}

for (const [what, [address, type, body]] of Object.entries(files)) {
    test(`${what}: at most ${MOST} times the bytes of the file`, async (t) => {
        const { answer, taken } = await measure(address, type, body);
        const length = Buffer.byteLength(body);
        t.diagnostic(`${(taken / length).toFixed(1)} times ${length} bytes`);
        assert.equal(answer.status, 422, answer.text.slice(0, 1000));
        assert.ok(answer.body.errors.length <= 1000);
        assert.ok(taken <= MOST * length, `${taken} bytes for ${length}`);
    });
}

test('an address of two thousand faults names a hundred, and counts all', async () => {
    const answer = await holder.register.call('GET', `/v1/states?${'a&'.repeat(2000)}`);
    assert.equal(answer.status, 400);
    assert.equal(answer.body.errors.length, 100);
    assert.equal(answer.body.error_count, 2000);
    assert.match(answer.body.detail, /2000 faults; errors names the first 100/);
    assert.ok(answer.text.length < 25000, `${answer.text.length} bytes`);
});

test('so does a body of thousands of unknown fields', async () => {
    const answer = await holder.register.call('POST', '/v1/actions', { token: holder.token,
        headers: { 'Content-Type': 'application/json' }, body: `{${unknown(5000)}}` });
    assert.equal(answer.status, 422);
    assert.equal(answer.body.errors.length, 100);
    assert.ok(answer.body.error_count > 5000);
    assert.ok(answer.text.length < 50000, `${answer.text.length} bytes`);
});
