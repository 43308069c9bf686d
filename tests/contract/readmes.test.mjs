// The commands of every README, run as they are printed: each fenced `sh` block, in its order, in a
// folder that shows the tree; against a running register, whose address and database take the place of
// the printed ones. A `json` block after one is its answer, shortened: `…` leaves out members, elements or
// a text. Blocks that cannot run here are named below with the suite that runs them.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from
    'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Register, makeDatabase, sql, url } from '../harness.mjs';

const top = fileURLToPath(new URL('../../', import.meta.url));

// What a block begins with, and where its commands run instead.
const elsewhere = [
    ['make test', 'it is what runs this'],
    ['make fuzz', 'tests/fuzz/run.sh'],
    ['make format', '.ci/run'],
    ['make deb', 'tests/package/run.sh'],
    ['sudo ', 'tests/package/run.sh'],
    ['make image', 'tests/container/run.sh'],
    ['docker/compose/compose.sh', 'tests/container/run.sh'],
    ['psql -c "alter system', 'tests/fault/backup.test.mjs'],
];

// The fenced blocks of a text, in their order, as { language, text }.
const fences = (text) => [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .map(([, language, block]) => ({ language, text: block }));

// The indented blocks, which a fence would make readable for this test.
const indented = (text) => text.replace(/^```.*?^```$/gms, '').match(/(?<=\n\n) {4}\S.*/g) ?? [];

const readmes = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*README.md'],
    { cwd: top, encoding: 'utf8' }).trim().split('\n').map((path) => {
    const text = readFileSync(top + path, 'utf8');
    const all = fences(text);
    return { path, text, blocks: all.map((block, i) => ({ ...block, where: `${path}: ${
        block.text.split('\n')[0]}`, answer: all[i + 1]?.language === 'json' && all[i + 1].text }))
        .filter(({ language }) => language === 'sh') };
});

// The tree as a reader has it, and room for the files that commands write.
const folder = mkdtempSync('/tmp/ets144-readmes-');
chmodSync(folder, 0o755); // PostgreSQL's user reaches a cluster in it
for (const name of ['Makefile', 'build', 'docker', 'openapi', 'service', 'sql', 'tests']) {
    symlinkSync(top + name, `${folder}/${name}`);
}
let register;
let token;
before(async () => {
    writeFileSync(`${folder}/register.key`, generateKeyPairSync('ed25519').privateKey
        .export({ type: 'pkcs8', format: 'pem' }));
    register = await Register.start({ ETS144_SIGNING_KEY_FILE: `${folder}/register.key` });
    token = await register.token('first', 'actions:write', 'imports:write', 'webhooks:write');
});
after(async () => { await register?.stop(); });

// curl fails the block where the status is 400 or above.
writeFileSync(`${folder}/.curlrc`, 'fail-with-body\nsilent\nshow-error\n');
const empty = makeDatabase('template0');
after(() => {
    rmSync(folder, { recursive: true });
    sql('postgres', `drop database ${empty} with (force)`);
});

// A command line as it is printed, with the addresses of the register that runs here.
function placed(text) {
    const { database, port } = register;
    return text.replaceAll('http://127.0.0.1:8144', `http://127.0.0.1:${port}`)
        .replaceAll(/postgresql:\/\/(\w+)@db\/ets144/g, (_, role) =>
            url(database, role === 'deployer' ? 'postgres' : role));
}

// Runs a block in bash. One that serves is stopped, with SIGTERM, once it listens; then make ends with an
// error, and the log says whether the service ended well.
function run(block) {
    const { PATH, LANG } = process.env;
    const database = block.includes('make restore') ? empty : register.database;
    // A block that names the private cluster uses it, in the folder.
    const urls = block.includes('.run/cluster') ? {} : {
        ETS144_DATABASE_URL: url(database, 'ets144_service'),
        ETS144_ADMIN_DATABASE_URL: url(database, 'postgres') };
    const env = { PATH, LANG, HOME: folder, TOKEN: token, ETS144_PORT: '0',
        ETS144_DRAIN_DELAY_MS: '0', ...urls };
    return new Promise((done) => {
        const child = spawn('bash', ['-euo', 'pipefail', '-c', placed(block)],
            { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
        const said = { stdout: '', stderr: '' };
        child.stdout.on('data', (data) => { said.stdout += data; });
        child.stderr.on('data', (data) => {
            const listened = said.stderr.includes('"event":"listening"');
            said.stderr += data;
            if (!listened && said.stderr.includes('"event":"listening"')) {
                process.kill(-child.pid, 'SIGTERM');
            }
        });
        child.on('close', (status) => done({ ...said,
            well: status === 0 || said.stderr.includes('"event":"stopped"') }));
    });
}

// Whether an answer has all that is shown of it: members by name, elements in their order.
function shows(shown, answer) {
    if (shown === '…') {
        return true;
    }
    if (Array.isArray(shown)) {
        let at = 0;
        return shown.every((element) => {
            at = answer.findIndex((other, i) => i >= at && shows(element, other)) + 1;
            return at > 0;
        });
    }
    return shown !== null && typeof shown === 'object'
        ? Object.entries(shown).every(([name, value]) => name in (answer ?? {})
            && shows(value, answer[name]))
        : shown === answer;
}

const unshortened = (text) => JSON.parse(text.replace(/,?\s*…(?=\s*[}\]])/g, ''));

test('commands are in fenced blocks, and each list entry is of use', () => {
    for (const { path, text } of readmes) {
        assert.deepEqual(indented(text), [], path);
    }
    const blocks = readmes.flatMap((readme) => readme.blocks);
    assert.ok(blocks.length > 20);
    for (const [beginning, suite] of elsewhere) {
        assert.ok(blocks.some(({ text }) => text.startsWith(beginning)), beginning);
        const [file] = suite.match(/^(tests|\.ci)\/\S+[^,]/) ?? [];
        assert.ok(!file || existsSync(top + file), file);
    }
});

for (const { path, blocks } of readmes) {
    for (const { text, where, answer } of blocks) {
        if (!elsewhere.some(([beginning]) => text.startsWith(beginning))) {
            test(where, async () => {
                const { well, stdout, stderr } = await run(text);
                assert.ok(well, `${path}\n${text}\n${stdout.slice(-1000)}\n${
                    stderr.slice(-3000)}`);
                if (answer) {
                    assert.ok(shows(unshortened(answer), JSON.parse(stdout)), `${answer}\n${stdout}`);
                }
            });
        }
    }
}
