// The release build is hardened as Debian and the OpenSSF (Compiler Options Hardening Guide) have it, and its
// bill of materials is one of SPDX 2.3.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../../', import.meta.url));
const binary = `${top}build/release/ets144`;
const said = (program, ...words) => execFileSync(program, words,
    { cwd: top, encoding: 'utf8', maxBuffer: 1 << 30 });
const intel = process.arch === 'x64';

before(() => said('make', '--no-print-directory', '--quiet', '-j2', 'build/release/ets144'));

test('each object of the release build is compiled with the options', () => {
    const options = ['-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3', '-fstack-protector-strong',
        '-fstack-clash-protection', '-ftrivial-auto-var-init=zero', '-fPIE',
        intel ? '-fcf-protection' : '-mbranch-protection=standard'];
    const flags = readFileSync(`${top}build/release/flags`, 'utf8');
    options.forEach((option) => assert.ok(flags.includes(option), option));
});

test('the binary is position-independent, with its relocations and its stack protected', () => {
    const headers = said('readelf', '-hlW', binary);
    assert.match(headers, /Type: +DYN/);
    assert.match(headers, /GNU_RELRO/);
    assert.match(headers, /GNU_STACK .* RW +0x/);
    assert.match(said('readelf', '-dW', binary), /FLAGS_1.*NOW.*PIE/);
});

test('calls of the C library are checked, and branches are', () => {
    const symbols = said('readelf', '--dyn-syms', '-W', binary);
    assert.match(symbols, /__stack_chk_fail/);
    assert.match(symbols, /__(memcpy|snprintf|vsnprintf)_chk/);
    // Of an object: the note is left out of the binary where the C library's start-up code has none.
    assert.match(said('readelf', '-n', `${top}build/release/config.o`),
        intel ? /IBT, SHSTK/ : /BTI, PAC/);
});

test('the bill of materials has what SPDX 2.3 demands, and each library', () => {
    const bill = JSON.parse(said('docker/sbom.py', '1.2.3'));
    assert.equal(bill.spdxVersion, 'SPDX-2.3');
    assert.equal(bill.dataLicense, 'CC0-1.0');
    assert.equal(bill.SPDXID, 'SPDXRef-DOCUMENT');
    assert.match(bill.documentNamespace, /^urn:uuid:[0-9a-f-]{36}$/);
    assert.match(bill.creationInfo.created, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.ok(bill.creationInfo.creators.every((creator) => /^(Tool|Organization|Person): /.test(creator)));
    const names = bill.packages.map(({ SPDXID }) => SPDXID);
    assert.equal(new Set(names).size, names.length);
    for (const { SPDXID, name, versionInfo, downloadLocation, externalRefs } of bill.packages) {
        assert.match(SPDXID, /^SPDXRef-[A-Za-z0-9.-]+$/);
        assert.ok(name && versionInfo && downloadLocation, SPDXID);
        assert.ok(name === 'ets144' || externalRefs[0].referenceLocator.startsWith(`pkg:deb/debian/${name}@`));
    }
    for (const { spdxElementId, relatedSpdxElement } of bill.relationships) {
        [spdxElementId, relatedSpdxElement].forEach((id) =>
            assert.ok(id === bill.SPDXID || names.includes(id), id));
    }
    const packages = bill.packages.map(({ name }) => name);
    ['libc6', 'libpq5', 'libjansson4', 'libmicrohttpd12', 'libulfius2.7', 'libcurl3-gnutls',
        'librhonabwy1.1']
        .forEach((name) => assert.ok(packages.includes(name), name));
    assert.deepEqual(JSON.parse(said('docker/sbom.py', '1.2.3')), bill, 'the same packages give the same');
});
