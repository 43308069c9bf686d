// The figures of a soak as a section of tests/load/RESULTS.md, between marks; `make bench` leaves it
// there, as this leaves the rest.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';

const results = new URL('../load/RESULTS.md', import.meta.url);
const marks = ['<!-- soak -->', '<!-- end of soak -->'];

const whole = (number) => number.toLocaleString('en').replaceAll(',', ' ');
const change = (before, now) => `${((now / before - 1) * 100).toFixed(2)} %`;

function rows({ name, first, last }) {
    const row = (what, of, unit = '') =>
        `| ${name} | ${what} | ${whole(of(first))}${unit} | ${whole(of(last))}${unit} | ${change(of(first), of(last))} |`;
    return [row('heap in use', ({ heap }) => heap, ' KiB'),
        row('anonymous memory', ({ anonymous }) => anonymous, ' KiB'),
        row('descriptors', ({ descriptors }) => descriptors),
        row('threads', ({ threads }) => threads)];
}

function section(figures) {
    const { first, last } = figures.replicas[0];
    return `## ${whole(figures.requests)} requests

\`make soak\` wrote this on ${new Date().toISOString().slice(0, 10)}: ${cpus()[0].model}, ${cpus().length} cores,
Linux ${release()}; ${execFileSync('psql', ['--version'], { encoding: 'utf8' }).trim()}. Two replicas on a primary with a
synchronous standby; clients and servers on the same cores; ${whole(Math.round(figures.seconds))} seconds.

- ${whole(figures.requests)} requests after a warm-up of ${whole(figures.all - figures.requests)}; ${whole(figures.unchanged)} of all were answered 304.
- ${figures.failOvers} fail-overs, and as often: every connection cut, the primary and the standby restarted.
- ${whole(figures.writes)} writes acknowledged after ${whole(figures.repeated)} repetitions, each there once; ${figures.imports} imports.
- ${whole(figures.changes)} entries of the change feed at each follower; ${whole(figures.deliveries)} deliveries to a webhook.
- ${whole(figures.unavailable)} responses 503 to requests that the cache could not serve; none to others. ${whole(figures.vanished)} clients vanished half-way.
- Connections of both replicas to the database: ${first.connections}, then ${last.connections}.

| replica | at rest | after the warm-up | in the end | change |
| --- | --- | --- | --- | --- |
${figures.replicas.flatMap(rows).join('\n')}

The heap in use at each rest, in KiB, the ${figures.rests.length - figures.rounds} of the warm-up first:
${figures.replicas.map(({ name }, number) => `${name} ${figures.rests.map((samples) => samples[number].heap).join(', ')}`).join('; ')}.
`;
}

export function writeReport(figures) {
    const old = readFileSync(results, 'utf8');
    const start = old.indexOf(marks[0]);
    const end = old.indexOf(marks[1]) + marks[1].length;
    const others = start < 0 ? `${old.trimEnd()}\n\n` : old.slice(0, start);
    const rest = start < 0 ? '\n' : old.slice(end);
    writeFileSync(results, `${others}${marks[0]}\n${section(figures)}${marks[1]}${rest}`);
}
