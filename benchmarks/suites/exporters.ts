import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readLedger } from '@signalbox/journal/ledger';
import { rolePid } from '../../test/faults/roles.js';
import { MAIN, startAppliance } from '../../test/harness/appliance.js';
import { isBuilt } from '../../test/servers/cache.js';
import { startElasticsearch } from '../../test/servers/elasticsearch/start.js';
import { startLoki } from '../../test/servers/loki/start.js';
import { startPrometheus } from '../../test/servers/prometheus/start.js';
import { findRecipe } from '../../test/servers/recipes.js';
import type { RunningServer } from '../../test/servers/server-process.js';
import { loadProcess } from '../measure/load-process.js';
import { cpuSeconds, processTree, watch } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import { findPeer } from '../peers/find.js';
import { startOtelcolExport, type MetricsBy } from '../peers/otelcol-export.js';
import { MISSING_PEER, perMillion, type Suite } from './suite.js';

/** Long enough for what comes now and then, such as collecting garbage, to come several times. */
const ITEMS = 750_000;
/** Until V8 has compiled what is used again and again. */
const WARM_UP = 300_000;
/** What both take with ease, so that neither is measured at its wits' end. */
const RATE = 25_000;
/** The measured time is looked at in pieces too, so that a run on a busy machine shows. */
const WINDOW_MS = 5000;
const SETTLE_MS = 2000;
const IDLE_MS = 5000;
const PER_REQUEST = 500;
const AT_MOST_MS = 240_000;

interface Way {
  readonly what: string;
  /** What it speaks to the server. */
  readonly how: string;
  readonly signal: 'logs' | 'metrics';
  readonly start: () => Promise<RunningServer>;
  readonly server: string;
  /** Our section. */
  readonly ours: (url: string) => string;
  readonly theirs: (url: string) => Readonly<Record<string, unknown>>;
  /** The build of the Collector that has the exporter; another one than the usual is told in `peerName`. */
  readonly collector: 'otelcol' | 'otelcol-elasticsearch' | 'otelcol-loki';
  readonly metricsBy?: MetricsBy;
  /** What of that build receives and forgets; where there is nothing, `nop` of the usual one does. */
  readonly forgets?: Readonly<Record<string, unknown>>;
  readonly peerName: string;
  /** What the server needs before the Collector sends there; ours does it itself. */
  readonly prepare?: (url: string) => void;
}

const WAYS: readonly Way[] = [
  {
    // As many labels as ours has: a service's name and the severity. Everything else stands in the line, which is how that exporter does it.
    what: 'Loki', how: 'push, protobuf with snappy', signal: 'logs', server: 'loki', start: startLoki,
    ours: (url) => `loki: { endpoint: "${url}" }`,
    collector: 'otelcol-loki', metricsBy: 'address', forgets: { debug: { verbosity: 'basic' } },
    theirs: (url) => ({ loki: { endpoint: `${url}/loki/api/v1/push`, default_labels_enabled: { exporter: false, instance: false, job: true, level: true } } }),
    peerName: 'Collector 0.96 loki, its lines the records as JSON',
  },
  {
    what: 'Loki', how: 'its OTLP endpoint, gzip', signal: 'logs', server: 'loki', start: startLoki,
    ours: (url) => `loki: { endpoint: "${url}", encoding: otlp }`,
    collector: 'otelcol', theirs: (url) => ({ otlphttp: { endpoint: `${url}/otlp`, compression: 'gzip' } }), peerName: 'Collector otlphttp → Loki\'s OTLP endpoint, gzip',
  },
  {
    what: 'Prometheus', how: 'remote write', signal: 'metrics', server: 'prometheus', start: startPrometheus,
    ours: (url) => `prometheusremotewrite: { endpoint: "${url}" }`,
    collector: 'otelcol', theirs: (url) => ({ prometheusremotewrite: { endpoint: `${url}/api/v1/write` } }), peerName: 'Collector prometheusremotewrite',
  },
  {
    what: 'Elasticsearch', how: 'bulk', signal: 'logs', server: 'elasticsearch', start: startElasticsearch,
    ours: (url) => `elasticsearch: { endpoint: "${url}" }`,
    collector: 'otelcol-elasticsearch', theirs: (url) => ({ elasticsearch: { endpoints: [url], mapping: { mode: 'otel' }, logs_dynamic_index: { enabled: true } } }),
    prepare: installTemplates, peerName: 'Collector 0.120 elasticsearch, otel mapping',
  },
];

interface Measured {
  /** Of all processes and of the exporting one alone (null where it is not one): CPU seconds per million items. */
  readonly whole: number;
  readonly exporting: number | null;
  readonly peakBytes: number;
  /** Share of a core, of all processes and of the exporting one, before anything was sent. */
  readonly idle: number;
  readonly idleExporting: number | null;
  /** The cheapest and the dearest piece of the measured time: CPU seconds of what `exporting` is about (else all) per million items. */
  readonly windows: readonly [number, number];
}

/** Waits until so many items were delivered. @throws Error where a machine that others use is too slow for it */
async function until(items: number, delivered: () => Promise<number>): Promise<void> {
  const begun = performance.now();
  for (let there = await delivered(); there < items; there = await delivered()) {
    if (performance.now() - begun > AT_MOST_MS) throw new Error(`${there} of ${items} items were delivered within ${AT_MOST_MS / 1000} s: the exporter, or the server behind it, does not keep up`);
    await sleep(200);
  }
}

/** CPU seconds of a process and all that descend from it. */
function spent(pid: number): number {
  return cpuSeconds(processTree(pid));
}

/** Load through OTLP over gRPC without a pause, measured once warm until the destination has taken all of it. */
async function measure(target: string, signal: string, pid: number, exporting: number | null, delivered: () => Promise<number>): Promise<Measured> {
  await sleep(SETTLE_MS);
  const [idleAll, idleAlone] = [spent(pid), exporting === null ? 0 : cpuSeconds([exporting])];
  await sleep(IDLE_MS);
  const idle = (spent(pid) - idleAll) / (IDLE_MS / 1000);
  const idleExporting = exporting === null ? null : (cpuSeconds([exporting]) - idleAlone) / (IDLE_MS / 1000);
  const sending = loadProcess({ target, signal, rate: RATE, 'per-request': PER_REQUEST, senders: 4, items: WARM_UP + ITEMS, 'max-seconds': AT_MOST_MS / 1000 });
  sending.catch(() => undefined); // told where it is awaited
  await until(WARM_UP, delivered);
  const [all, alone, first] = [watch(pid), exporting === null ? null : watch(exporting), await delivered()];
  const windows = watchWindows(() => (exporting === null ? spent(pid) : cpuSeconds([exporting])));
  const { accepted, failed, errors } = await sending;
  const each = windows.stop();
  if (failed > 0) throw new Error(`${failed} items were not accepted: ${JSON.stringify(errors)}`);
  await until(accepted, delivered);
  const { cpuSeconds: whole, peakBytes } = all.stop();
  const exported = alone?.stop().cpuSeconds ?? null;
  const items = accepted - first;
  return { whole: perMillion(whole, items), exporting: exported && perMillion(exported, items), peakBytes, idle, idleExporting, windows: [Math.min(...each), Math.max(...each)] };
}

/** Cuts the time until `stop` into pieces; answers what each took per million items at the rate. */
function watchWindows(spentNow: () => number): { stop(): readonly number[] } {
  const each: number[] = [];
  let [from, before] = [performance.now(), spentNow()];
  const timer = setInterval(() => {
    const [to, after] = [performance.now(), spentNow()];
    each.push(perMillion(after - before, (RATE * (to - from)) / 1000));
    [from, before] = [to, after];
  }, WINDOW_MS);
  return {
    stop() {
      clearInterval(timer);
      return each;
    },
  };
}

async function ours(signal: Way['signal'], exporter: string): Promise<Measured> {
  const appliance = await startAppliance({
    roles: ['receive', 'deliver'],
    rest: () => `exporters: { ${exporter} }\nservice: { pipelines: { ${signal}: { receivers: [otlp], exporters: [${exporter.split(':')[0]!}] } } }\n`,
  });
  try {
    const delivered = async (): Promise<number> => {
      const [row] = await readLedger(join(appliance.dataDir, 'journal'));
      if (row && Object.keys(row.dropped).length > 0) throw new Error(`the destination refused items: ${JSON.stringify(row.dropped)}`);
      return row?.delivered ?? 0;
    };
    return await measure(appliance.grpc, signal, appliance.pid, rolePid(appliance.pid, 'deliver'), delivered);
  } finally {
    await appliance.stop();
  }
}

async function theirs(binary: string, signal: 'logs' | 'metrics', exporter: Readonly<Record<string, unknown>>, metricsBy?: MetricsBy): Promise<Measured> {
  const peer = await startOtelcolExport(binary, signal, exporter, metricsBy);
  try {
    return await measure(peer.grpc, signal, peer.pid, null, () => peer.sent());
  } finally {
    await peer.stop();
  }
}

/** The same index templates that our exporter puts in place: a server from Maven Central has none of Elastic's. */
function installTemplates(url: string): void {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-templates-'));
  const file = join(dir, 'signalbox.yaml');
  try {
    writeFileSync(file, `receivers: { otlp: {} }\nexporters: { elasticsearch: { endpoint: "${url}" } }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [elasticsearch] } } }\n`);
    execFileSync(process.execPath, [MAIN, 'elasticsearch', 'install-templates', '--config', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** A server of its own for each, so that neither finds the other's data. */
async function withServer<T>(way: Way, use: (url: string) => Promise<T>): Promise<T> {
  const server = await way.start();
  try {
    return await use(server.url);
  } finally {
    await server.stop();
  }
}

/** OTLP in, to a real destination until it has taken everything: ours with the journal in between, the Collector's from memory. */
export const exporters: Suite = {
  async run() {
    const notes: string[] = [];
    const figures: Figure[] = [];
    const plain = findPeer('otelcol');
    if (plain === null) notes.push(MISSING_PEER);
    const wanted = process.env['SIGNALBOX_BENCH_EXPORTERS']?.split(',');
    /** By build and signal. */
    const forgotten = new Map<string, number>();
    for (const way of WAYS.filter(({ server }) => wanted?.includes(server) ?? true)) {
      const { what, how, signal } = way;
      if (!isBuilt(findRecipe(way.server))) {
        notes.push(`${what} was not there: obtain it with \`npm run test:servers -- ${way.server}\``);
        continue;
      }
      const binary = findPeer(way.collector);
      const peer = plain === null || binary === null ? null : await withServer(way, (url) => {
        way.prepare?.(url);
        return theirs(binary, signal, way.theirs(url), way.metricsBy);
      });
      const forgetting = `${way.forgets ? way.collector : 'otelcol'} ${signal}`;
      if (peer !== null && !forgotten.has(forgetting)) forgotten.set(forgetting, (way.forgets ? await theirs(binary!, signal, way.forgets, way.metricsBy) : await theirs(plain!, signal, { nop: {} })).whole);
      const theirExporting = peer && peer.whole - forgotten.get(forgetting)!;
      const mine = await withServer(way, (url) => ours(signal, way.ours(url)));
      figures.push({ what: `${signal} → ${what} (${how}), exporting`, unit: 'CPU-s/M items', ours: mine.exporting ?? NaN, peer: theirExporting, peerName: `${way.peerName}, less receiving`, reach: theirExporting && theirExporting / 1.5, better: 'lower' });
      figures.push({ what: `OTLP/gRPC ${signal} → ${what} (${how}), all`, unit: 'CPU-s/M items', ours: mine.whole, peer: peer && peer.whole, peerName: way.peerName, reach: peer && peer.whole / 1.5, better: 'lower' });
      notes.push(`${what} (${how}): exporting took ${mine.windows[0].toFixed(2)} to ${mine.windows[1].toFixed(2)} in pieces of ${WINDOW_MS / 1000} s, and ${percent(mine.idleExporting ?? NaN)} of a core before anything was sent; ${megabytes(mine)} of launcher, receive and deliver`);
      notes.push(`${what} (${how}): ${peer ? `the Collector ${megabytes(peer)}, of whose CPU time receiving and forgetting is ${forgotten.get(forgetting)!.toFixed(2)}; ${peer.windows[0].toFixed(2)} to ${peer.windows[1].toFixed(2)} with that in pieces, ${percent(peer.idle)} of a core before` : `the Collector was not there: obtain it with \`npm run test:servers -- ${way.collector}\``}`);
    }
    return { figures, notes };
  },
};

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function megabytes({ peakBytes }: Measured): string {
  return `${(peakBytes / 2 ** 20).toFixed(0)} MB`;
}
