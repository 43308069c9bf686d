// The contract, the route table and the database say the same.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { contract, run, sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const methods = ['get', 'post', 'put', 'patch', 'delete'];

test('every route is in the contract, and every operation in the route table, with its scope',
    async () => {
        const { stdout } = await run(['routes']);
        const routes = stdout.trim().split('\n').sort();
        const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
            methods.filter((method) => item[method]).map((method) => {
                const scopes = item[method].security.flatMap((one) => one.token ?? []);
                return `${method.toUpperCase()} ${path} ${scopes.join(' ') || '-'}`;
            })).sort();
        assert.deepEqual(routes, operations);
    });

test('/openapi.json is openapi.yaml', async () => {
    const { body } = await holder.register.call('GET', '/openapi.json');
    assert.deepEqual(body, contract);
});

test('a parameter of the contract is one of the service, and the other way round', async () => {
    for (const [path, item] of Object.entries(contract.paths)) {
        const names = item.get?.parameters?.map((one) =>
            one.$ref ? contract.components.parameters[one.$ref.split('/').at(-1)] : one)
            .filter((one) => one.in === 'query').map((one) => one.name).sort();
        if (!names) {
            continue;
        }
        const address = path.replace('{code}', 'ITA').replace('{reference}', 'ITA-2')
            .replace('{name}', 'not-found');
        const { body } = await holder.register.call('GET', `${address}?no_such=1`);
        const known = /there are: (.*)\.$/.exec(body.errors[0].detail)[1].split(', ').sort();
        assert.deepEqual(known, names, path);
    }
});

test('the vocabularies of contract and database are the same', () => {
    const { schemas } = contract.components;
    const column = (text) => sql(holder.register.database, text).split('\n').sort();
    assert.deepEqual(column('select code from register.kind'), [...schemas.Kind.enum].sort());
    assert.deepEqual(column('select code from register.verification'),
        [...schemas.Verification.enum].sort());
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

test('every example is valid', () => {
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    ajv.addSchema({ $id: 'contract', ...contract });
    const of = { convention: 'Convention', italy: 'StateItem', ratification: 'Action',
        signature: 'ActionToRecord', correction: 'ActionToCorrect', accession_by_member: 'Problem' };
    for (const [name, { value }] of Object.entries(contract.components.examples)) {
        assert.ok(of[name], `${name}: of which schema?`);
        const validate = ajv.compile({ $ref: `contract#/components/schemas/${of[name]}` });
        assert.ok(validate(value), `${name}: ${ajv.errorsText(validate.errors)}`);
    }
});

test('every member of the examples\' schemas is there: none is optional by oversight', async () => {
    const { body: state } = await holder.register.call('GET', '/v1/states/ITA');
    const { State, Action } = contract.components.schemas;
    assert.deepEqual(Object.keys(state).filter((name) => name !== 'as_of'),
        Object.keys(State.properties));
    const { body: action } = await holder.register.call('GET', '/v1/actions/ITA-2');
    assert.deepEqual(Object.keys(action), Object.keys(Action.properties));
});

test('every sentence of the service is there in English and in French, and they differ', () => {
    const read = (name) => readFileSync(new URL(`../../service/http/${name}`, import.meta.url),
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
