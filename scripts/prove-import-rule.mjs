// Proves that the import rule works: plants a forbidden import in each room and expects the linter to refuse it.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const plants = [
  ['signals/src/planted-import.ts', "import '@signalbox/journal/frame';\n", 'signals-imports'],
  ['journal/src/planted-import.ts', "import '@signalbox/signals/model/signal';\n", 'journal-imports'],
  ['collector/src/planted-import.ts', "import '@signalbox/query/readers';\n", 'collector-imports'],
  ['query/src/planted-import.ts', "import '@signalbox/journal/frame';\n", 'query-imports'],
  ['store/src/planted-import.ts', "import '@signalbox/query/http/jaeger/plugin';\n", 'store-takes-only-types-of-query'],
  ['agents/node/src/planted-import.ts', "import '@signalbox/collector/component';\n", 'agents-node-imports'],
  ['query/src/planted-missing.ts', "import '@signalbox/signals/model/there-is-no-such-file';\n", 'not-to-unresolvable'],
];

const cruise = () => spawnSync(process.execPath, [
  join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', '--output-type', 'json',
  'signals', 'journal', 'collector', 'query', 'store', 'appliance', 'agents',
], { cwd: root, encoding: 'utf8', maxBuffer: 256 << 20 });

let failed = false;
for (const [file, text] of plants) writeFileSync(join(root, file), text);
try {
  const found = JSON.parse(cruise().stdout).summary.violations;
  for (const [file, , rule] of plants) {
    const hit = found.some((v) => v.from === file && v.rule.name === rule);
    console.log(`${hit ? 'refused' : 'NOT REFUSED'}  ${file}  (${rule})`);
    failed ||= !hit;
  }
} finally {
  for (const [file] of plants) rmSync(join(root, file), { force: true });
}
if (failed) {
  console.error('The import rule let a forbidden import pass: see .dependency-cruiser.cjs.');
  process.exit(1);
}
