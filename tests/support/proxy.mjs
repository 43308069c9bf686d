// The proxies of docker/ in front of two replicas, with free ports and a certificate of the test's own
// in place of what they name.
//
//   const proxy = await startProxy(test, 'haproxy', [8144, 8145])    stopped with the test
//   await proxy.ask('/v1/states', { method, headers, body, plain })  over TLS, unless plain
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const example = (path) => readFileSync(new URL(`../../docker/${path}`, import.meta.url), 'utf8');

const freePort = () => new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => done(port));
    });
});

// Checks the configuration, then starts the proxy with it.
const programs = {
    haproxy: (folder, ports, replicas) => {
        const text = example('haproxy/haproxy.cfg')
            .replace('bind :80\n', `bind 127.0.0.1:${ports.plain}\n`)
            .replace('bind :443 ssl crt /etc/haproxy/register.pem',
                `bind 127.0.0.1:${ports.secure} ssl crt ${folder}/both.pem`)
            .replace('127.0.0.1:8144', `127.0.0.1:${replicas[0]}`)
            .replace('127.0.0.1:8145', `127.0.0.1:${replicas[1]}`);
        writeFileSync(`${folder}/both.pem`, readFileSync(`${folder}/register.pem`, 'utf8')
            + readFileSync(`${folder}/register.key`, 'utf8'));
        writeFileSync(`${folder}/haproxy.cfg`, text);
        execFileSync('/usr/sbin/haproxy', ['-c', '-f', `${folder}/haproxy.cfg`], { stdio: 'pipe' });
        return spawn('/usr/sbin/haproxy', ['-db', '-f', `${folder}/haproxy.cfg`]);
    },
    nginx: (folder, ports, replicas) => {
        const text = example('nginx/ets144.conf')
            .replace('listen 80;', `listen 127.0.0.1:${ports.plain};`)
            .replace('listen 443 ssl', `listen 127.0.0.1:${ports.secure} ssl`)
            .replaceAll('/etc/nginx/register', `${folder}/register`)
            .replace('127.0.0.1:8144', `127.0.0.1:${replicas[0]}`)
            .replace('127.0.0.1:8145', `127.0.0.1:${replicas[1]}`);
        const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) =>
            `${name}_temp_path ${folder}/nginx/${name};`).join(' ');
        mkdirSync(`${folder}/nginx`);
        writeFileSync(`${folder}/nginx.conf`, `daemon off; pid ${folder}/nginx/pid;
            error_log stderr; events { } http { access_log off; ${paths} ${text} }`);
        execFileSync('/usr/sbin/nginx', ['-t', '-c', `${folder}/nginx.conf`], { stdio: 'pipe' });
        return spawn('/usr/sbin/nginx', ['-c', `${folder}/nginx.conf`]);
    },
};
export const proxies = Object.keys(programs);

// Asks from another address of this machine, so that the client is not the proxy.
function ask(ports, path, { method = 'GET', headers = {}, body, plain = false } = {}) {
    return new Promise((done, failed) => {
        const request = (plain ? http : https).request({ host: '127.0.0.1',
            localAddress: '127.0.0.7', port: plain ? ports.plain : ports.secure, method, path,
            headers, rejectUnauthorized: false, agent: false }, (answer) => {
            const parts = [];
            answer.on('data', (part) => parts.push(part));
            answer.on('error', failed);
            answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers,
                text: Buffer.concat(parts).toString() }));
        });
        request.on('error', failed);
        request.end(body);
    });
}

export async function startProxy(test, name, replicas) {
    const folder = mkdtempSync('/tmp/ets144-proxy-');
    const ports = { plain: await freePort(), secure: await freePort() };
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30',
        '-subj', '/CN=register', '-keyout', `${folder}/register.key`, '-out',
        `${folder}/register.pem`], { stdio: 'pipe' });
    const proxy = programs[name](folder, ports, replicas);
    let said = '';
    proxy.stderr.on('data', (data) => { said += data; });
    const ended = new Promise((done) => { proxy.on('close', done); });
    test.after(async () => {
        proxy.kill('SIGTERM');
        await ended;
        rmSync(folder, { recursive: true });
    });
    for (let i = 0; i < 300; i++) {
        const answer = await ask(ports, '/health/ready').catch(() => null);
        if (answer?.status === 200) {
            return { ask: (path, more) => ask(ports, path, more) };
        }
        await sleep(50);
    }
    return assert.fail(said);
}
