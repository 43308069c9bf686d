// Cached responses beside 40 cold questions a second: attack.mjs PORT [REQUESTS]
// Prints the 99th percentile in quiet and under attack, in ms, and how many cold questions of how many
// were answered.
import { compare, percentile } from '../support/cold.mjs';

const [port, requests = '500'] = process.argv.slice(2);
const { quiet, attacked, cold } = await compare(Number(port), 40, 8, Number(requests));
const answered = cold.filter(({ status }) => status === 200).length;
console.log(percentile(quiet, 0.99).toFixed(2), percentile(attacked, 0.99).toFixed(2), answered,
    cold.length);
