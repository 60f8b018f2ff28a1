// Installs and builds what changed, so that `npm start` is one command. No dependencies: it runs before there are any.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installStamp = join(root, 'node_modules', '.signalbox-lock');
const buildStamp = join(root, '.build-stamp.json');

/** What each build step reads and leaves behind. */
const steps = [
  {
    name: 'packages', reads: ['signals', 'journal', 'collector', 'query', 'store', 'appliance', 'agents/node', 'dashboards', 'demo'],
    leaves: 'appliance/dist/main.js', command: [process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']],
  },
  {
    name: 'roles', reads: ['signals', 'journal', 'collector', 'query', 'store', 'appliance'],
    leaves: 'appliance/dist/bundle/main.js', command: [process.execPath, [join(root, 'appliance/bundle.mjs')]],
  },
  { name: 'agent', reads: ['signals', 'journal', 'agents/node'], leaves: 'agents/node/dist/bundle/agent.js', command: [process.execPath, [join(root, 'agents/node/bundle.mjs')]] },
  { name: 'console', reads: ['console', 'dashboards'], leaves: 'console/dist/index.html', command: ['npm', ['run', 'build', '--silent', '-w', '@signalbox/console']] },
];

function demandNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(`Signalbox needs Node.js 20.19 or newer; this is ${process.version}. Install a newer one from https://nodejs.org and try again.\n`);
  process.exit(1);
}

/** Runs `npm ci` when the lock file is not the one that was installed, then the build steps whose sources changed. */
export function prepare({ force = false, installed = false } = {}) {
  demandNode();
  const lock = digest(readFileSync(join(root, 'package-lock.json')));
  if (installed) writeFileSync(installStamp, lock);
  if (!existsSync(installStamp) || readFileSync(installStamp, 'utf8') !== lock) {
    run('Installing (once, and when the lock file changes)', 'npm', ['ci', '--no-fund', '--no-audit']);
    writeFileSync(installStamp, lock);
  }
  const built = readStamp();
  const listings = new Map();
  for (const step of steps) {
    const now = fingerprint(step.reads, lock, listings);
    if (!force && built[step.name] === now && existsSync(join(root, step.leaves))) continue;
    run(`Building ${step.name}`, ...step.command);
    built[step.name] = now;
    writeFileSync(buildStamp, JSON.stringify(built));
  }
}

function readStamp() {
  try { return JSON.parse(readFileSync(buildStamp, 'utf8')); } catch { return {}; }
}

/** Names, sizes and times of the sources; contents are not read, which keeps a start without changes at a few milliseconds. */
function fingerprint(folders, lock, listings) {
  const hash = createHash('sha256').update(lock).update(readFileSync(join(root, 'tsconfig.base.json')));
  for (const folder of folders) {
    // Most folders are read by several steps.
    if (!listings.has(folder)) listings.set(folder, listing(join(root, folder)));
    hash.update(listings.get(folder));
  }
  return hash.digest('hex');
}

function listing(folder) {
  let lines = '';
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.endsWith('.test.ts')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) lines += listing(path);
    else if (entry.isFile()) {
      const { size, mtimeMs } = statSync(path);
      lines += `${path}\0${size}\0${mtimeMs}\n`;
    }
  }
  return lines;
}

function digest(bytes) {
  return createHash('sha256').update(bytes).digest('hex');
}

function run(what, command, args) {
  const started = Date.now();
  process.stderr.write(`${what} … `);
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.status !== 0) {
    process.stderr.write(`failed\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? result.error.message + '\n' : ''}`);
    process.stderr.write(`\n\`${command.split('/').pop()} ${args.map((a) => a.replace(root + '/', '')).join(' ')}\` did not succeed; nothing was started.\n`);
    process.exit(1);
  }
  process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}
