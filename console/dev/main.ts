// `npm run fixtures -w @signalbox/console -- [port] [--empty] [--token TOKEN]`: the page and its APIs over example data.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startFixture } from './server.js';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { empty: { type: 'boolean', default: false }, token: { type: 'string' } } });
const fixture = await startFixture({
  port: Number(positionals[0] ?? 4319), dist: fileURLToPath(new URL('../dist', import.meta.url)), empty: values.empty, ...(values.token === undefined ? {} : { token: values.token }),
});
console.log(`${fixture.url} (example data)`);
