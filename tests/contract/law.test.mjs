// What is written of the law beside the law: the label above each select, and the table of sql/README.md.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
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
            const [, name] = line.match(/^select (?:(?:\w+\.(?:line|place)|null(?:::integer)?)(?: as line)?, )?'(\w+)'(?: as rule)?,/)
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

// The rows of the table: [Article, rules, functions, tests, problem pages], each a list of its codes.
const rows = read('sql/README.md').split('\n')
    .filter((line) => /^\| \d/.test(line))
    .map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));

test('sql/README.md leads from each article to what there is', () => {
    assert.ok(rows.length >= 16);
    for (const [articles, codes, code, tests, pages] of rows) {
        const named = codes.split(', ').filter(Boolean).map((one) => {
            const rule = rules.find((known) => known.code === one);
            assert.ok(rule, `there is no rule ${one}`);
            assert.ok(articles.split(', ').includes(rule.article), `${one} is of ${rule.article}`);
            return rule.name;
        });
        assert.deepEqual([...pages.matchAll(/`([^`]+)`/g)].map(([, page]) => page),
            named.map((name) => `/problems/${name.replaceAll('_', '-')}`), articles);
        const listed = code.split('; ').flatMap((part) => {
            const [, names, file] = part.match(/^(.+) in `([a-z_]+\.sql)`$/);
            return [...names.matchAll(/`(\w+)`/g)].map(([, name]) => {
                assert.ok(deployed[file].includes(`create function register.${name}(`)
                    || deployed[file].includes(`    select '${name}'`), `${name} in ${file}`);
                return name;
            });
        });
        assert.deepEqual(named.filter((name) => !listed.includes(name)), [], articles);
        for (const [, file] of tests.matchAll(/`([^`]+)`/g)) {
            const text = read(`tests/law/${file}`);
            assert.ok(named.every((name) => file !== '30_rules.sql' || text.includes(name)), file);
        }
    }
    const listed = rows.flatMap(([, codes]) => codes.split(', ').filter(Boolean)).sort();
    assert.deepEqual(listed, rules.filter(({ article }) => article).map(({ code }) => code).sort());
});

test('every file that sql/README.md names is there', () => {
    const text = read('sql/README.md');
    for (const [, name] of text.matchAll(/`([\w/.]+\.(?:sql|sh|py|mjs|plan)|\w+\/)`/g)) {
        assert.ok(['', 'sql/', 'sql/deploy/', 'tests/law/'].some((folder) =>
            existsSync(new URL(folder + name, top))), name);
    }
});

test('French has typographic apostrophes, and no-break spaces at its punctuation', () => {
    for (const file of ['chart.def', 'columns.def', 'message.def', 'problem.def']) {
        const strings = [...read(`service/words/${file}`).matchAll(/"((?:[^"\\\n]|\\.)*)"/g)]
            .map(([, text]) => text).filter((text) => /[àâçéèêîôûœ’]/.test(text));
        for (const text of strings) {
            assert.doesNotMatch(text, /\b([ldnsjmtc]|qu|jusqu|lorsqu|puisqu|aujourd)'|[^ ] ([:;?!]( |$)|»)|« /i, file);
        }
    }
});

test('`ets144 check` knows the rows of each table that sql/deploy fills', () => {
    // The empty register's revision and its digest are history.
    const filled = Object.values(deployed)
        .flatMap((text) => [...text.matchAll(/^insert into (register\.\w+)/gm)].map(([, table]) => table))
        .filter((table) => !['register.revision_log', 'register.revision_digest'].includes(table));
    const listed = [...read('service/commands/schema_objects.tsv').matchAll(/^content\t(\S+)/gm)]
        .map(([, table]) => table);
    assert.deepEqual(listed, [...new Set(filled)].sort());
});
