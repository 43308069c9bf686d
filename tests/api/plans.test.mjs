// The plan of each statement in sql/queries, on a register with a long history: no plan scans a growing
// table from end to end.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { makeDatabase, sql } from '../harness.mjs';

const folder = new URL('../../sql/queries/', import.meta.url);
const grows = /Seq Scan on (action_version|revision_log|call_version|outlook_version|change|request_key)\b/;
let database;
let record; // the real record; the loaded database itself is what others are copied from

before(() => {
    database = makeDatabase();
    record = makeDatabase();
    // Only a test may do this: thousands of versions, written without the register's functions.
    sql(database, `
        set session_replication_role = replica;
        insert into register.revision_log (revision, at, author)
        select 1000 + n, at - n * interval '1 minute', 'tests'
          from register.revision_log, generate_series(1, 3000) as n where revision = 1;
        insert into register.action_version
        select (jsonb_populate_record(v, jsonb_build_object('version', 1 + n, 'revision', 1000 + n,
                   'recorded', tstzrange(lower(v.recorded) - (n + 1) * interval '1 minute',
                                         lower(v.recorded) - n * interval '1 minute')))).*
          from register.action_version as v, generate_series(1, 300) as n where v.version = 1;
        insert into register.call_version
        select (jsonb_populate_record(v, jsonb_build_object('version', 1 + n, 'revision', 1000 + n,
                   'recorded', tstzrange(lower(v.recorded) - (n + 1) * interval '1 minute',
                                         lower(v.recorded) - n * interval '1 minute')))).*
          from register.call_version as v, generate_series(1, 1000) as n where v.version = 1;
        insert into register.outlook_entry
        select register.uuid_v7(), s.code from register.state as s, generate_series(1, 3);
        insert into register.outlook_version
        select e.reference, n, tstzrange(now() - n * interval '1 minute',
                                         now() - (n - 1) * interval '1 minute'), 1, 'tests', null,
               false, 'no_plan', '2020-01-01', null, null, null, null, 'public', '{}'
          from register.outlook_entry as e, generate_series(1, 100) as n;
        insert into register.change (at, number, revision, audience, category, event, state, reference,
                                     version, after, author)
        select log.at, n % 7 + 1, log.revision, 'everyone',
               (array['signature', 'status', 'outlook', 'call'])[n % 4 + 1], 'recorded',
               (array['ITA', 'FRA', 'NLD'])[n % 3 + 1], 'ITA-1', n, '{}', 'tests'
          from register.revision_log as log, generate_series(1, 7) as n where log.revision > 1000;
        insert into service.request_key
        select 'a', n::text, '', now(), 'ITA-1', 0, 1, now(), now()
          from generate_series(1, 5000) as n;
        analyze;`);
});
after(() => [database, record].forEach((name) => sql('postgres', `drop database ${name}`)));

function planOf(file, given = {}, explain = 'explain', where = database) {
    const types = [];
    const names = [];
    const text = readFileSync(new URL(file, folder), 'utf8').replace(/:'(\w+)'::(\w+)/g,
        (_, name, type) => {
            if (!names.includes(name)) {
                names.push(name);
                types.push(type);
            }
            return `$${names.indexOf(name) + 1}::${type}`;
        });
    const values = names.map((name) => given[name] ?? 'null').join(', ');
    return sql(where, `set jit = off; set plan_cache_mode = force_generic_plan;
        prepare asked${types.length ? `(${types.join(', ')})` : ''} as ${text};
        ${explain} execute asked${values ? `(${values})` : ''}`);
}

// To read everything is what an audit is for.
for (const file of readdirSync(folder).filter((name) => !name.startsWith('audit'))) {
    test(`${file} reads no growing table from end to end`, () => {
        assert.doesNotMatch(planOf(file), grows);
    });
}

test('the check fails where an index is missing', () => {
    assert.match(sql(database, 'explain select * from register.action_version'), grows);
});

// A wrong estimate of the planner may repeat a subplan for each row. The number of pages read shows that,
// whatever the machine does; the limits are about twice what today's record needs.
const moment = { as_of: "'2026-11-24'", known_at: 'now()', lang: "'en'" };
const pagesOf = (file, given, where) => {
    const [{ Plan: plan }] = JSON.parse(planOf(file, { ...moment, ...given },
        'explain (analyze, buffers, format json)', where));
    return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
};
const reads = [
    ['states.sql', {}, 120], ['state.sql', { state: "'ITA'" }, 60], ['convention.sql', {}, 200],
    ['statistics.sql', {}, 1000], ['statistics_series.sql', { as_of: "'infinity'", by: "'month'" }, 60],
    ['anomalies.sql', {}, 700], ['explanation.sql', { state: "'ITA'" }, 800],
    ['call_progress.sql', { reference: "'CG-REC-304'" }, 600], ['chart.sql', {}, 1700],
    ['calendar.sql', {}, 1200],
    ['actions.sql', { as_of: 'null', limit: "'101'" }, 750], ['outlook.sql', {}, 1100],
    ['changes.sql', { limit: "'101'" }, 1100],
    ['consequences.sql', { revision: "'1'", revision_before: "'0'" }, 3200],
];
for (const [file, given, most] of reads) {
    test(`${file} touches few pages of the real record ${JSON.stringify(given)}`, () => {
        const pages = pagesOf(file, given, record);
        assert.ok(pages <= most, `${pages} pages, and ${most} are allowed`);
    });
}

// So many corrections, one after the other, of the actions in turn: the newest version of each is the
// current one. Its digests are left out: what an audit finds is not asked here, only what it reads.
function withRevisions(count) {
    const name = makeDatabase();
    sql(name, `
        set session_replication_role = replica;
        create temporary table corrected as
        select v.*, n, register.revision_time(1) + n * interval '1 second' as from_at,
               lead(n) over (partition by v.reference order by n) as next_n
          from generate_series(1, ${count}) as n
          join lateral (select c.* from register.action_version as c where c.version = 1
                         order by c.reference
                        offset n % (select count(*) from register.action) limit 1) as v on true;
        insert into register.revision_log (revision, at, author)
        select 1 + c.n, c.from_at, 'tests' from corrected as c;
        update register.revision set number = 1 + ${count},
               at = register.revision_time(1) + ${count} * interval '1 second';
        update register.action_version as v
           set recorded = tstzrange(lower(v.recorded), c.first_at)
          from (select reference, min(from_at) as first_at from corrected group by reference) as c
         where c.reference = v.reference;
        insert into register.action_version
        select (jsonb_populate_record(null::register.action_version, to_jsonb(c) || jsonb_build_object(
                   'version', 1 + row_number() over (partition by c.reference order by c.n),
                   'revision', 1 + c.n, 'summary_en', c.n,
                   'recorded', tstzrange(c.from_at,
                       register.revision_time(1) + c.next_n * interval '1 second')))).*
          from corrected as c;
        analyze;`);
    return name;
}

// The rows that a plan handles, those that it throws away included.
const handled = (plan) => (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)
    + (plan['Rows Removed by Join Filter'] ?? 0)) * plan['Actual Loops']
    + (plan.Plans ?? []).reduce((sum, inner) => sum + handled(inner), 0);

// A portion of an audit reads its own revisions and not those before it.
test('the cost of an audit is constant for each revision', () => {
    const databases = [100, 1000].map(withRevisions);
    try {
        for (const file of ['audit_chain.sql', 'audit_entries.sql', 'audit_published.sql']) {
            const [few, many] = databases.map((name, place) => {
                const last = [100, 1000][place];
                const given = { first_revision: `'${last - 49}'`, last_revision: `'${last}'` };
                const [{ Plan: plan }] = JSON.parse(planOf(file, given,
                    'explain (analyze, buffers, timing off, format json)', name));
                return { pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
                    rows: handled(plan) };
            });
            assert.ok(many.pages < few.pages * 2 && many.rows < few.rows * 2,
                `${file}: ${JSON.stringify({ few, many })}`);
        }
    } finally {
        databases.forEach((name) => sql('postgres', `drop database ${name}`));
    }
});

test('current reads do not depend on the length of the history', () => {
    for (const [file, given] of [['states.sql', {}], ['state.sql', { state: "'ITA'" }],
        ['actions.sql', { as_of: 'null', limit: "'101'" }], ['convention.sql', {}]]) {
        const none = pagesOf(file, given, record);
        const long = pagesOf(file, given, database);
        assert.ok(long <= none * 1.2, `${file}: ${long} pages, and ${none} without a history`);
    }
});

// What stands on a day is looked up in the periods, and not worked out from the actions.
const lookUps = [['states.sql', {}], ['state.sql', { state: "'ITA'" }], ['statistics.sql', {}],
    ['statistics_series.sql', { as_of: "'infinity'", by: "'month'" }]];

// A long record, too, is read in time proportional to its length: what a plan does for each pair of
// actions is not seen in its pages, but in the rows it handles.
test('the cost of listing actions is constant for each action', () => {
    const actions = 2000;
    const long = makeDatabase();
    try {
        sql(long, `
            set session_replication_role = replica;
            insert into register.action
            select s.code || '-' || 1000 + n, s.code, 1000 + n
              from generate_series(1, ${actions}) as n,
                   lateral (select code from register.state order by code <> 'ITA', code
                            offset case when n % 2 = 0 then 0 else n % 40 end limit 1) as s;
            insert into register.action_version
            select (jsonb_populate_record(v, jsonb_build_object('reference', action.reference,
                       'kind', 'communication', 'date', date '2010-01-01' + action.number % 3000))).*
              from register.action, register.action_version as v
             where action.number > 1000 and v.reference = 'SVN-1' and v.version = 1;
            analyze;`);
        for (const [file, given] of [['actions.sql', { as_of: 'null', limit: "'10001'" }],
            ['actions.sql', { as_of: 'null', limit: "'101'" }], ['chart.sql', {}], ['anomalies.sql', {}],
            ['explanation.sql', { state: "'ITA'" }],
            ['consequences.sql', { revision: "'1'", revision_before: "'0'" }]]) {
            const [{ Plan: plan }] = JSON.parse(planOf(file, { ...moment, ...given },
                'explain (analyze, timing off, format json)', long));
            assert.ok(handled(plan) < 250 * actions, `${file}: ${handled(plan)}`);
        }
        // Actions that move no status are none of what a look-up reads.
        for (const [file, given] of lookUps) {
            const [few, many] = [record, long].map((where) => pagesOf(file, given, where));
            assert.ok(many <= few * 1.5, `${file}: ${many} pages, and ${few} with few actions`);
        }
    } finally {
        sql('postgres', `drop database ${long}`);
    }
});
