import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isBuilt, serverDir } from '../../test/servers/cache.js';
import { findRecipe } from '../../test/servers/recipes.js';
import { freePort } from '../../test/servers/free-port.js';
import { startServer } from '../../test/servers/server-process.js';
import { watch, type Usage } from '../measure/processes.js';
import { startReceiveProcess } from '../measure/receive-process.js';
import type { Figure } from '../measure/report.js';
import { MISSING_PEER, type Suite } from './suite.js';

const TARGETS = 200;
const SERIES = 1000;
const INTERVAL_S = 15;
/** Every target is known after one interval; then whole intervals are measured. */
const WARM_UP_MS = (INTERVAL_S + 8) * 1000;
const MEASURED_MS = Number(process.env['SIGNALBOX_BENCH_INTERVALS'] ?? 4) * INTERVAL_S * 1000;

function run(file: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', '--conditions=source', fileURLToPath(new URL(`../loadgen/${file}`, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [chunk] = (await once(child.stdout!, 'data')) as [Buffer];
  return chunk.toString().trim();
}

async function measure(pid: number): Promise<Usage> {
  await sleep(WARM_UP_MS);
  const watching = watch(pid);
  await sleep(MEASURED_MS);
  return watching.stop();
}

async function ours(folder: string, port: string): Promise<{ usage: Usage; p99: number }> {
  mkdirSync(join(folder, 'ours'));
  const child = startReceiveProcess('scrape-main.ts', join(folder, 'ours'), port, String(TARGETS));
  await firstLine(child);
  const usage = await measure(child.pid!);
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  const { p99, down } = JSON.parse(said) as { p99: number; down: number };
  if (down > 0) throw new Error(`${down} of ${TARGETS} targets were down`);
  return { usage, p99 };
}

async function theirs(folder: string, targetPort: string): Promise<Usage | null> {
  const recipe = findRecipe('prometheus');
  if (!isBuilt(recipe)) return null;
  const jobs = Array.from({ length: TARGETS }, (_, i) => `  - {job_name: job-${i}, metrics_path: /${i}, static_configs: [{targets: ['127.0.0.1:${targetPort}']}]}`);
  writeFileSync(join(folder, 'prometheus.yml'), `global: {scrape_interval: ${INTERVAL_S}s}\nscrape_configs:\n${jobs.join('\n')}\n`);
  const port = await freePort();
  const server = await startServer({
    command: join(serverDir(recipe), 'prometheus'),
    args: [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    cwd: folder,
    logFile: join(folder, 'prometheus.log'),
    url: `http://127.0.0.1:${port}`,
    readyPath: '/-/ready',
    readyWithinMs: 30_000,
  });
  try {
    return await measure(server.pid!);
  } finally {
    await server.stop();
  }
}

/** 200 targets of 1,000 series every 15 s: ours until the samples are on disk in the journal, Prometheus' until they are in its head and log. */
export const scrape: Suite = {
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'signalbox-scrape-'));
    const targets = run('targets-main.ts', String(SERIES));
    const gone = once(targets, 'exit');
    try {
      const port = await firstLine(targets);
      const mine = await ours(folder, port);
      const peer = await theirs(folder, port);
      const share = (usage: Usage): number => (usage.cpuSeconds / (MEASURED_MS / 1000)) * 100;
      const figures: Figure[] = [
        { what: `${TARGETS} targets × ${SERIES} series every ${INTERVAL_S} s, CPU`, unit: '% of a core', ours: share(mine.usage), peer: peer && share(peer), peerName: 'Prometheus', reach: peer && share(peer), better: 'lower' },
        { what: 'scrape, p99', unit: 'ms', ours: mine.p99 * 1000, peer: null, peerName: '', reach: 800, better: 'lower' },
        { what: 'memory, peak', unit: 'MB', ours: mine.usage.peakBytes / 2 ** 20, peer: peer && peer.peakBytes / 2 ** 20, peerName: 'Prometheus', reach: null, better: 'lower' },
      ];
      return { figures, notes: peer ? [] : [MISSING_PEER] };
    } finally {
      targets.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
