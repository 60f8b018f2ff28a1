// What an application loads: the agent with all that it stands on in a few files, instead of several hundred that would
// each be looked for, read and compiled at every start. `node agents/node/bundle.mjs`, after `tsc -b`.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const dist = join(dirname(fileURLToPath(import.meta.url)), 'dist');
const NO_EXPORTER = '\0no-exporter';

/** The SDK loads every exporter that it could make by itself. It makes none here: what exports is given to it. */
const withoutExporters = {
  name: 'without-exporters',
  resolveId: (id, importer) => (importer?.includes('/@opentelemetry/sdk-node/') && id.startsWith('@opentelemetry/exporter-') ? NO_EXPORTER : null),
  load: (id) => (id === NO_EXPORTER ? 'module.exports = {};' : null),
};

const bundle = await rolldown({
  input: { agent: join(dist, 'agent.js'), sender: join(dist, 'export/sender.js') },
  platform: 'node',
  plugins: [withoutExporters],
  onLog: (level, log) => {
    if (level === 'warn') process.stderr.write(`${log.message}\n`);
  },
});
await bundle.write({ dir: join(dist, 'bundle'), format: 'esm', cleanDir: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', comments: { legal: true } });
await bundle.close();
