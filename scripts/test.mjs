// `npm test`: installs and builds what changed, runs every suite with what is there, names what it skipped and how to get it.
//   npm test                      all
//   npm test -- unit integrations some groups
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

/**
 * In the order in which a person would want to hear of a failure. What is in lists beside each other runs at the same time, always in the
 * same processes, so that random data stays what it is. Each of them starts its servers one after another.
 */
const groups = {
  unit: [['{appliance,collector,console,dashboards,demo,journal}/src/**/*.test.ts'], ['{query,signals,store}/src/**/*.test.ts', 'agents/*/src/**/*.test.ts', 'benchmarks/**/*.test.ts']],
  contracts: [['test/contracts/**/*.test.ts']],
  conformance: [['test/conformance/**/*.test.ts']],
  appliance: [['test/appliance/**/*.test.ts']],
  compose: [['test/compose/**/*.test.ts']],
  integrations: [['test/integrations/**/*.test.ts'], ['test/sidebyside/**/*.test.ts']],
  console: [['test/console/**/*.test.ts']],
  journeys: [['test/journeys/**/*.test.ts']],
  faults: [['test/faults/**/*.test.ts']],
};

/** Servers, browsers and other processes answer when they can: a test that fails in CI is tried once more, and is named if that helped. */
const retries = process.env.CI === undefined ? 0 : 1;

prepare();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((g) => !(g in groups));
if (unknown.length > 0) {
  console.error(`There is no group ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-'));
const total = { passed: 0, failed: 0, skipped: [], flaky: [] };
let broken = false;
for (const [group, lanes] of Object.entries(groups)) {
  if (wanted.length > 0 && !wanted.includes(group)) continue;
  const started = Date.now();
  process.stdout.write(`${group}\n`);
  const lines = (await Promise.all(lanes.map((specs, lane) => run(specs, lane, join(folder, `${group}-${lane}.jsonl`))))).flat();
  const sum = lines.reduce((a, l) => ({ passed: a.passed + l.passed, failed: a.failed + l.failed, skipped: [...a.skipped, ...l.skipped], flaky: [...a.flaky, ...l.flaky] }), { passed: 0, failed: 0, skipped: [], flaky: [] });
  total.passed += sum.passed;
  total.failed += sum.failed;
  total.skipped.push(...sum.skipped);
  total.flaky.push(...sum.flaky);
  process.stdout.write(`  ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped.length} skipped in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
}
rmSync(folder, { recursive: true, force: true });

if (total.skipped.length > 0) {
  process.stdout.write('\nSkipped:\n' + total.skipped.map((t) => `  ${t}\n`).join(''));
  process.stdout.write('Real servers come by `npm run test:servers`, a browser as the package `chromium` (or CHROMIUM_PATH); docs/testing.md tells more.\n');
}
if (total.flaky.length > 0) process.stdout.write('\nTried twice:\n' + total.flaky.map((t) => `  ${t}\n`).join(''));
if (broken) total.failed += 1;
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped\n`);
process.exit(total.failed > 0 ? 1 : 0);

/** Runs files in a process of their own; answers what its reporter counted, in parts. */
async function run(specs, lane, counts) {
  const mocha = spawn(process.execPath, [
    join(root, 'node_modules/mocha/bin/mocha.js'), '--no-config', '--node-option', 'import=tsx', '--node-option', 'conditions=source',
    '--require', join(root, 'scripts/fast-check-seed.mjs'), '--timeout', '180000', '--reporter', join(root, 'scripts/mocha-reporter.cjs'), '--exit',
    '--retries', String(retries), ...specs,
  ], { cwd: root, stdio: 'inherit', env: { ...process.env, SIGNALBOX_TEST_COUNTS: counts, SIGNALBOX_TEST_LANE: String(lane) } });
  const [code, signal] = await once(mocha, 'close');
  const parts = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
  if (parts.length === 0) process.stdout.write(`  the run ended with ${signal ?? `code ${code}`} before it reported\n`);
  // A run that never reported has died, or failed without a test that did; neither is a suite that passed.
  if (parts.length === 0 || (code !== 0 && parts.every(({ failed }) => failed === 0))) broken = true;
  return parts;
}
