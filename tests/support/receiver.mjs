// Receivers of webhooks. A Receiver is what a subscriber would write: each message is verified by
// the library of Standard Webhooks before anything else is done with it.
//
//   const receiver = await Receiver.start(t)         closed with the test
//   receiver.secrets = [secret]                      those of which any may have signed
//   receiver.answer = (message, response) => …       what it does with a message; default 204
//   await receiver.until(3)                          the first three messages
//
// A rogue answers any request with whatever it likes: rogue(t, (socket) => …) is its address.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../harness.mjs';

export class Receiver {
    static async start(t, { tls, address = '127.0.0.1' } = {}) {
        const receiver = new Receiver();
        const take = (request, response) => receiver.take(request, response);
        receiver.server = tls ? https.createServer(tls, take) : http.createServer(take);
        receiver.sockets = new Set();
        receiver.server.on('connection', (socket) => {
            receiver.connections++;
            receiver.sockets.add(socket);
            socket.on('close', () => receiver.sockets.delete(socket));
        });
        receiver.server.on('tlsClientError', () => {});
        await new Promise((listening) => { receiver.server.listen(0, address, listening); });
        receiver.port = receiver.server.address().port;
        receiver.url = `${tls ? 'https' : 'http'}://${address}:${receiver.port}/hook`;
        t.after(() => receiver.close());
        return receiver;
    }

    constructor() {
        this.secrets = [];
        this.messages = [];
        this.connections = 0;
        this.answer = (message, response) => { response.writeHead(204).end(); };
    }

    async take(request, response) {
        const pieces = [];
        request.on('error', () => {});
        response.on('error', () => {});
        for await (const piece of request) {
            pieces.push(piece);
        }
        const at = performance.now();
        const text = Buffer.concat(pieces).toString();
        // Those of the secrets by which it is signed: two, while one takes over from the other.
        const by = this.secrets.filter((secret) => {
            try {
                new Webhook(secret).verify(text, request.headers);
                return true;
            } catch {
                return false;
            }
        });
        const message = { id: request.headers['webhook-id'], at, by, text, body: JSON.parse(text),
            headers: request.headers, method: request.method, url: request.url };
        this.messages.push(message);
        await this.answer(message, response, request);
    }

    async until(count) {
        await eventually(() => `${this.messages.length} of ${count} messages`,
            () => this.messages.length >= count);
        return this.messages.slice(0, count);
    }

    // Of deliveries whose event is the one that they name.
    ids() {
        return this.messages.map(({ id, body }) => {
            assert.equal(body.id, id);
            return id;
        });
    }

    close() {
        this.sockets.forEach((socket) => socket.destroy());
        return new Promise((closed) => { this.server.close(closed); });
    }
}

export async function rogue(t, behave) {
    const sockets = new Set();
    const server = net.createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.once('data', () => behave(socket));
    });
    await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
    t.after(() => {
        sockets.forEach((socket) => socket.destroy());
        return new Promise((closed) => { server.close(closed); });
    });
    return `http://127.0.0.1:${server.address().port}/`;
}
