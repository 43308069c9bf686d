// What is written of the law beside the law: the label above each select.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const top = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, top), 'utf8');
const deployed = Object.fromEntries(readdirSync(new URL('sql/deploy/', top))
    .map((name) => [name, read(`sql/deploy/${name}`)]));
const rules = [...deployed['rules.sql'].matchAll(/^    \('(T4\d{3})', '(\w+)', (?:null|'([^']+)')/gm)]
    .map(([, code, name, article]) => ({ code, name, article }));
const label = ({ code, article }) => `-- ${code}${article ? `, Article ${article}` : ''}`;

test('each select of the breaches has its rule\'s code and article above it', () => {
    const labelled = new Set();
    for (const [file, text] of Object.entries(deployed)) {
        const lines = text.split('\n').map((line) => line.trim());
        lines.forEach((line, i) => {
            const [, name] = line.match(/^select (?:given\.line, )?'(\w+)'(?: as rule)?,/)
                ?? line.match(/^perform register\.raise_breach\('(\w+)',/) ?? [];
            const rule = rules.find((one) => one.name === name);
            if (/_breaches|raise_breach/.test(text) && rule) {
                assert.equal(lines[i - 1], label(rule), `${file}:${i + 1} ${name}`);
                labelled.add(rule.code);
            }
            if (/^-- T4\d{3}/.test(line)) {
                assert.ok(/^(select|perform)/.test(lines[i + 1]), `${file}:${i + 1} labels nothing`);
                assert.ok(rule || rules.some(({ name: other }) => lines[i + 1].includes(`'${other}'`)),
                    `${file}:${i + 1} labels no rule`);
            }
        });
    }
    assert.deepEqual([...labelled].sort(), rules.map(({ code }) => code).sort());
});

test('every select of breaches.sql is of a rule', () => {
    const body = deployed['breaches.sql'].split('-- The form of the record')[1];
    const names = [...body.matchAll(/^    select '(\w+)'/gm)].map(([, name]) => name);
    assert.equal(names.length, body.match(/^    select /gm).length);
    assert.deepEqual(names.filter((name) => !rules.some((rule) => rule.name === name)), []);
});
