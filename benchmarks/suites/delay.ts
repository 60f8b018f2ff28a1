import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { rolePid } from '../../test/faults/roles.js';
import { startAppliance, type RunningAppliance } from '../../test/harness/appliance.js';
import { isBuilt } from '../../test/servers/cache.js';
import { startPrometheus } from '../../test/servers/prometheus/start.js';
import { findRecipe } from '../../test/servers/recipes.js';
import { diskWrites } from '../measure/disk-writes.js';
import { loadProcess } from '../measure/load-process.js';
import { handedOverBytes, processTree, residentBytes } from '../measure/processes.js';
import type { Figure } from '../measure/report.js';
import type { Suite } from './suite.js';

const RATE = 10_000;
const PER_REQUEST = 500;
/** What an SDK's batch of a small service has. */
const SMALL_REQUEST = 50;
const WARM_UP_S = 8;
const PROBES = Number(process.env['SIGNALBOX_BENCH_PROBES'] ?? 80);
const PROBE_EVERY_MS = 200;
const ASK_EVERY_MS = 10;
const GIVE_UP_MS = 20_000;
const JOURNAL_ITEMS = 200_000;
const SEGMENT = 16 * 2 ** 20;
const IDLE_S = 20;

type Fault = 'none' | 'dead' | 'slow' | 'full';

/** A second destination of the same signal: it takes everything, or is dead, slow or full. */
async function secondDestination(): Promise<{ readonly url: string; set(fault: Fault): void; close(): Promise<void> }> {
  let fault: Fault = 'none';
  const server = createServer((request, response) => {
    if (fault === 'dead') return void request.socket.destroy();
    request.resume().on('end', () => {
      if (fault === 'full') return void response.writeHead(429, { 'retry-after': '1' }).end('no room');
      setTimeout(() => response.writeHead(200).end(), fault === 'slow' ? 5000 : 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next) => { fault = next; },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

/** Milliseconds from the sending of a point to the first query that shows it. */
async function probe(http: string, prometheus: string, n: number): Promise<number> {
  const sent = performance.now();
  const timeNs = BigInt(Date.now()) * 1_000_000n;
  const body = encodeMetrics({ resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: 'delay-probe' }], droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [
    { name: 'delay_probe', description: '', unit: '', metadata: [], values: { type: 'gauge', dataPoints: [{ attributes: [{ key: 'n', value: String(n) }], startNs: 0n, timeNs, flags: 0, value: n, exemplars: [] }] } },
  ] }] }] });
  const answer = await fetch(`${http}/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: body as Uint8Array<ArrayBuffer> });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the probe was answered with ${answer.status}`);
  const query = `${prometheus}/api/v1/query?query=${encodeURIComponent(`delay_probe{n="${n}"}`)}`;
  for (;;) {
    const { data } = (await (await fetch(query)).json()) as { data: { result: unknown[] } };
    const tookMs = performance.now() - sent;
    if (data.result.length > 0) return tookMs;
    if (tookMs > GIVE_UP_MS) return tookMs;
    await sleep(ASK_EVERY_MS);
  }
}

let probes = 0;

/** Delays of many probes while the load runs beside them. */
async function delays(appliance: RunningAppliance, prometheus: string): Promise<readonly number[]> {
  const seconds = WARM_UP_S + Math.ceil((PROBES * PROBE_EVERY_MS) / 1000) + 3;
  const load = loadProcess({ target: appliance.grpc, signal: 'metrics', items: RATE * seconds, rate: RATE, 'per-request': PER_REQUEST, senders: 4, services: 5 });
  await sleep(WARM_UP_S * 1000);
  const all: Promise<number>[] = [];
  for (let i = 0; i < PROBES; i++) {
    all.push(probe(appliance.http, prometheus, ++probes));
    await sleep(PROBE_EVERY_MS);
  }
  const taken = await Promise.all(all);
  const { failed } = await load;
  if (failed > 0) throw new Error(`${failed} points were not accepted`);
  return taken.sort((a, b) => a - b);
}

function p99(sorted: readonly number[]): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))]!;
}

/** OTLP in → to be queried in a real Prometheus, alone and beside a destination that fails. */
async function queryable(figures: Figure[], notes: string[]): Promise<void> {
  if (!isBuilt(findRecipe('prometheus'))) return void notes.push('Prometheus was not there: obtain it with `npm run test:servers -- prometheus`');
  const [prometheus, second] = [await startPrometheus(), await secondDestination()];
  const appliance = await startAppliance({
    roles: ['receive', 'deliver'],
    rest: () => `exporters: { prometheusremotewrite: { endpoint: "${prometheus.url}" }, otlphttp: { endpoint: "${second.url}", timeout: 30s } }
service: { pipelines: { metrics: { receivers: [otlp], exporters: [prometheusremotewrite, otlphttp] } } }
`,
  });
  try {
    const before = await delays(appliance, prometheus.url);
    figures.push({ what: `OTLP in → queryable in Prometheus, ${RATE} points/s, p99`, unit: 'ms', ours: p99(before), peer: null, peerName: '', reach: 1500, better: 'lower' });
    notes.push(`queryable: median ${before[before.length >> 1]!.toFixed(0)} ms, worst ${before.at(-1)!.toFixed(0)} ms of ${before.length}`);
    for (const fault of ['dead', 'slow', 'full'] as const) {
      second.set(fault);
      const during = await delays(appliance, prometheus.url);
      figures.push({ what: `the same while another destination is ${fault}, p99`, unit: 'ms', ours: p99(during), peer: p99(before), peerName: 'before', reach: p99(before) * 1.1, better: 'lower' });
      notes.push(`${fault}: median ${during[during.length >> 1]!.toFixed(0)} ms, worst ${during.at(-1)!.toFixed(0)} ms`);
    }
  } finally {
    await appliance.stop();
    await second.close();
    await prometheus.stop();
  }
}

/** Bytes written for each byte of OTLP that was accepted. */
interface WrittenPerByte {
  /** By the disk; or why that cannot be told. */
  readonly disk: number | string;
  /** By `receive` to the system. */
  readonly handedOver: number;
  readonly background: string;
}

/** What receiving a load writes: with segments that are used again, and while the journal grows. */
async function written(kind: 'recycled' | 'backlog', perRequest: number): Promise<WrittenPerByte> {
  const second = await secondDestination();
  if (kind === 'backlog') second.set('dead');
  const appliance = await startAppliance({
    roles: ['receive', 'deliver'],
    rest: () => `journal: { segment_bytes: ${SEGMENT} }
exporters: { otlphttp: { endpoint: "${second.url}" } }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlphttp] } } }
`,
  });
  try {
    const load = { target: appliance.grpc, signal: 'traces', rate: 20_000, 'per-request': perRequest };
    if (kind === 'recycled') await loadProcess({ ...load, items: JOURNAL_ITEMS });
    const receive = rolePid(appliance.pid, 'receive')!;
    const before = handedOverBytes(receive);
    let accepted = 0;
    const disk = await diskWrites(appliance.dataDir, async () => {
      const { bytes, failed } = await loadProcess({ ...load, items: JOURNAL_ITEMS });
      if (failed > 0) throw new Error(`${failed} spans were not accepted`);
      accepted = bytes;
      await sleep(1000);
    });
    return {
      disk: typeof disk === 'string' ? disk : disk.bytes / accepted,
      handedOver: (handedOverBytes(receive) - before) / accepted,
      background: typeof disk === 'string' ? '' : disk.background.map((bytes) => `${(bytes / 1000).toFixed(0)} kB/s`).join(' before, ') + ' after',
    };
  } finally {
    await appliance.stop();
    await second.close();
  }
}

async function journalWrites(figures: Figure[], notes: string[]): Promise<void> {
  for (const [kind, perRequest, reach] of [['recycled', PER_REQUEST, 1.2], ['backlog', PER_REQUEST, 2.2], ['recycled', SMALL_REQUEST, null]] as const) {
    const { disk, handedOver, background } = await written(kind, perRequest);
    const what = `journal written per byte accepted, ${kind}, ${perRequest} spans a request`;
    if (typeof disk === 'string') notes.push(disk);
    else {
      figures.push({ what: `${what}: by the disk`, unit: '×', ours: disk, peer: null, peerName: '', reach, better: 'lower' });
      notes.push(`${what}: the disk wrote besides ${background}`);
    }
    figures.push({ what: `${what}: as handed over`, unit: '×', ours: handedOver, peer: null, peerName: '', reach: null, better: 'lower' });
  }
}

const RECEIVERS = 'loki: {}, zipkin: { endpoint: "127.0.0.1:0" }, prometheusremotewrite: {}, prometheus: { config: { scrape_configs: [] } }, hostmetrics: {}, filelog: { include: ["/nowhere/*.log"] }, syslog: { tcp: { listen_address: "127.0.0.1:0" } }, filelog/second: { include: ["/nowhere/*.txt"] }, hostmetrics/second: {}';

/** Launcher, receive and deliver with ten receivers to which nobody sends. */
async function idle(): Promise<{ readonly bytes: number; readonly receivers: number }> {
  const second = await secondDestination();
  const appliance = await startAppliance({
    roles: ['receive', 'deliver'],
    receivers: RECEIVERS,
    rest: () => `exporters: { otlphttp: { endpoint: "${second.url}" } }
service: { pipelines: { traces: { receivers: [otlp, zipkin], exporters: [otlphttp] }, logs: { receivers: [otlp, loki, filelog, filelog/second, syslog], exporters: [otlphttp] }, metrics: { receivers: [otlp, prometheusremotewrite, prometheus, hostmetrics, hostmetrics/second], exporters: [otlphttp] } } }
`,
  });
  try {
    await sleep(IDLE_S * 1000);
    return { bytes: processTree(appliance.pid).reduce((sum, pid) => sum + residentBytes(pid), 0), receivers: 1 + RECEIVERS.split(/, (?=[a-z/]+: \{)/).length };
  } finally {
    await appliance.stop();
    await second.close();
  }
}

/** How late data is, whom a failing destination harms, what the journal writes, and what waiting costs. */
export const delay: Suite = {
  async run() {
    const figures: Figure[] = [];
    const notes: string[] = [];
    const wanted = process.env['SIGNALBOX_BENCH_DELAY']?.split(',');
    const wants = (part: string): boolean => wanted?.includes(part) ?? true;
    if (wants('queryable')) await queryable(figures, notes);
    if (wants('journal')) await journalWrites(figures, notes);
    if (wants('idle')) {
      const { bytes, receivers } = await idle();
      figures.push({ what: `launcher, receive and deliver, ${receivers} receivers idle`, unit: 'MB', ours: bytes / 2 ** 20, peer: null, peerName: '', reach: 120, better: 'lower' });
    }
    return { figures, notes };
  },
};
