// Discovery: the entry, the catalogue, the reference, the contact.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Register, contract, environmentFor, makeDatabase, run, sql, useRegister } from
    '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, headers = {}) => holder.register.call('GET', address, { headers });
const vendor = new URL('../../openapi/docs/vendor/', import.meta.url);

test('the entry links to every collection of the contract, and each link works', async () => {
    const { body, headers } = await get('/');
    const collections = Object.entries(contract.paths).filter(([path, item]) =>
        path.startsWith('/v1/') && !path.includes('{') && item.get
        && item.get.security.some((one) => !one.token)).map(([path]) => path);
    assert.deepEqual(Object.values(body.links).filter((link) => link.startsWith('/v1/')).sort(),
        collections.sort());
    for (const link of Object.values(body.links)) {
        assert.equal((await get(link)).status, 200, link);
    }
    assert.match(headers.get('link'), /<\/openapi\.json>; rel="service-desc"/);
    assert.match(headers.get('link'), /<\/docs>; rel="service-doc"/);
    assert.equal((await get('/?lang=fr')).body.title, 'Registre de la STE n° 144');
});

test('a browser at the entry is sent to the reference', async () => {
    const answer = await get('/', { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' });
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get('location'), '/docs');
    assert.equal((await get('/', { Accept: 'application/json' })).status, 200);
    assert.equal((await get('/', { Accept: 'image/png' })).status, 406);
});

test('the catalogue is a link set, and each of its addresses exists', async () => {
    const { body, headers } = await get('/.well-known/api-catalog');
    assert.equal(headers.get('content-type'),
        'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"');
    const targets = body.linkset.flatMap(({ anchor, ...relations }) =>
        [{ href: anchor }, ...Object.values(relations).flat()]);
    assert.equal(targets.length, 6);
    for (const { href, type } of targets) {
        const answer = await get(href);
        assert.equal(answer.status, 200, href);
        assert.ok(!type || answer.headers.get('content-type').startsWith(type), href);
    }
    const service = body.linkset.find(({ anchor }) => anchor === '/');
    assert.equal(service['service-desc'][0].href, '/openapi.json');
    assert.equal(service['service-doc'][0].href, '/docs');
});

test('HEAD of the catalogue names it by its relation (RFC 9727 2)', async () => {
    const answer = await holder.register.call('HEAD', '/.well-known/api-catalog');
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get('link'), /<\/\.well-known\/api-catalog>; rel="api-catalog"/);
    assert.equal((await get('/.well-known/api-catalog', { Accept: 'text/html' })).status, 406);
});

test('without a contact there is no security.txt', async () => {
    const { status, body } = await get('/.well-known/security.txt?lang=fr');
    assert.equal(status, 404);
    assert.match(body.detail, /pas nommé de contact/);
});

test('security.txt expires within a year, and links are absolute with ETS144_PUBLIC_URL',
    async () => {
        const register = await Register.start({ ETS144_PUBLIC_URL: 'https://register.example:444',
            ETS144_SECURITY_CONTACT: 'mailto:security@register.example' });
        const { text } = await register.call('GET', '/.well-known/security.txt');
        const lines = Object.fromEntries(text.trim().split('\n').map((line) => line.split(/: (.*)/s)));
        assert.deepEqual(Object.keys(lines),
            ['Contact', 'Expires', 'Preferred-Languages', 'Canonical']);
        assert.equal(lines.Contact, 'mailto:security@register.example');
        assert.equal(lines.Canonical, 'https://register.example:444/.well-known/security.txt');
        const days = (new Date(lines.Expires) - Date.now()) / 864e5;
        assert.ok(days > 30 && days < 365, lines.Expires);
        const { body } = await register.call('GET', '/.well-known/api-catalog');
        const [catalog, service] = body.linkset;
        assert.equal(catalog.anchor, 'https://register.example:444/.well-known/api-catalog');
        assert.equal(catalog.item[0].href, service.anchor);
        assert.equal(service['service-doc'][0].href, 'https://register.example:444/docs');
        await register.stop();
    });

test('an unusable contact or public address is refused at the start', async () => {
    const database = makeDatabase();
    for (const [name, value] of [['SECURITY_CONTACT', 'security@register.example'],
        ['SECURITY_CONTACT', 'http://register.example/'], ['SECURITY_CONTACT', 'mailto:a\nb'],
        ['PUBLIC_URL', 'register.example'], ['PUBLIC_URL', 'https://'],
        ['PUBLIC_URL', 'https://register.example/'], ['PUBLIC_URL', 'https://a"b'],
        ['PUBLIC_URL', 'https://a@b'], ['PUBLIC_URL', 'ftp://register.example']]) {
        const ended = await run(['serve'], environmentFor(database, { [`ETS144_${name}`]: value }));
        assert.equal(ended.status, 2, value);
        assert.match(ended.stderr, new RegExp(`ETS144_${name} is "`), value);
    }
    sql('postgres', `drop database ${database} with (force)`);
});

const scripts = (html) => [...html.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, one]) => one);

test('the reference has no inline script or style, and its policy allows none', async () => {
    const { text, headers } = await get('/docs');
    const policy = headers.get('content-security-policy');
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(text, /<script(?![^>]* src=)|<style|style=| on[a-z]+=|https?:/);
    assert.equal(scripts(text).length, 4);
    const french = await get('/docs?lang=fr');
    assert.match(french.text, /<html lang="fr">[^]*référence de l’interface/);
    assert.equal((await get('/docs', { Accept: 'application/json' })).status, 406);
});

test('the files of the reference are immutable, and sent in the accepted content coding', async () => {
    for (const address of scripts((await get('/docs')).text)) {
        const file = address.replace(/^.*\/([a-z-]+)\.[0-9a-f]{16}/, '$1');
        const folder = file.startsWith('swagger') ? vendor : new URL('../', vendor);
        const bytes = readFileSync(new URL(file, folder));
        const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
        assert.ok(address.includes(`.${hash.slice(0, 16)}.`));
        const { headers, text } = await get(address);
        assert.equal(headers.get('etag'), `"${hash}"`);
        assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
        assert.equal(text, bytes.toString());
        const again = await get(address, { 'If-None-Match': `"${hash}"` });
        assert.equal(again.status, 304);
        for (const [coding, decode] of [['gzip', gunzipSync], ['br', brotliDecompressSync]]) {
            const encoded = await holder.register.bytes(address, { 'Accept-Encoding': coding });
            assert.equal(encoded.headers['content-encoding'], coding);
            assert.equal(encoded.headers.etag, `"${hash}-${coding}"`);
            assert.ok(encoded.bytes.length < bytes.length);
            assert.deepEqual(decode(encoded.bytes), bytes);
        }
    }
    for (const name of ['docs.js', 'docs.0000000000000000.js', '..%2f..%2fMakefile']) {
        assert.equal((await get(`/docs/${name}`)).status, 404, name);
    }
});

test('the vendored files are those of the version in the manifest', () => {
    const manifest = JSON.parse(readFileSync(new URL('manifest.json', vendor)));
    assert.match(manifest.integrity, /^sha512-/);
    for (const [file, digest] of Object.entries(manifest.files)) {
        const bytes = readFileSync(new URL(file, vendor));
        assert.equal(createHash('sha256').update(bytes).digest('hex'), digest, file);
    }
    const bundle = readFileSync(new URL('swagger-ui-bundle.js', vendor), 'utf8');
    assert.ok(bundle.includes(`"${manifest.version}"`));
    assert.match(readFileSync(new URL('LICENSE', vendor), 'utf8'), /Apache License\s+Version 2\.0/);
});
