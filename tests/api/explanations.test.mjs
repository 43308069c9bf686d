// The register's statements about itself: problem pages and anomalies.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { sql, useRegister } from '../harness.mjs';

const holder = useRegister({ before, after });
const get = (address, headers = {}) => holder.register.call('GET', address, { headers });

test('every rule and every problem type has its page, in English and French', async () => {
    const rules = sql(holder.register.database, 'select name from register.rule').split('\n');
    const protocol = [...readFileSync(new URL('../../service/words/problem.def', import.meta.url),
        'utf8').matchAll(/^PROBLEM\(\w+, "([a-z-]+)"/gm)].map((match) => match[1]);
    assert.ok(rules.length > 30 && protocol.length > 15);
    for (const slug of [...rules.map((name) => name.replaceAll('_', '-')), ...protocol]) {
        const json = { Accept: 'application/json' };
        const english = await get(`/problems/${slug}`, json);
        const french = await get(`/problems/${slug}?lang=fr`, json);
        assert.equal(english.body.type, `/problems/${slug}`);
        assert.notEqual(english.body.explanation, french.body.explanation, slug);
        assert.notEqual(english.body.title, french.body.title, slug);
    }
});

test('a page is HTML for people, with nothing that runs in it', async () => {
    const page = await get('/problems/denunciation-by-party', { Accept: 'text/html' });
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
    assert.match(page.headers.get('content-security-policy'),
        /^default-src 'none'; style-src 'sha256-/);
    assert.match(page.text, /<h1>Denunciation by a State that is not a Party<\/h1>/);
    assert.match(page.text, /Art\. 18/);
    for (const nothing of ['no-such-thing', 'denunciation_by_party', '%3Cscript%3E']) {
        assert.equal((await get(`/problems/${nothing}`)).status, 404);
    }
});

test('the real record\'s anomalies: FIN-3, and the days that are not confirmed', async () => {
    const { body } = await get('/v1/anomalies?as_of=2026-11-24');
    const of = (code) => body.items.filter((item) => item.code === code);
    assert.deepEqual(of('effective_date_differs').map((item) =>
        [item.action, item.recorded, item.expected]), [['FIN-3', '2001-02-01', '2001-05-01']]);
    assert.deepEqual(of('effective_before_bound').map((item) => item.action), ['FIN-3']);
    const kinds = await Promise.all(of('day_unconfirmed').map(async (item) =>
        (await get(`/v1/actions/${item.action}`)).body.kind));
    assert.equal(kinds.filter((kind) => kind === 'signature').length, 10);
    assert.equal(kinds.filter((kind) => kind === 'ratification').length, 2);
    assert.deepEqual(of('signature_day_unknown').map((item) => item.action), ['ALB-1']);
    assert.ok(of('text_missing').some((item) => item.action === 'NOR-3'));
    assert.deepEqual(of('sources_disagree').map((item) => item.state),
        ['AND', 'ISL', 'POL', 'TUR']);
    const french = await get('/v1/anomalies?lang=fr&fields=title');
    assert.ok(french.body.items.every((item) => !/ the /.test(item.title)));
    assert.deepEqual((await get('/v1/anomalies?as_of=1990-01-01')).body.items
        .filter((item) => item.action), []);
});
