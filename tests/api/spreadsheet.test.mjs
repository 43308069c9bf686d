// A table opened in LibreOffice Calc: clean columns, accents, days that are days, and no formula.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import Papa from 'papaparse';
import { act, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const scratch = mkdtempSync(path.join(tmpdir(), 'ets144-calc-'));
after(() => { rmSync(scratch, { recursive: true, force: true }); });

// Field separator, text delimiter, UTF-8, from the first line: what the dialogue proposes.
const opened = 'CSV:44,34,76,1';
const saved = 'csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false';

async function soffice(...words) {
    await promisify(execFile)('soffice', [`-env:UserInstallation=file://${scratch}/profile`,
        '--headless', ...words, '--outdir', scratch], { timeout: 120000 });
}

const rowsOf = (text) => Papa.parse(text, { skipEmptyLines: true }).data;

// Each table as it is served, and as Calc has its cells after opening and saving it. Calc starts twice for
// all of them, because its start takes longest.
async function open(...addresses) {
    const served = await Promise.all(addresses.map(async (address) =>
        (await holder.register.bytes(address)).bytes));
    const files = (end) => served.map((_, i) => path.join(scratch, `table${i}.${end}`));
    files('csv').forEach((file, i) => writeFileSync(file, served[i]));
    await soffice(`--infilter=${opened}`, '--convert-to', 'ods', ...files('csv'));
    await soffice('--convert-to', saved, ...files('ods'));
    return files('csv').map((file, i) => [rowsOf(new TextDecoder().decode(served[i])),
        rowsOf(readFileSync(file, 'utf8'))]);
}

// Calc writes its own true, and reads 008 as a number unless the column is imported as text.
const asCalc = (cell, column) => {
    if (cell === 'true' || cell === 'false') {
        return cell.toUpperCase();
    }
    return column === 'numeric' ? String(Number(cell)) : cell;
};

test('every cell of every table is in its place, accents and days included', async () => {
    const addresses = ['/v1/states?format=csv', '/v1/actions?format=csv',
        '/v1/chart?format=csv&lang=fr', '/v1/statistics/series?format=csv'];
    const tables = await open(...addresses);
    for (const [i, [served, shown]] of tables.entries()) {
        assert.equal(shown.length, served.length, addresses[i]);
        const [header, ...rows] = served;
        assert.deepEqual(shown[0], header);
        rows.forEach((row, j) => {
            assert.deepEqual(shown[j + 1], row.map((cell, k) => asCalc(cell, header[k])));
        });
    }
    assert.ok(tables[0][1].some((row) => row.includes('Türkiye')));
});

test('Calc takes no text of a table for a formula', async () => {
    const texts = ['=1+1', '+1+1', '-1-1', '@SUM(1;1)', "'=1+1", '=HYPERLINK("https://x.example")'];
    for (const [i, text] of texts.entries()) {
        const written = await holder.register.call('POST', '/v1/actions', { token: holder.token,
            json: act('PRT', 'communication', `2021-01-0${i + 1}`, { summary_en: text }) });
        assert.equal(written.status, 201, written.text);
    }
    const [[[header], [, ...shown]]] = await open('/v1/actions?format=csv&state=PRT');
    const column = header.indexOf('summary_en');
    assert.deepEqual(shown.map((row) => row[column]), texts.map((text) => `'${text}`));
});
