// Does what the README tells a new user: a fresh clone, `npm start`, then `npm run demo`; each must become ready and stop on Ctrl-C.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from './prepare.mjs';

/** So long a slow machine may take. */
const READY_WITHIN_MS = 300_000;
const STOP_WITHIN_MS = 90_000;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-readme-'));
const clone = join(folder, 'signalbox');
const done = spawnSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' });
if (done.status !== 0) process.exit(1);

/** What is running now; ended with this script, by whatever signal. */
let running = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    if (running !== null && running.exitCode === null) process.kill(-running.pid, 'SIGINT');
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  });
}

async function attempt(script, until, atMostMs) {
  const started = Date.now();
  const child = spawn('npm', ['run', '--silent', script], { cwd: clone, detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SIGNALBOX_DATA: join(folder, `data-${script}`) } });
  running = child;
  let output = '';
  child.stdout.on('data', (c) => { output += c; });
  child.stderr.on('data', (c) => { output += c; });
  const gone = new Promise((resolve) => child.on('exit', resolve));
  let ready = false;
  let acceptedMs = null;
  while (!ready && Date.now() - started < atMostMs && child.exitCode === null) {
    if (acceptedMs === null && (await accepts().catch(() => false))) acceptedMs = Date.now() - started;
    ready = await until(output).catch(() => false);
    await sleep(20);
  }
  const seconds = ((Date.now() - started) / 1000).toFixed(2);
  process.kill(-child.pid, 'SIGINT');
  let hard;
  const stuck = new Promise((_resolve, reject) => {
    hard = setTimeout(() => {
      process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`npm run ${script} did not stop within ${STOP_WITHIN_MS / 1000} s of Ctrl-C:\n${output}`));
    }, STOP_WITHIN_MS);
  });
  await Promise.race([gone, stuck]);
  clearTimeout(hard);
  if (!ready) throw new Error(`npm run ${script} was not ready after ${seconds} s:\n${output}`);
  console.log(`npm run ${script}: data accepted after ${acceptedMs === null ? '?' : (acceptedMs / 1000).toFixed(2)} s, ready after ${seconds} s`);
}

/** Whether OTLP is acknowledged. */
const accepts = async () => (await fetch('http://127.0.0.1:4318/v1/logs', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"resourceLogs":[]}' })).ok;
const answers = async (url, has) => { const r = await fetch(url); return r.ok && (has === undefined || (await r.text()).includes(has)); };
try {
  await attempt('start', () => answers('http://127.0.0.1:4319/readyz'), READY_WITHIN_MS);
  await attempt('start', () => answers('http://127.0.0.1:4319/readyz'), READY_WITHIN_MS);
  await attempt('demo', () => answers('http://127.0.0.1:4319/jaeger/api/services', 'storefront'), READY_WITHIN_MS);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
