// `npm run bench -- ingest`: builds what changed, then measures. Without a name it lists the suites.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const run = spawnSync(process.execPath, ['--import', 'tsx', '--conditions=source', join(root, 'benchmarks/main.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(run.status ?? 1);
