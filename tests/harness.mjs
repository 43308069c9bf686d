// What the suites in Node.js share: a register of their own, and calls of which every answer is
// checked against the contract.
//
//   const register = await startRegister(t)          a database made from the loaded one, the
//                                                    service on a free port, stopped with the test
//   const answer = await register.call('GET', '/v1/states')
//   answer.status, answer.headers, answer.body (JSON; of NDJSON an array), answer.text (as sent)
//   await eventually('the list is cached', async () => …)    waits for a condition
//   await untilLogged(register, 'certificate_reloaded')      waits for a line of the log
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import YAML from 'yaml';

const socket = process.env.ETS144_TEST_SOCKET;
const binary = process.env.ETS144_TEST_BINARY;
assert.ok(socket && binary, 'run the suites with tests/run.sh');

export const contract = YAML.parse(
    readFileSync(new URL('../openapi/openapi.yaml', import.meta.url), 'utf8'),
    { merge: true, maxAliasCount: -1 });

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: 'contract', ...contract });

const validators = new Map();
function validator(pointer) {
    if (!validators.has(pointer)) {
        validators.set(pointer, ajv.compile({ $ref: `contract#${pointer}` }));
    }
    return validators.get(pointer);
}

const escape = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')
    .replaceAll('{', '%7B').replaceAll('}', '%7D');

function resolve(pointer, node) {
    return node?.$ref ? [node.$ref.slice(1), at(node.$ref.slice(1))] : [pointer, node];
}

function at(pointer) {
    return pointer.split('/').slice(1).reduce((node, name) =>
        node?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], contract);
}

// The contract's path for an address, or undefined.
function pathFor(address) {
    const segments = address.split('?')[0].split('/');
    return Object.keys(contract.paths).find((path) => {
        const wanted = path.split('/');
        return wanted.length === segments.length && wanted.every((segment, i) =>
            segment.startsWith('{') ? segments[i] !== '' : segment === segments[i]);
    });
}

// A response outside of the operations: OPTIONS, an unknown address, a method that a path does not take.
function responseFor(method, address, status) {
    const path = pathFor(address);
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = contract.paths[path]?.[verb];
    if (operation?.responses[status]) {
        return resolve(`/paths/${escape(path)}/${verb}/responses/${status}`,
            operation.responses[status]);
    }
    const shared = { 204: method === 'OPTIONS' && 'Options', 400: 'BadRequest', 404: 'NotFound',
        405: 'MethodNotAllowed', 413: 'BodyTooLarge', 414: 'AddressTooLong',
        429: 'TooManyRequests', 431: 'HeadersTooLarge', 503: 'Unavailable',
        505: 'VersionNotSupported' }[status];
    if (!operation && shared) {
        return [`/components/responses/${shared}`, contract.components.responses[shared]];
    }
    return [null, null];
}

// Headers that HTTP itself adds, and those that a media type is described by.
const transport = ['connection', 'content-length', 'content-type', 'date', 'transfer-encoding'];

function checkHeaders(what, response, headers) {
    for (const [name, declared] of Object.entries(response.headers ?? {})) {
        const [pointer, header] = resolve(null, declared);
        const value = headers.get(name);
        if (value === null) {
            assert.ok(!header.required, `${what}: the header ${name} is missing`);
            continue;
        }
        const type = header.schema.type;
        const validate = pointer ? validator(`${pointer}/schema`) : ajv.compile(header.schema);
        assert.ok(validate(type === 'integer' ? Number(value) : value),
            `${what}: ${name}: ${value}: ${ajv.errorsText(validate.errors)}`);
    }
    const known = [...transport,
        ...Object.keys(response.headers ?? {}).map((name) => name.toLowerCase())];
    for (const name of headers.keys()) {
        assert.ok(known.includes(name), `${what}: the header ${name} is not in the contract`);
    }
}

// Where the contract offers the whole and a part of it, or what was and what would be recorded,
// only the one that was asked for will do.
function schemaFor(pointer, schema, address) {
    if (schema.$ref) {
        return schema.$ref.slice(1);
    }
    if (!schema.anyOf) {
        return pointer;
    }
    const other = /[?&](fields=|dry_run=true)/.test(address);
    return schema.anyOf[other ? 1 : 0].$ref.slice(1);
}

function checkSchema(what, pointer, value) {
    const validate = validator(pointer);
    assert.ok(validate(value),
        `${what}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 500)}`);
}

// The header row of a table names the contract's columns, or those of the fields asked for.
function checkColumns(what, columns, address, text) {
    const fields = new URL(address, 'http://localhost').searchParams.get('fields')?.split(',');
    const [header] = text.replace(/^\uFEFF/, '').split('\r\n');
    assert.deepEqual(header.split(','), columns.filter((column) => !fields ||
        fields.some((field) => column === field || column.startsWith(`${field}_`))), what);
}

// Fails unless the contract allows exactly this answer.
export function checkAgainstContract(method, address, status, headers, text) {
    const what = `${method} ${address} -> ${status}`;
    const [pointer, response] = responseFor(method, address, status);
    assert.ok(response, `${what} is not in the contract`);
    checkHeaders(what, response, headers);
    if (!response.content) {
        assert.equal(text, '', `${what} has a body`);
        return undefined;
    }
    if (method === 'HEAD') {
        return undefined;
    }
    const type = headers.get('content-type');
    const media = response.content[type];
    assert.ok(media, `${what}: ${type} is not in the contract`);
    const body = /[/+]json\b/.test(type) ? JSON.parse(text) : text;
    const place = `${pointer}/content/${escape(type)}`;
    checkSchema(what, schemaFor(`${place}/schema`, media.schema, address), body);
    if (media['x-columns']) {
        checkColumns(what, media['x-columns'], address, text);
    }
    if (media['x-item-schema']) {
        const schema = schemaFor(`${place}/x-item-schema`, media['x-item-schema'], address);
        return text.split('\n').slice(0, -1).map((line) => {
            const item = JSON.parse(line);
            checkSchema(what, schema, item);
            return item;
        });
    }
    return body;
}

export const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Polls a condition until it gives something true, and answers that. Fails after so many seconds with
// what it waited for: a text, or a function that makes one then. A loaded machine may take long.
export async function eventually(what, condition, seconds = 30) {
    const end = performance.now() + seconds * 1000;
    for (;;) {
        const found = await condition();
        if (found) {
            return found;
        }
        assert.ok(performance.now() < end,
            `not within ${seconds} s: ${typeof what === 'function' ? what() : what}`);
        await sleep(10);
    }
}

// The lines of a register's log, as objects. A sanitizer writes there too, and no JSON.
export const logLines = ({ log }) => log.split('\n').slice(0, -1)
    .filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

// Waits for a line of the log with this event, and with the values that `match` gives of its other
// members; answers the line.
export const untilLogged = (register, event, match = {}) => eventually(
    () => `the event ${event} ${JSON.stringify(match)} in the log:\n${register.log.slice(-2000)}`,
    () => logLines(register).find((line) => line.event === event
        && Object.entries(match).every(([name, value]) => line[name] === value)));

export const url = (database, role) => `postgresql:///${database}?host=${socket}&user=${role}`;

export function sql(database, text, role = 'postgres') {
    return execFileSync('psql', [url(database, role), '-XAtqc', text],
        { encoding: 'utf8', maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

let made = 0;
export function makeDatabase(template = 'ets144') {
    const name = `test_${process.pid}_${made++}`;
    sql('postgres', `create database ${name} template ${template}`);
    return name;
}

// Runs the program to its end, with something to read.
export function run(words, environment = {}, input = '') {
    const { PATH, HOME, LANG } = process.env;
    return new Promise((resolveRun) => {
        const child = spawn(binary, words, { env: { PATH, HOME, LANG, ...environment } });
        let stdout = '';
        let stderr = '';
        child.stdin.on('error', () => {});
        child.stdin.end(input);
        child.stdout.on('data', (data) => { stdout += data; });
        child.stderr.on('data', (data) => { stderr += data; });
        child.on('close', (status) => resolveRun({ status, stdout, stderr }));
    });
}

export function environmentFor(database, more = {}) {
    return {
        ETS144_DATABASE_URL: url(database, 'ets144_service'),
        ETS144_ADMIN_DATABASE_URL: url(database, 'ets144_admin'),
        ETS144_PORT: '0',
        // The sanitizers slow everything down, and the machine may be busy.
        ETS144_STATEMENT_TIMEOUT_MS: '20000',
        ETS144_CHECKOUT_TIMEOUT_MS: '20000',
        ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS: '20000',
        ETS144_DRAIN_DELAY_MS: '0',
        // Tests fill the cache themselves, so that they know what is in it.
        ETS144_CACHE_WARMING: 'no',
        ...more,
    };
}

// Services that a failed test left running end with the process of its file.
const services = [];
process.on('exit', () => services.forEach((child) => child.kill('SIGKILL')));

export class Register {
    binary = binary;

    static async start(more = {}) {
        const register = new Register();
        register.database = makeDatabase();
        register.environment = environmentFor(register.database, more);
        await register.serve();
        // Nothing is cached before: a test that runs first sees what all the others see.
        await untilLogged(register, 'listener_connected');
        return register;
    }

    async serve() {
        const { PATH, HOME, LANG } = process.env;
        this.log = '';
        this.adopt(spawn(this.binary, ['serve'],
            { env: { PATH, HOME, LANG, ...this.environment }, stdio: ['ignore', 'ignore', 'pipe'] }));
        this.port = await new Promise((found, failed) => {
            this.child.stderr.on('data', (data) => {
                this.log += data;
                const listening = /"event":"listening".*?"port":(\d+)/.exec(this.log);
                if (listening) {
                    found(Number(listening[1]));
                }
            });
            this.closed.then(({ status }) => failed(new Error(`ended with ${status}: ${this.log}`)));
        });
        this.child.unref();
        this.child.stderr.unref();
    }

    // The service that runs from now on.
    adopt(child) {
        this.child = child;
        services.push(child);
        this.closed = new Promise((done) => {
            child.on('close', (status, signal) => done({ status, signal }));
        });
    }

    // Resolves with the status and signal, once the service has ended.
    get ended() {
        this.child.ref();
        this.child.stderr?.ref();
        return this.closed;
    }

    async token(name, ...scopes) {
        const words = ['token', 'create', '--name', name];
        const made = await run([...words, ...scopes.flatMap((scope) => ['--scope', scope])],
            this.environment);
        assert.equal(made.status, 0, made.stderr);
        return made.stdout.trim();
    }

    async call(method, address, { headers = {}, json, body, token } = {}) {
        // Content codings have a file of their own (encoding.test.mjs); elsewhere bytes are compared.
        const sent = { 'Accept-Encoding': 'identity', ...headers };
        if (token) {
            sent.Authorization = `Bearer ${token}`;
        }
        if (json !== undefined) {
            sent['Content-Type'] ??= 'application/json';
        }
        const response = await fetch(`http://127.0.0.1:${this.port}${address}`, {
            method, headers: sent, body: json !== undefined ? JSON.stringify(json) : body,
            redirect: 'manual',
        });
        const text = await response.text();
        return {
            status: response.status, headers: response.headers, text,
            body: checkAgainstContract(method, address, response.status, response.headers, text),
        };
    }

    // What fetch would hide: the bytes as they came, and the headers as plain names.
    bytes(address, headers = {}) {
        return new Promise((done, failed) => {
            http.get({ port: this.port, path: address, headers }, (answer) => {
                const parts = [];
                answer.on('data', (part) => parts.push(part));
                answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers,
                    bytes: Buffer.concat(parts) }));
            }).on('error', failed);
        });
    }

    // Sends bytes as they are; answers the first response's status and all that came. The response
    // is checked like any other, whatever was sent.
    async raw(bytes, wait = 5000) {
        const text = await this.exchange(bytes, wait);
        const status = Number(/^HTTP\/1\.[01] (\d+)/.exec(text)?.[1] ?? 0);
        if (status > 199) {
            const [head, ...rest] = text.split('\r\n\r\n');
            const lines = head.split('\r\n').slice(1).map((line) => line.split(/: (.*)/s));
            const length = Number(lines.find(([name]) => name === 'Content-Length')?.[1] ?? 0);
            const [, method = 'GET', target = '/'] = /^\s*(\S+) (\S+)/.exec(bytes.toString('latin1')) ?? [];
            const address = target.replace(/^https?:\/\/[^/?]+/i, '') || '/';
            checkAgainstContract(method, address, status, new Headers(lines.map(([name, value]) =>
                [name, value])), Buffer.from(rest.join('\r\n\r\n'), 'latin1').subarray(0, length).toString());
        }
        return { status, text };
    }

    exchange(bytes, wait) {
        return new Promise((done) => {
            const connection = net.connect(this.port, '127.0.0.1');
            let came = '';
            const end = () => {
                connection.destroy();
                done(came);
            };
            connection.setTimeout(wait, end);
            connection.on('data', (data) => {
                came += data.toString('latin1');
                const head = came.indexOf('\r\n\r\n');
                const bodiless = /^HTTP\/1\.1 (204|304) /.test(came);
                const length = bodiless ? '0' : /content-length: (\d+)/i.exec(came)?.[1];
                if (head > 0 && length && came.length >= head + 4 + Number(length)) {
                    end();
                }
            });
            connection.on('close', end);
            connection.on('error', end);
            connection.write(bytes);
        });
    }

    revision() {
        return Number(sql(this.database, 'select number from register.revision'));
    }

    // Ends the service as an operator would; a sanitizer's finding or a leak fails the test.
    async end(expected = 0) {
        this.child.kill('SIGTERM');
        const { status } = await this.ended;
        assert.ok(!/ERROR: AddressSanitizer|LeakSanitizer|runtime error:/.test(this.log),
            this.log.slice(-4000));
        assert.equal(status, expected, this.log.slice(-2000));
    }

    async stop() {
        await this.end();
        sql('postgres', `drop database ${this.database} with (force)`);
    }
}

// A register for the tests of a file: starts before, stops after; `write` sends with a token, and fails
// unless the status is 200 or 201.
export function useRegister({ before, after }, more = {}) {
    const holder = {
        async write(method, address, json, headers = {}) {
            const answer = await holder.register.call(method, address,
                { token: holder.token, json, headers });
            assert.ok([200, 201].includes(answer.status), answer.text);
            return answer;
        },
    };
    before(async () => {
        holder.register = await Register.start(more);
        holder.token = await holder.register.token('secretariat', 'actions:write',
            'states:write', 'memberships:write', 'calls:write', 'outlook:write', 'outlook:read',
            'notes:write', 'notes:read', 'imports:write', 'webhooks:write', 'tokens:write');
    });
    after(async () => { await holder.register?.stop(); });
    return holder;
}

export const source = 'https://www.coe.int/en/web/conventions';

export const act = (state, kind, date, more = {}) => ({
    state, kind, date, verification: 'single_source', sources: [source], ...more,
});
