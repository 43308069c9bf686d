// The dearest questions that anyone may ask and that no cache has, and how long cached responses take
// meanwhile.
import http from 'node:http';

// No two are the same: each has another known_at, or, of the feed, which has none, another State, limit
// or language.
let asked = 0;
const second = new Date().toISOString().slice(0, 19);
const moment = () => `${second}.${String(asked++).padStart(6, '0')}Z`;
const kinds = [
    () => `/v1/statistics/series?by=month&as_of=2099-12-31&known_at=${moment()}`,
    () => `/v1/states/ITA/explanation?known_at=${moment()}`,
    () => `/v1/changes.atom?limit=${100 - (asked % 50)}&lang=${asked++ % 100 < 50 ? 'en' : 'fr'}`,
];
export const coldQuestion = (number) => kinds[number % kinds.length]();

// Asks on a connection of its own; {status, headers, milliseconds}.
export function ask(port, path, agent) {
    const begun = performance.now();
    return new Promise((done, failed) => {
        http.get({ port, path, agent }, (answer) => {
            answer.resume();
            answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers,
                milliseconds: performance.now() - begun }));
        }).on('error', failed);
    });
}

const pause = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

// Sends so many cold questions a second until `over`; all answers.
export async function attack(port, rate, over) {
    const answers = [];
    for (let number = 0; !over(); number++) {
        answers.push(ask(port, coldQuestion(number), false));
        await pause(1000 / rate);
    }
    return Promise.all(answers);
}

// Polls a cached address, one request after the other, from so many connections; all answers.
export async function poll(port, path, clients, requests) {
    const one = async () => {
        const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
        const answers = [];
        for (let i = 0; i < requests; i++) {
            answers.push(await ask(port, path, agent));
            await pause(5);
        }
        agent.destroy();
        return answers;
    };
    return (await Promise.all(Array.from({ length: clients }, one))).flat();
}

export function percentile(answers, part) {
    const sorted = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

// Polls a cached address in quiet and under attack: the answers of both, and those of the attacker.
export async function compare(port, rate, clients, requests) {
    const quiet = await poll(port, '/v1/states', clients, requests);
    let over = false;
    const attacker = attack(port, rate, () => over);
    const attacked = await poll(port, '/v1/states', clients, requests);
    over = true;
    return { quiet, attacked, cold: await attacker };
}
