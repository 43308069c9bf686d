// The reference in a real browser: it is drawn, nothing leaves the origin, and the policy holds.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { contract, useRegister } from '../harness.mjs';
import { axe, launch } from './chromium.mjs';

const holder = useRegister({ before, after });
let browser;

before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

// Opens an address and gathers what the page asked for and complained of.
async function open(t, address) {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    t.after(() => page.close());
    const seen = { page, complaints: [], requests: [] };
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) {
            seen.complaints.push(message.text());
        }
    });
    page.on('pageerror', (error) => seen.complaints.push(String(error)));
    page.on('request', (request) => seen.requests.push(request.url()));
    await page.goto(`http://127.0.0.1:${holder.register.port}${address}`);
    await page.locator('.opblock').first().waitFor({ timeout: 60000 });
    return seen;
}

const origin = () => `http://127.0.0.1:${holder.register.port}`;
const stayedHere = ({ requests }) => requests.every((url) => url.startsWith(`${origin()}/`)
    || url.startsWith('data:'));

test('every operation of the contract is drawn, and opens', async (t) => {
    const seen = await open(t, '/docs');
    const operations = Object.values({ ...contract.paths, ...contract.webhooks })
        .flatMap((item) => Object.values(item))
        .map(({ operationId }) => operationId);
    assert.equal(await seen.page.locator('.opblock').count(), operations.length);
    for (const id of ['listStates', 'recordAction', 'showApiCatalog']) {
        const block = seen.page.locator(`.opblock[id$="-${id}"]`);
        await block.locator('.opblock-summary-control').click();
        await block.locator('.responses-table').first().waitFor();
    }
    assert.deepEqual(seen.complaints, []);
    assert.ok(stayedHere(seen), seen.requests.join('\n'));
    const { version } = JSON.parse(readFileSync(
        new URL('../../openapi/docs/vendor/manifest.json', import.meta.url)));
    assert.equal(await seen.page.evaluate(() => window.versions.swaggerUI.version), version);
});

test('an operation that is tried out is sent to this service', async (t) => {
    const seen = await open(t, '/docs');
    const block = seen.page.locator('.opblock[id$="-showState"]');
    await block.locator('.opblock-summary-control').click();
    await block.locator('.try-out__btn').click();
    await block.locator('tr[data-param-name="code"] input').fill('ITA');
    await block.locator('button.execute').click();
    const answer = block.locator('.live-responses-table tbody .response-col_status').first();
    await answer.waitFor();
    assert.match(await answer.innerText(), /200/);
    assert.ok(seen.requests.some((url) => url.startsWith(`${origin()}/v1/states/ITA`)));
    assert.deepEqual(seen.complaints, []);
    assert.ok(stayedHere(seen), seen.requests.join('\n'));
});

test('a link from elsewhere opens the operation that it names', async (t) => {
    const { page } = await open(t, '/docs#/States/explainState');
    await page.locator('.opblock.is-open[id$="-explainState"]').waitFor();
});

test('nothing runs that the policy does not name', async (t) => {
    const { page, complaints } = await open(t, '/docs');
    await page.evaluate(() => {
        const script = document.createElement('script');
        script.textContent = 'window.intruder = true';
        document.body.append(script);
    });
    assert.equal(await page.evaluate(() => window.intruder), undefined);
    assert.ok(complaints.some((text) => /Content Security Policy/.test(text)));
});

for (const language of ['en', 'fr']) {
    test(`the page is accessible, except for known faults of Swagger UI: ${language}`, async (t) => {
        const { page } = await open(t, `/docs?lang=${language}`);
        // The devtools let it in beside the policy.
        await page.evaluate(axe);
        const frame = await page.evaluate(() => window.axe.run({ exclude: [['#reference']] }));
        assert.deepEqual(frame.violations.map(({ id }) => id), []);
        const whole = await page.evaluate(() => window.axe.run());
        assert.deepEqual(whole.violations.map(({ id }) => id), ['heading-order', 'nested-interactive', 'region']);
    });
}
