import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startAppliance } from '../../../test/harness/appliance.js';
import { serverDir } from '../../../test/servers/cache.js';
import { findRecipe } from '../../../test/servers/recipes.js';
import { freePort } from '../../../test/servers/free-port.js';
import { startServer } from '../../../test/servers/server-process.js';
import { Side } from '../../../test/sidebyside/sides.js';
import { cpuSeconds, processTree, watch } from '../../measure/processes.js';

export interface Stalls {
  readonly allMs: number;
  /** Without the time that the thread waited for a core. */
  readonly ownMs: number;
}

/** One of the two that are measured: with Prometheus' API, remote write and OTLP. */
export interface Contestant {
  readonly name: string;
  readonly side: Side;
  readonly pid: number;
  /** Posts an ExportMetricsServiceRequest; settles when it was acknowledged. */
  otlp(payload: Uint8Array): Promise<void>;
  /** Until everything that was taken is visible and work in the background has ended. */
  settled(): Promise<void>;
  /** Bytes of all samples on disk, with their index. */
  storedBytes(): Promise<number>;
  /** The event loop's longest stalls between two times (Unix milliseconds); null where there is none to look at. */
  longestStalls(fromMs: number, toMs: number): Stalls | null;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 500;
/** Calm looks in a row after which nothing goes on any more. */
const CALM_LOOKS = 6;
const CALM_CPU_SECONDS = 0.04;
const SETTLE_AT_MOST_MS = 120_000;
const PROBE = fileURLToPath(new URL('../../measure/event-loop-probe.mjs', import.meta.url));

/** The store through its roles receive and serve. `env`: further settings; `probed`: its event loops are watched, which costs CPU. */
export async function startOurs(env: NodeJS.ProcessEnv = {}, probed = false): Promise<Contestant> {
  const probeDir = mkdtempSync(join(tmpdir(), 'signalbox-probe-'));
  const probe = join(probeDir, 'stalls');
  const appliance = await startAppliance({
    receivers: 'prometheusremotewrite: {}',
    env: { SIGNALBOX_STORE_RETENTION_AGE: 'off', ...(probed ? { NODE_OPTIONS: `--import=${PROBE}`, EVENT_LOOP_PROBE: probe } : {}), ...env },
    rest: () => 'exporters: { store: {} }\nservice: { pipelines: { metrics: { receivers: [otlp, prometheusremotewrite], exporters: [store] } } }\n',
  });
  return {
    name: 'signalbox', side: new Side('signalbox', `${appliance.url}/prometheus`), pid: appliance.pid,
    otlp: (payload) => post(`${appliance.http}/v1/metrics`, payload),
    settled: () => settled(appliance.pid, async () => {
      const status = (await (await fetch(`${appliance.url}/api/v1/status`)).json()) as { readonly journal: { readonly behindBytes: number } };
      return status.journal.behindBytes === 0;
    }),
    async storedBytes() {
      // What is in memory and in no block yet is still queued for the store's reader.
      for (const startedMs = performance.now(); (await queuedForStore(appliance.url)) > 0; await sleep(LOOK_EVERY_MS)) {
        if (performance.now() - startedMs > SETTLE_AT_MOST_MS) throw new Error('samples did not come to be in blocks');
      }
      return folderBytes(join(appliance.dataDir, 'store', 'samples'));
    },
    longestStalls: (fromMs, toMs) => (probed ? readStalls(`${probe}.serve`, fromMs, toMs) : null),
    async stop() {
      await appliance.stop();
      rmSync(probeDir, { recursive: true, force: true });
    },
  };
}

async function queuedForStore(url: string): Promise<number> {
  const { rows } = (await (await fetch(`${url}/api/v1/ledger`)).json()) as { readonly rows: readonly { readonly reader: string; readonly queued: number }[] };
  return rows.filter(({ reader }) => reader === 'store').reduce((sum, { queued }) => sum + queued, 0);
}

/** A real Prometheus that takes samples of any time, remote write and OTLP. */
export async function startPeer(): Promise<Contestant> {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-prometheus-'));
  const data = join(dir, 'tsdb');
  mkdirSync(data);
  writeFileSync(join(dir, 'prometheus.yml'), 'global: {scrape_interval: 1h}\nstorage:\n  tsdb: {out_of_order_time_window: 100y}\n');
  const port = await freePort();
  const server = await startServer({
    command: join(serverDir(findRecipe('prometheus')), 'prometheus'),
    args: [
      `--config.file=${join(dir, 'prometheus.yml')}`, `--storage.tsdb.path=${data}`, '--storage.tsdb.retention.time=200y', `--web.listen-address=127.0.0.1:${port}`, '--log.level=warn',
      '--web.enable-remote-write-receiver', '--web.enable-otlp-receiver', '--web.enable-admin-api', '--enable-feature=promql-experimental-functions,promql-duration-expr',
    ],
    cwd: dir, logFile: join(dir, 'prometheus.log'), url: `http://127.0.0.1:${port}`, readyPath: '/-/ready', readyWithinMs: 60_000,
  });
  const pid = server.pid ?? 0;
  return {
    name: 'Prometheus 3.15', side: new Side('Prometheus', server.url), pid,
    otlp: (payload) => post(`${server.url}/api/v1/otlp/v1/metrics`, payload),
    settled: () => settled(pid, () => Promise.resolve(true)),
    /** Of a snapshot, in which all of the head is a block. */
    async storedBytes() {
      const response = await fetch(`${server.url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
      const { data: { name } } = (await response.json()) as { readonly data: { readonly name: string } };
      const bytes = folderBytes(join(data, 'snapshots', name));
      rmSync(join(data, 'snapshots', name), { recursive: true });
      return bytes;
    },
    longestStalls: () => null,
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** CPU milliseconds of all processes of one while `work` goes on. */
export async function cpuMs({ pid }: Contestant, work: () => Promise<unknown>): Promise<number> {
  const before = cpuSeconds(processTree(pid));
  await work();
  return (cpuSeconds(processTree(pid)) - before) * 1000;
}

async function post(url: string, payload: Uint8Array): Promise<void> {
  const response = await fetch(url, { method: 'POST', body: new Uint8Array(payload), headers: { 'content-type': 'application/x-protobuf' } });
  const text = await response.arrayBuffer();
  if (!response.ok) throw new Error(`${url} refused with ${response.status}: ${Buffer.from(text).toString()}`);
}

async function settled(pid: number, caughtUp: () => Promise<boolean>): Promise<void> {
  const started = performance.now();
  for (let calm = 0; calm < CALM_LOOKS && performance.now() - started < SETTLE_AT_MOST_MS;) {
    const watching = watch(pid);
    await sleep(LOOK_EVERY_MS);
    const { cpuSeconds: used } = watching.stop();
    calm = used < CALM_CPU_SECONDS && (await caughtUp()) ? calm + 1 : 0;
  }
}

/** What the probe of the event loop wrote, a line a second. */
function readStalls(file: string, fromMs: number, toMs: number): Stalls {
  const seconds = readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number) as [number, number, number]).filter(([at]) => at >= fromMs && at <= toMs);
  return { allMs: Math.max(...seconds.map(([, all]) => all)), ownMs: Math.max(...seconds.map(([, , own]) => own)) };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
