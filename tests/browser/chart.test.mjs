// The chart in a real browser: its style applies under its policy, people can use it, and it prints.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { act, useRegister } from '../harness.mjs';
import { axe, launch } from './chromium.mjs';

const holder = useRegister({ before, after }, { ETS144_LICENCE: 'https://licence.example/by' });
let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

async function open(t, address) {
    const page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    t.after(() => page.close());
    const complaints = [];
    const requests = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`http://127.0.0.1:${holder.register.port}${address}`);
    return { page, complaints, requests };
}

const style = (page, selector, property) => page.locator(selector).first()
    .evaluate((element, name) => getComputedStyle(element)[name], property);

test('the chart is drawn with its style, and loads nothing else', async (t) => {
    const { page, complaints, requests } = await open(t, '/v1/chart');
    assert.equal(await style(page, 'thead th', 'borderTopWidth'), '2px');
    assert.equal(await style(page, '.unconfirmed', 'fontStyle'), 'italic');
    assert.notEqual(await style(page, '.unconfirmed', 'color'), await style(page, 'time', 'color'));
    assert.equal(await page.locator('tbody tr').count(), 48);
    assert.equal(await page.locator('tbody tr', { hasText: 'Türkiye' }).count(), 1);
    assert.deepEqual(complaints.filter((text) => !text.includes('favicon')), []);
    assert.equal(requests.filter((url) => !url.endsWith('/favicon.ico')).length, 1);
});

test('a note is where its number leads', async (t) => {
    const { page } = await open(t, '/v1/chart?lang=fr');
    const row = page.locator('tbody tr', { hasText: 'Italie' });
    await row.locator('a').click();
    const note = page.locator(':target');
    assert.match(await note.innerText(), /^Italie\. Signature : le jour n’est pas confirmé/);
});

test('nothing in the chart runs, whatever was recorded', async (t) => {
    const { token, register } = holder;
    const written = await register.call('POST', '/v1/actions', { token, json: act('FRA',
        'communication', '2020-01-01', { summary_en: '<script>window.intruder = true</script>' }) });
    assert.equal(written.status, 201);
    const { page } = await open(t, '/v1/chart');
    await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.intruder = true';
        document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.intruder), undefined);
    assert.equal(await page.locator('script').count(), 1);
});

for (const [name, address] of [['the chart in English', '/v1/chart?lang=en'],
    ['the chart in French', '/v1/chart?lang=fr'], ['a problem\'s page', '/problems/not-found']]) {
    test(`accessible to everyone: ${name}`, async (t) => {
        const { page } = await open(t, address);
        // The devtools let it in beside the policy.
        await page.evaluate(axe);
        const { violations, passes } = await page.evaluate(() => window.axe.run());
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
        assert.ok(passes.some(({ id }) => id === 'color-contrast'));
    });
}

test('it is read on a narrow screen without losing a column', async (t) => {
    const { page } = await open(t, '/v1/chart');
    await page.setViewportSize({ width: 380, height: 800 });
    const box = page.locator('[role=region]');
    assert.ok(await box.evaluate((element) => element.scrollWidth > element.clientWidth));
    assert.ok(await page.evaluate(() =>
        document.documentElement.scrollWidth <= document.documentElement.clientWidth));
});

test('it prints on two pages of A4, in each language, with its columns named on both', async (t) => {
    for (const language of ['en', 'fr']) {
        const { page } = await open(t, `/v1/chart?lang=${language}`);
        await page.emulateMedia({ media: 'print' });
        assert.equal(await style(page, 'thead', 'display'), 'table-header-group');
        assert.equal(await style(page, 'td a', 'textDecorationLine'), 'none');
        assert.equal(await style(page, 'tr', 'breakInside'), 'avoid');
        const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
        assert.equal(pdf.match(/\/Type \/Page\b/g).length, 2);
        const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(pdf);
        assert.deepEqual([Math.round(width), Math.round(height)], [595, 842]);
    }
});
