// Each operation that needs a scope, from the contract, tried with every other scope.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Register, act, contract, sql } from '../harness.mjs';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries(contract.paths).flatMap(([path, item]) => methods
    .filter((method) => item[method]?.security.every((one) => one.token))
    .map((method) => ({ path, method: method.toUpperCase(), scopes: item[method].security.flatMap((one) => one.token) })))
    // Those for every token: what they need follows from the body, and is tried in changesets.test.mjs.
    .filter(({ scopes }) => scopes.length > 0);
const scopes = [...new Set(contract.components.securitySchemes.token.description.match(/`[a-z]+:[a-z]+`/g)
    .map((name) => name.slice(1, -1)))];

let register;
const tokens = {};
before(async () => {
    register = await Register.start();
    for (const scope of scopes) {
        tokens[scope] = await register.token(scope.replace(':', '-'), scope);
    }
});
after(() => register?.stop());

// What a request with the right scope would be about.
const uuid = '01a20df0-8884-741a-bdd1-f10f8215d2d6';
const address = (path) => path.replace('/actions/{reference}', '/actions/ITA-2')
    .replace('/calls/{reference}', '/calls/CG-REC-304').replaceAll(/\{[a-z]+\}/g, uuid);

// The rows of every table, and the revision.
function contents() {
    const tables = sql(register.database, `select string_agg(format(
            'select %L || count(*) || coalesce(max(t::text), '''') from %s as t', c.oid::regclass, c.oid::regclass),
            ' union all ' order by c.oid::regclass::text)
        from pg_class as c where c.relkind = 'r'
         and c.relnamespace in ('register'::regnamespace, 'service'::regnamespace)
         and c.relname <> 'access_token_use'`);
    return sql(register.database, tables);
}

test('an operation is refused to a token without its scope, and changes nothing', async () => {
    assert.ok(operations.length > 20 && scopes.length >= 8, `${operations.length}, ${scopes}`);
    const earlier = contents();
    for (const { path, method, scopes: [needed, ...more] } of operations) {
        assert.deepEqual(more, [], `${method} ${path}`);
        const ask = (token) => register.call(method, address(path), { token, headers: { 'If-Match': '*' },
            ...method !== 'GET' && method !== 'DELETE' ? { json: act('PRT', 'signature', '2020-01-01') } : {} });
        assert.equal((await ask()).status, 401, `${method} ${path}`);
        for (const scope of scopes.filter((one) => one !== needed)) {
            const { status, headers } = await ask(tokens[scope]);
            assert.equal(status, 403, `${method} ${path} with ${scope}`);
            assert.match(headers.get('www-authenticate'), new RegExp(`scope="${needed}"$`));
        }
    }
    assert.equal(contents(), earlier);
});

test('an operation is not refused to a token with its scope', async () => {
    for (const { path, method, scopes: [needed] } of operations) {
        const { status } = await register.call(method, address(path), { token: tokens[needed] });
        assert.ok(![401, 403].includes(status), `${method} ${path}: ${status}`);
    }
});
