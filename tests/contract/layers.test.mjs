// The layers of service/: which folder may include which. Read from the #include lines alone, so that
// an include that points up fails here, with the two files in the message.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const service = fileURLToPath(new URL('../../service/', import.meta.url));

// Each layer, and the layers that it may include beside itself. A file belongs to the layer with the
// longest name that its path begins with.
const base = ['base', 'words'];
const message = [...base, 'http/message'];
const request = [...message, 'http/request'];
const cache = [...request, 'http/cache'];
const handle = [...cache, 'http/handle'];
const http = [...handle, 'http/server'];
const context = [...http, 'config', 'store', 'auth', 'render', 'webhook', 'context'];
const query = [...context, 'api/format', 'api/query'];
// handlers.h declares the handlers that the folders beside it define, and includes none of them.
const read = [...query, 'api/handlers', 'api/about', 'api/read'];
const file = [...read, 'api/record', 'api/file'];
const api = [...file, 'api/follow', 'api'];

const layers = {
    base: [],
    words: [],
    config: base,
    store: base,
    auth: base,
    render: [...base, 'store'],
    webhook: [...base, 'store', 'render'],
    'http/message': base,
    'http/request': message,
    'http/cache': request,
    'http/handle': cache,
    'http/server': handle,
    context: [...http, 'store', 'webhook'],
    'api/format': context,
    'api/query': query,
    'api/handlers': http,
    'api/about': read,
    'api/read': read,
    'api/record': read,
    'api/file': file,
    'api/follow': file,
    api,
    commands: api,
    main: [...api, 'commands'],
};

// Headers that the build makes, and the layer that each belongs to.
const generated = { 'statements.h': 'store' };

function layerOf(file) {
    const names = Object.keys(layers).filter((name) => file === name || file.startsWith(`${name}/`)
        || file.startsWith(`${name}.`));
    return generated[file] ?? names.sort((one, other) => other.length - one.length)[0];
}

// Every file of C below a folder, by its path in service/, with the paths that it includes.
function readIncludes(folder = '') {
    return readdirSync(service + folder, { withFileTypes: true }).flatMap((entry) => {
        const path = folder + entry.name;
        if (entry.isDirectory()) {
            return readIncludes(`${path}/`);
        }
        const text = /\.[ch]$/.test(path) ? readFileSync(service + path, 'utf8') : '';
        return /\.[ch]$/.test(path)
            ? [[path, [...text.matchAll(/^#include "(.+)"/gm)].map(([, name]) => name)]] : [];
    });
}

const includes = new Map(readIncludes());

test('each file belongs to a layer, and each include names a file', () => {
    assert.ok(includes.size > 100);
    for (const [file, included] of includes) {
        assert.ok(layerOf(file), `service/${file} belongs to no layer`);
        for (const name of included) {
            assert.ok(includes.has(name) || name in generated || name.startsWith('words/'),
                `service/${file} includes "${name}", which is not there`);
        }
    }
});

test('no file includes a layer above its own', () => {
    const upward = [...includes].flatMap(([file, included]) => included
        .filter((name) => layerOf(name) !== layerOf(file)
            && !layers[layerOf(file)]?.includes(layerOf(name)))
        .map((name) => `service/${file} (${layerOf(file)}) includes ${name} (${layerOf(name)})`));
    assert.equal(upward.join('\n'), '');
});

// The first circle that is reached from a file, as a list of its files; undefined if there is none.
function findCircle(file, way = [], done = new Set()) {
    if (way.includes(file)) {
        return [...way.slice(way.indexOf(file)), file];
    }
    if (done.has(file)) {
        return undefined;
    }
    for (const name of includes.get(file) ?? []) {
        const circle = findCircle(name, [...way, file], done);
        if (circle) {
            return circle;
        }
    }
    done.add(file);
    return undefined;
}

test('no header includes itself by way of others', () => {
    for (const file of includes.keys()) {
        assert.equal(findCircle(file)?.join(' -> '), undefined);
    }
});
