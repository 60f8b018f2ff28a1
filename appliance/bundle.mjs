// What the roles' processes load: each role's code with the libraries that it stands on in a few files, instead of a thousand and more
// that would each be looked for, read and compiled at every start. `node appliance/bundle.mjs`, after `tsc -b`. docs/decisions/0012.
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'appliance/dist');

/** Stay where they are: what finds files beside itself, native add-ons, and clients so large that only who configures them loads them. */
const external = ['@duckdb/node-bindings', 'snappy', '@platformatic/kafka', '@elastic/elasticsearch', '@signalbox/dashboards/directory'];

/** The bundle lies as deep as the appliance's own modules, so that paths from them still lead to the same place; from others they would not. */
const samePaths = {
  name: 'same-paths',
  transform(code, id) {
    const isOurs = id.startsWith(root + sep) && !id.includes(`${sep}node_modules${sep}`);
    if (isOurs && code.includes('import.meta') && dirname(dirname(id)) !== dist) throw new Error(`${id} looks for files beside itself, which a bundle moves; it belongs to the external ones in appliance/bundle.mjs`);
    return null;
  },
};

const bundle = await rolldown({
  input: { main: join(dist, 'roles/main.js') },
  platform: 'node',
  external,
  plugins: [samePaths],
  onLog: (level, log) => {
    if (level === 'warn') process.stderr.write(`${log.message}\n`);
  },
});
await bundle.write({ dir: join(dist, 'bundle'), format: 'esm', cleanDir: true, entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js', comments: { legal: true } });
await bundle.close();
