// The proxies of docker/ in front of two replicas, with free ports and a certificate made for the test.
//
//   const proxy = await startProxy(test, 'haproxy', [8144, 8145])    stopped with the test
//   await proxy.ask('/v1/states', { method, headers, body, plain })  over TLS, unless plain
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually } from '../harness.mjs';

const docker = new URL('../../docker/', import.meta.url);

const freePort = () => new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => done(port));
    });
});

// Checks the configuration, then starts the proxy with it.
const programs = {
    haproxy: (folder, ports, replicas) => {
        const file = fileURLToPath(new URL('haproxy/haproxy.cfg', docker));
        writeFileSync(`${folder}/both.pem`, readFileSync(`${folder}/register.pem`, 'utf8')
            + readFileSync(`${folder}/register.key`, 'utf8'));
        const env = { ...process.env, PROXY_PLAIN: `127.0.0.1:${ports.plain}`,
            PROXY_SECURE: `127.0.0.1:${ports.secure}`, PROXY_CERTIFICATE: `${folder}/both.pem`,
            REPLICA_1: `127.0.0.1:${replicas[0]}`, REPLICA_2: `127.0.0.1:${replicas[1]}` };
        execFileSync('/usr/sbin/haproxy', ['-c', '-f', file], { stdio: 'pipe', env });
        return spawn('/usr/sbin/haproxy', ['-db', '-f', file], { env });
    },
    nginx: (folder, ports, replicas) => {
        const text = readFileSync(new URL('nginx/ets144.conf', docker), 'utf8')
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

// Sends a request from another address of this machine, so that client and proxy differ.
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
    await eventually(() => `${name} answers; it said:\n${said}`, async () =>
        (await ask(ports, '/health/ready').catch(() => null))?.status === 200);
    return { ask: (path, more) => ask(ports, path, more) };
}
