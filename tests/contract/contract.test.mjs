// The contract, the route table and the database say the same.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { contract, run, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const methods = ['get', 'post', 'put', 'patch', 'delete'];
const escape = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B')
    .replaceAll('}', '%7D');
const resolved = (node) => (node.$ref ? node.$ref.split('/').slice(1)
    .reduce((whole, name) => whole[name], contract) : node);

test('every route is in the contract, and every operation in the route table, with its scope',
    async () => {
        const { stdout } = await run(['routes']);
        const routes = stdout.trim().split('\n').sort();
        const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
            methods.filter((method) => item[method]).map((method) => {
                const { security } = item[method];
                const scopes = security.flatMap((one) => one.token ?? []);
                const none = security.every((one) => one.token) ? 'any' : '-';
                return `${method.toUpperCase()} ${path} ${scopes.join(' ') || none}`;
            })).sort();
        assert.deepEqual(routes, operations);
    });

test('exactly the operations that take a token document 401 and 403', () => {
    for (const [path, item] of Object.entries(contract.paths)) {
        for (const method of methods.filter((one) => item[one])) {
            const { security, responses } = item[method];
            // A token that a read does without must be good all the same, and lacks nothing. The scopes
            // that a changeset needs are those of its operations.
            const taken = security.some((one) => one.token);
            const scoped = security.every((one) => one.token?.length > 0)
                || path.startsWith('/v1/changesets') && method === 'post';
            assert.equal('401' in responses, taken, `${method} ${path} 401`);
            assert.equal('403' in responses, scoped, `${method} ${path} 403`);
        }
    }
});

test('/openapi.json is openapi.yaml', async () => {
    const { body } = await holder.register.call('GET', '/openapi.json');
    assert.deepEqual(body, contract);
});

test('contract and service have the same parameters', async () => {
    for (const [path, item] of Object.entries(contract.paths)) {
        const names = item.get?.parameters?.map((one) =>
            one.$ref ? contract.components.parameters[one.$ref.split('/').at(-1)] : one)
            .filter((one) => one.in === 'query').map((one) => one.name).sort();
        if (!names) {
            continue;
        }
        const address = path.replace('{code}', 'ITA').replace('{reference}', 'ITA-2')
            .replace('{name}', 'not-found').replace('{id}', '01a20df0-8884-741a-bdd1-f10f8215d2d6');
        const token = item.get.security.some((one) => !one.token) ? undefined : holder.token;
        const { body } = await holder.register.call('GET', `${address}?no_such=1`, { token });
        const known = /there are: (.*)\.$/.exec(body.errors[0].detail)[1].split(', ').sort();
        assert.deepEqual(known, names, path);
    }
});

test('the vocabularies of contract and database are the same', () => {
    const { schemas } = contract.components;
    const column = (text) => sql(holder.register.database, text).split('\n').sort();
    assert.deepEqual(column('select code from register.kind'), [...schemas.Kind.enum].sort());
    assert.deepEqual(column("select code from register.kind where category = 'consent'"),
        [...schemas.ConsentKind.enum].sort());
    assert.deepEqual(column('select code from register.verification'),
        [...schemas.Verification.enum].sort());
    const term = (name) => column(`select code from register.vocabulary_term as term where vocabulary = '${name}'`);
    assert.deepEqual(term('changes'), [...schemas.ChangeCategory.enum].sort());
    assert.deepEqual(term('events'),
        [...schemas.ChangeEvent.properties.data.properties.event.enum].sort());
    assert.deepEqual(column("select '/problems/' || replace(name, '_', '-') from register.rule"),
        [...schemas.RuleType.enum].sort());
});

test('contract and service have the same choices for a parameter', async () => {
    const addresses = { status: '/v1/states', chapter: '/v1/states', sort_states: '/v1/states',
        lang: '/v1/states', format_of_list: '/v1/states',
        anomaly: '/v1/notes', anomaly_code: '/v1/anomalies', outcome: '/v1/notes',
        format_of_table: '/v1/replies', format_of_page: '/problems/not-found', format_of_metadata: '/v1/states-metadata.json',
        format_of_memberships: '/v1/memberships',
        format_of_entry: '/', format_of_chart: '/v1/chart', format_of_item: '/v1/states/ITA',
        format_of_catalogue: '/v1/catalog', kind: '/v1/actions',
        verification: '/v1/actions', stage: '/v1/outlook', by: '/v1/statistics/series',
        change_category: '/v1/changes' };
    for (const [key, { name, in: place, schema }] of
        Object.entries(contract.components.parameters)) {
        const choices = resolved(schema.items ?? schema).enum;
        if (place !== 'query' || !choices) {
            continue;
        }
        const { body } = await holder.register.call('GET', `${addresses[key]}?${name}=~`);
        const offered = /is not one of: (.*)\.$/.exec(body.errors[0].detail)[1].split(', ');
        assert.deepEqual(offered, choices, name);
        delete addresses[key];
    }
    assert.deepEqual(addresses, {});
});

test('the scopes that the contract describes are those a token can have', async () => {
    const { stderr } = await run(['token', 'create', '--name', 'x', '--scope', '~'],
        holder.register.environment);
    const scopes = /there are: (.*)\.$/m.exec(stderr)[1].split(' ');
    assert.deepEqual(scopes, [...contract.components.securitySchemes.token.description
        .matchAll(/^- `([a-z:]+)`/gm)].map((match) => match[1]));
});

test('each type of problem of the protocol has its status, in service and contract alike', () => {
    const inContract = Object.values(contract.components.responses).flatMap((response) => {
        const [, own] = response.content?.['application/problem+json']?.schema.allOf ?? [];
        if (!own) {
            return [];
        }
        const types = own.properties.type;
        return (types.const ? [types.const] : types.enum ?? types.anyOf[0].enum)
            .map((type) => `${type} ${own.properties.status.const}`);
    });
    const inService = [...readFileSync(new URL('../../service/words/problem.def', import.meta.url),
        'utf8').matchAll(/^PROBLEM\(\w+, "([a-z-]+)", (\d+),/gm)]
        .map(([, slug, status]) => `/problems/${slug} ${status}`);
    assert.deepEqual(inContract.sort(), inService.sort());
});

test('every word of the vocabulary is explained in the contract', () => {
    const { Kind, Status, Verification, Chapter, ChangeCategory } = contract.components.schemas;
    for (const { enum: words, description } of
        [Kind, Status, Verification, Chapter, ChangeCategory]) {
        for (const word of words) {
            assert.ok(description.includes(`\`${word}\``), word);
        }
    }
});

test('the fields of the contract are the fields of the service', async () => {
    for (const [method, address, schema] of [['POST', '/v1/actions', 'ActionToRecord'],
        ['PUT', '/v1/actions/ITA-2', 'ActionToCorrect']]) {
        const { body } = await holder.register.call(method, address,
            { token: holder.token, json: { no_such: 1 }, headers: { 'If-Match': '*' } });
        const known = /there are: (.*)\.$/.exec(body.errors[0].detail)[1].split(', ').sort();
        const { properties, required } = contract.components.schemas[schema];
        assert.deepEqual(known, Object.keys(properties).sort());
        assert.deepEqual(body.errors.slice(1).map((error) => error.pointer.slice(1)).sort(),
            [...required].sort());
    }
});

// Every place in the contract that shows examples of a schema: [where, schema's pointer, value].
function* examples(node = contract, pointer = '') {
    if (node === null || typeof node !== 'object') {
        return;
    }
    if (node.schema) {
        if (node.example !== undefined) {
            yield [pointer, `${pointer}/schema`, node.example];
        }
        for (const [name, example] of Object.entries(node.examples ?? {})) {
            yield [`${pointer} ${name}`, `${pointer}/schema`, resolved(example).value];
        }
    }
    for (const [name, member] of Object.entries(node)) {
        yield* examples(member, `${pointer}/${escape(name)}`);
    }
}

test('every example is valid and in use', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ $id: 'contract', ...contract });
    const shown = [];
    for (const [where, schema, value] of examples()) {
        const validate = ajv.compile({ $ref: `contract#${schema}` });
        assert.ok(validate(value), `${where}: ${ajv.errorsText(validate.errors)}`);
        shown.push(value);
    }
    for (const [name, { value }] of Object.entries(contract.components.examples)) {
        assert.ok(shown.includes(value), name);
    }
    for (const [name, { content }] of Object.entries(contract.components.responses)) {
        assert.ok(!content?.['application/problem+json'] || content['application/problem+json'].examples, `${name} has no example`);
    }
});

test('the examples of the record are the record', async () => {
    const { examples: shown } = contract.components;
    const get = async (address) => (await holder.register.call('GET', address)).body;
    const timeless = ({ known_at, recorded_at, next, head, ...rest }) => rest;
    for (const [name, address] of [
        ['convention', '/v1/convention?as_of=1997-05-01'],
        ['parties_in_part', '/v1/states?as_of=1997-05-01&status=party&fields=code,chapters'],
        ['italy', '/v1/states/ITA?as_of=2026-11-24'],
        ['czech_republic', '/v1/states/CZE?as_of=2026-11-24'],
        ['ratification', '/v1/actions/ALB-2'],
        ['first_page_in_part', '/v1/actions?kind=acceptance&limit=1&fields=reference,date']]) {
        assert.deepEqual(timeless(await get(address)), timeless(shown[name].value), name);
    }
    const written = await holder.register.call('POST', '/v1/actions?dry_run=true',
        { token: holder.token, json: shown.signature_to_record.value });
    const { action, state } = shown.portugal_signs.value;
    assert.deepEqual([timeless(written.body.action), written.body.state], [timeless(action), state]);
});

test('responses have every member of their schemas: no member is optional by oversight', async () => {
    const { body: state } = await holder.register.call('GET', '/v1/states/ITA');
    const { State, Action } = contract.components.schemas;
    assert.deepEqual(Object.keys(state).filter((name) => name !== 'as_of' && name !== 'links'),
        Object.keys(State.properties));
    const { body: action } = await holder.register.call('GET', '/v1/actions/ITA-2');
    assert.deepEqual(Object.keys(action), Object.keys(Action.properties));
});

test('every sentence of the service is there in English and in French, and they differ', () => {
    const read = (name) => readFileSync(new URL(`../../service/words/${name}`, import.meta.url),
        'utf8').replace(/\/\*.*?\*\//gs, '');
    const strings = (entry) => [...entry.replace(/"\s*\n\s*"/g, '').matchAll(/"((?:[^"\\]|\\.)*)"/g)]
        .map((match) => match[1]);
    const messages = read('message.def').split(/^MESSAGE\(/m).slice(1);
    assert.ok(messages.length > 40);
    for (const entry of messages) {
        const [english, french, ...more] = strings(entry);
        assert.ok(english && french && more.length === 0, entry);
        assert.notEqual(english, french, entry);
        const fillings = (text) => [...text.matchAll(/\{\d\}/g)].map(String).sort().join();
        assert.equal(fillings(english), fillings(french), entry);
    }
    for (const entry of read('problem.def').split(/^PROBLEM\(/m).slice(1)) {
        const [slug, titleEn, titleFr, meaningEn, meaningFr] = strings(entry);
        assert.ok(slug && titleEn && titleFr && meaningEn && meaningFr, entry);
        assert.notEqual(meaningEn, meaningFr);
    }
});

test('every header that a handler or an operation reads reaches it', () => {
    const service = new URL('../../service/', import.meta.url);
    const head = readFileSync(new URL('http/server/request_head.c', service), 'utf8');
    const given = [...head.matchAll(/HEADER\("(.+?)", HEADER_/g)].map(([, name]) => name.toLowerCase());
    const sources = readdirSync(service, { recursive: true }).filter((file) => file.endsWith('.c'))
        .map((file) => readFileSync(new URL(file, service), 'utf8')).join('');
    const read = [...sources.matchAll(/exchange_header\(\w+, "(.+?)"\)/g)].map(([, name]) => name);
    const documented = Object.values(contract.components.parameters)
        .filter((parameter) => parameter.in === 'header').map(({ name }) => name);
    assert.ok(read.length > 20 && documented.length > 5);
    for (const name of [...read, ...documented]) {
        assert.ok(given.includes(name.toLowerCase()), `${name} is not in request_head.c`);
    }
});
