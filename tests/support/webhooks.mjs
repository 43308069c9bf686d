// Webhooks as the tests about them use them: a register that allows receivers on this machine, and
// words for what one does with it.
import assert from 'node:assert/strict';
import { Register, eventually, source, sql } from '../harness.mjs';
import { Receiver } from './receiver.mjs';

// Receivers are on this machine, and retries come soon.
export const lenient = { ETS144_WEBHOOK_HTTP: 'yes', ETS144_WEBHOOK_PRIVATE: 'yes',
    ETS144_WEBHOOK_BACKOFF_MS: '100', ETS144_WEBHOOK_TIMEOUT_MS: '5000' };

export class Webhooks {
    // Stopped with the test, if one is given.
    static async start(more = {}, t = undefined) {
        const webhooks = new Webhooks();
        webhooks.register = await Register.start({ ...lenient, ...more });
        webhooks.fleeting = t !== undefined;
        t?.after(() => webhooks.stop());
        webhooks.token = await webhooks.register.token('secretariat', 'webhooks:write',
            'outlook:read', 'actions:write', 'calls:write', 'outlook:write');
        webhooks.calls = 0;
        return webhooks;
    }

    call(method, address, json, more = {}) {
        return this.register.call(method, address, { token: this.token, json, ...more });
    }

    get(address, more) {
        return this.call('GET', address, undefined, more);
    }

    async create(json) {
        const answer = await this.call('POST', '/v1/webhooks', json);
        assert.equal(answer.status, 201, answer.text);
        return { ...answer.body.webhook, secret: answer.body.secret,
            address: `/v1/webhooks/${answer.body.webhook.id}` };
    }

    async change(hook, json) {
        const { headers } = await this.get(hook.address);
        return this.call('PATCH', hook.address, json,
            { headers: { 'If-Match': headers.get('etag') } });
    }

    async rotate(hook, query = '') {
        const { headers } = await this.get(hook.address);
        return this.call('POST', `${hook.address}/rotate-secret${query}`, undefined,
            { headers: { 'If-Match': headers.get('etag') } });
    }

    async remove(hook) {
        const answer = await this.call('DELETE', hook.address, undefined,
            { headers: { 'If-Match': '*' } });
        assert.equal(answer.status, 204, answer.text);
    }

    // A webhook and its receiver, for the time of a test.
    async subscribe(t, json = {}, options = {}) {
        const receiver = await Receiver.start(t, options);
        const hook = await this.create({ url: receiver.url, ...json });
        receiver.secrets = [hook.secret];
        if (!this.fleeting) {
            t.after(() => this.remove(hook));
        }
        return { hook, receiver };
    }

    // One change of the register with one entry of the feed; its id.
    async happen() {
        const reference = `WEBHOOK-${++this.calls}`;
        const answer = await this.call('POST', '/v1/calls', { reference, body: 'congress',
            date: '2012-01-01', title_en: 'A call', title_fr: 'Un appel', asks_for: ['consent'],
            asks_en: 'To ratify.', asks_fr: 'De ratifier.', verification: 'single_source',
            sources: [source] });
        assert.equal(answer.status, 201, answer.text);
        return sql(this.register.database,
            `select id from register.change where reference = '${reference}'`);
    }

    // Waits for the outcome of an attempt.
    // While the database comes back a read may still be refused.
    settled(hook, delivery, number = 1) {
        return eventually(`attempt ${number} of ${delivery}`, async () =>
            (await this.get(`${hook.address}/deliveries?limit=500`)).body.items?.find((item) =>
                item.delivery === delivery && item.number === number
                && item.outcome !== 'under_way'));
    }

    // Sends a test delivery, and waits for its outcome.
    async tried(hook) {
        const { status, body } = await this.call('POST', `${hook.address}/test`);
        assert.equal(status, 202);
        return this.settled(hook, body.delivery);
    }

    async progress(hook) {
        return (await this.get(`${hook.address}/deliveries?limit=1`)).body.progress;
    }

    stop() {
        return this.register.stop();
    }
}
