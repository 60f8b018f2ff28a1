/**
 * Measures the series store alone, without receivers. Run from the workspace's root:
 *
 *   UV_THREADPOOL_SIZE=16 node --import tsx --conditions=source store/bench/series.ts [SERIES] [SAMPLES PER SERIES]
 *
 * Prints samples per CPU second from the journal to synced blocks, bytes a sample, the time to read all of them, and look-ups of labels.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Journal } from '@signalbox/journal/journal';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { Store } from '@signalbox/store/store';
import type { StoreLogger } from '@signalbox/store/logger';

const [, , seriesCount = '10000', perSeries = '240'] = process.argv;
const SERIES = Number(seriesCount);
const STEPS = Number(perSeries);
const PER_REQUEST = 1000;
const START_MS = 1_767_000_000_000;
const INTERVAL_MS = 15_000;
const logger: StoreLogger = { debug() {}, info() {}, warn: (m, f) => console.error('warn', m, f), error: (m, f) => console.error('error', m, f) };
const context = { tenant: 'default', signal: new AbortController().signal };

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function measure(kind: string, next: (series: number, before: number) => number | bigint): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'signalbox-bench-'));
  try {
    const journal = await Journal.open({ dir: join(dir, 'journal') });
    const values = new Float64Array(SERIES);
    for (let step = 0; step < STEPS; step++) {
      const timeNs = BigInt(START_MS + step * INTERVAL_MS) * 1_000_000n;
      for (let from = 0; from < SERIES; from += PER_REQUEST) {
        const dataPoints = Array.from({ length: Math.min(PER_REQUEST, SERIES - from) }, (_, i) => {
          const series = from + i;
          const value = next(series, values[series]);
          values[series] = Number(value);
          return {
            attributes: [{ key: 'http.route', value: `/route/${series}` }, { key: 'http.request.method', value: series % 2 === 0 ? 'GET' : 'POST' }, { key: 'pod', value: `pod-${series % 100}` }],
            startNs: 0n, timeNs, flags: 0, value, exemplars: [],
          };
        });
        const metrics = [{ name: 'requests', description: 'Requests served', unit: '', metadata: [], values: { type: 'sum' as const, temporality: 2, monotonic: true, dataPoints } }];
        const resource = { attributes: [{ key: 'service.name', value: `service-${(from / PER_REQUEST) % 10}` }, { key: 'host.name', value: 'h1' }], droppedAttributesCount: 0 };
        const payload = encodeMetrics({ resourceMetrics: [{ resource, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] });
        await journal.append({ signal: 'metrics', encoding: 'otlp', origin: 'bench', tenant: 'default', items: dataPoints.length, rejected: [], receivedNs: timeNs, payload });
      }
    }
    const open = (): Promise<Store> => Store.open({ dir: join(dir, 'store'), journalDir: join(dir, 'journal'), logger, settings: { merge: { intervalMs: 200, minFiles: 2 }, retention: { ageMs: 'off' } } });
    const cpu0 = cpuSeconds();
    let store = await open();
    while (store.stats().behindBytes > 0) await sleep(5);
    const takenCpu = cpuSeconds() - cpu0;
    await store.close();
    const cpu = cpuSeconds() - cpu0;
    store = await open();
    while (store.stats().files.samples.files > 1) await sleep(50);
    const { rows, bytes } = store.stats().files.samples;
    const { series } = store.readers;
    const timed = async (work: () => Promise<unknown>): Promise<string> => {
      const before = cpuSeconds();
      const t0 = performance.now();
      await work();
      return `${(performance.now() - t0).toFixed(1)} ms (CPU ${((cpuSeconds() - before) * 1000).toFixed(0)} ms)`;
    };
    const select = { startMs: 0, endMs: Infinity, matchers: [{ name: '__name__', op: '=' as const, value: 'requests_total' }], maxSeries: 1e7, maxSamples: 1e9 };
    console.log(kind, JSON.stringify({
      samples: rows, samplesPerCpuSecond: Math.round((SERIES * STEPS) / cpu), untilVisible: Math.round((SERIES * STEPS) / takenCpu), bytesPerSample: Number((bytes / rows).toFixed(2)),
      readAllCold: await timed(() => series.select(context, select)), readAll: await timed(() => series.select(context, select)),
      labelValues: await timed(() => series.labelValues(context, 'http_route', [], 0, Infinity)),
      oneSeries: await timed(() => series.select(context, { ...select, matchers: [{ name: 'http_route', op: '=', value: '/route/7' }] })),
      byExpression: await timed(() => series.series(context, [[{ name: 'http_route', op: '=~', value: '/route/77.*' }]], 0, Infinity, 1e6)),
      rssMb: Math.round(process.memoryUsage.rss() / 1e6),
    }));
    await store.close();
    await journal.close();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const random = (most: number): number => Math.floor(Math.random() * most);
await measure('integer counters', (_, before) => BigInt(before + random(100)));
await measure('random floats', () => Math.random() * 100);
await measure('drifting floats', (_, before) => (before || 100) + Math.random() - 0.5);
