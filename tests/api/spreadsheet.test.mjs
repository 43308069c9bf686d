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

// The table as it is served, and what Calc has in its cells after opening and saving it.
async function open(address) {
    const { bytes } = await holder.register.bytes(address);
    writeFileSync(path.join(scratch, 'table.csv'), bytes);
    await soffice(`--infilter=${opened}`, '--convert-to', 'ods', path.join(scratch, 'table.csv'));
    await soffice('--convert-to', saved, path.join(scratch, 'table.ods'));
    const text = readFileSync(path.join(scratch, 'table.csv'), 'utf8');
    return [rowsOf(new TextDecoder().decode(bytes)), rowsOf(text)];
}

// Calc writes its own true, and knows that 008 is a number unless it is told to read a text.
const asCalc = (cell, column) => {
    if (cell === 'true' || cell === 'false') {
        return cell.toUpperCase();
    }
    return column === 'numeric' ? String(Number(cell)) : cell;
};

test('every cell of every table is in its place, accents and days included', async () => {
    for (const address of ['/v1/states?format=csv', '/v1/actions?format=csv',
        '/v1/chart?format=csv&lang=fr', '/v1/statistics/series?format=csv']) {
        const [served, shown] = await open(address);
        assert.equal(shown.length, served.length, address);
        const [header, ...rows] = served;
        assert.deepEqual(shown[0], header);
        rows.forEach((row, i) => {
            assert.deepEqual(shown[i + 1], row.map((cell, k) => asCalc(cell, header[k])));
        });
    }
    const [, shown] = await open('/v1/states?format=csv');
    assert.ok(shown.some((row) => row.includes('Türkiye')));
});

test('no text of a table is a formula for Calc', async () => {
    const texts = ['=1+1', '+1+1', '-1-1', '@SUM(1;1)', "'=1+1", '=HYPERLINK("https://x.example")'];
    for (const [i, text] of texts.entries()) {
        const written = await holder.register.call('POST', '/v1/actions', { token: holder.token,
            json: act('PRT', 'communication', `2021-01-0${i + 1}`, { summary_en: text }) });
        assert.equal(written.status, 201, written.text);
    }
    const [[header], [, ...shown]] = await open('/v1/actions?format=csv&state=PRT');
    const column = header.indexOf('summary_en');
    assert.deepEqual(shown.map((row) => row[column]), texts.map((text) => `'${text}`));
});
