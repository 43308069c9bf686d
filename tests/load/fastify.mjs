// The same list from the same database with the same statement, as a Fastify 5 service with pg has it.
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import pg from 'pg';

const [port, socket] = process.argv.slice(2);
const pool = new pg.Pool({ host: socket, database: 'ets144', user: 'ets144_service', max: 4,
    options: '-c jit=off -c plan_cache_mode=force_generic_plan' });
const parameters = [];
const text = readFileSync(new URL('../../sql/queries/states.sql', import.meta.url), 'utf8')
    .replace(/:'(\w+)'/g, (_, name) => {
        if (!parameters.includes(name)) {
            parameters.push(name);
        }
        return `$${parameters.indexOf(name) + 1}`;
    });
const today = new Date().toISOString().slice(0, 10);
const values = { as_of: today, known_at: new Date().toISOString(), lang: 'en' };
const app = Fastify();
app.get('/v1/states', async () => {
    const { rows } = await pool.query({ name: 'states', text,
        values: parameters.map((name) => values[name] ?? null) });
    return { as_of: today, items: rows };
});
await app.listen({ port: Number(port), host: '127.0.0.1' });
