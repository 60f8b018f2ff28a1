import assert from 'node:assert/strict';
import { countSamples } from '@signalbox/signals/prometheus/remote-write/count';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import type { WriteRequest } from '@signalbox/signals/prometheus/remote-write/types';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { Metric, MetricsData } from '@signalbox/signals/model/metric';
import { StoreFixture, context } from '@signalbox/store/store-fixture.test';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { compressSync } from 'snappy';
import { requireOwnServer } from '../../servers/require-server.js';
import type { RunningServer } from '../../servers/server-process.js';
import { startWholePrometheus } from '../../sidebyside/prometheus.js';

const T0 = Math.floor(Date.now() / 60_000) * 60_000 - 900_000;
const STEP_MS = 15_000;
const STEPS = 30;
/** From here on the process is another one, whose counters began between two points. */
const RESTART = 17;

type Way = 'otlp' | 'remote write';

const WRITE = { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request', 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '2.0.0' };

const ns = (ms: number): bigint => BigInt(ms) * 1_000_000n;

/** One request of a process: counters, histograms of both kinds, and one that says no start. */
function request(step: number): MetricsData {
  const since = step < RESTART ? 0 : RESTART;
  const startMs = since === 0 ? T0 - 5000 : T0 + RESTART * STEP_MS - 4000;
  const count = step - since + 1;
  const point = <T extends object>(extra: T) => ({ attributes: [{ key: 'route', value: '/a' }], startNs: ns(startMs), timeNs: ns(T0 + step * STEP_MS), flags: 0, exemplars: [], ...extra });
  const metric = (name: string, values: Metric['values']): Metric => ({ name, description: '', unit: '', metadata: [], values });
  const buckets = [BigInt(count), BigInt(2 * count), 0n];
  const metrics = [
    metric('requests', { type: 'sum', temporality: 2, monotonic: true, dataPoints: [point({ value: BigInt(count * 3) })] }),
    metric('open', { type: 'sum', temporality: 2, monotonic: false, dataPoints: [point({ value: 2.5 })] }),
    metric('startless', { type: 'sum', temporality: 2, monotonic: true, dataPoints: [point({ value: BigInt(count), startNs: 0n })] }),
    metric('old', { type: 'sum', temporality: 2, monotonic: true, dataPoints: [point({ value: BigInt(step + 1), startNs: ns(T0 - 86_400_000) })] }),
    metric('latency', { type: 'histogram', temporality: 2, dataPoints: [point({ count: BigInt(3 * count), sum: count * 1.5, min: null, max: null, bucketCounts: buckets, explicitBounds: [0.5, 2] })] }),
    metric('size', {
      type: 'exponentialHistogram', temporality: 2,
      dataPoints: [point({ count: BigInt(3 * count), sum: count * 4, min: null, max: null, scale: 1, zeroCount: 0n, zeroThreshold: 0, positive: { offset: 0, bucketCounts: [BigInt(count), BigInt(2 * count)] }, negative: null })],
    }),
  ] as Metric[];
  return { resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: 'shop' }], droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] };
}

/** The same by remote write 2: a counter and a native histogram. */
function write(step: number): WriteRequest {
  const since = step < RESTART ? 0 : RESTART;
  const startMs = since === 0 ? T0 - 5000 : T0 + RESTART * STEP_MS - 4000;
  const timeMs = T0 + step * STEP_MS;
  const count = step - since + 1;
  const positive = { offsets: Int32Array.of(0, 1), counts: Float64Array.of(count, 2 * count) };
  const histogram: NativeHistogram = { schema: 1, zeroThreshold: 1e-9, zeroCount: 0, count: 3 * count, sum: 4 * count, positive, negative: { offsets: new Int32Array(), counts: new Float64Array() }, customBounds: null, counterReset: 'unknown' };
  const none = { timesMs: new Float64Array(), values: new Float64Array(), startsMs: null, histograms: [], exemplars: [], metadata: null };
  const labels = (name: string) => [['__name__', name], ['job', 'shop']] as const;
  return { series: [
    { ...none, labels: labels('requests_total'), timesMs: Float64Array.of(timeMs), values: Float64Array.of(count), startsMs: Float64Array.of(startMs) }, { ...none, labels: labels('size'), histograms: [{ timeMs, startMs, histogram }] },
    { ...none, labels: labels('startless_total'), timesMs: Float64Array.of(timeMs), values: Float64Array.of(count) },
  ] };
}

interface Point { readonly timeMs: number; readonly value: number; readonly sum: number }

/** By series: each sample with its value, a histogram with its count and sum. */
type Points = Record<string, Point[]>;

const shownLabels = (labels: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(labels).sort());

describe('integration: start times beside Prometheus', function startTimes() {
  this.timeout(240_000);
  const running: RunningServer[] = [];
  let fixture: StoreFixture | undefined;
  before(function () { requireOwnServer(this, 'prometheus'); });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.kill()));
    await fixture?.close();
    fixture = undefined;
  });

  const theirs = async (features: readonly string[], way: Way): Promise<Points> => {
    const server = await startWholePrometheus({ features, args: ['--web.enable-otlp-receiver'] });
    running.push(server);
    for (let step = 0; step < STEPS; step++) {
      const response = way === 'otlp'
        ? await fetch(`${server.url}/api/v1/otlp/v1/metrics`, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: new Uint8Array(encodeMetrics(request(step))) })
        : await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers: WRITE, body: new Uint8Array(compressSync(Buffer.from(encodeWriteV2(write(step))))) });
      assert.ok(response.ok, await response.text());
    }
    const response = await fetch(`${server.url}/api/v1/query?${new URLSearchParams({ query: '{__name__!="target_info", job=~".+"}[2d]', time: String(T0 / 1000 + 900) }).toString()}`);
    const { data } = await response.json() as { data: { result: { metric: Record<string, string>; values?: [number, string][]; histograms?: [number, { count: string; sum: string }][] }[] } };
    return Object.fromEntries(data.result.map(({ metric, values = [], histograms = [] }) => [shownLabels(metric), [
      ...values.map(([seconds, value]) => ({ timeMs: Math.round(seconds * 1000), value: Number(value), sum: 0 })), ...histograms.map(([seconds, { count, sum }]) => ({ timeMs: Math.round(seconds * 1000), value: Number(count), sum: Number(sum) })),
    ]]));
  };

  const ours = async (zeroAtStart: boolean, way: Way): Promise<Points> => {
    fixture = await StoreFixture.open({ zeroAtStart });
    for (let step = 0; step < STEPS; step++) {
      if (way === 'otlp') await fixture.appendMetrics(request(step));
      else await fixture.journal.append({ signal: 'metrics', encoding: 'prometheus', tenant: 'default', items: countSamples(write(step)), rejected: [], receivedNs: ns(T0), payload: encodeWriteV2(write(step)) });
    }
    await fixture.fresh();
    const found = await fixture.store.readers.series.select(context(), { startMs: 0, endMs: T0 + 1e9, matchers: [{ name: '__name__', op: '!=', value: 'target_info' }], maxSeries: 1000, maxSamples: 1e6 });
    return Object.fromEntries(found.map(({ labels, timesMs, values, histograms }) => [shownLabels(Object.fromEntries(labels)), Array.from(timesMs, (timeMs, i): Point => {
      const histogram: NativeHistogram | null = histograms?.[i] ?? null;
      return histogram === null ? { timeMs, value: values[i] ?? NaN, sum: 0 } : { timeMs, value: histogram.count, sum: histogram.sum };
    })]));
  };

  for (const way of ['otlp', 'remote write'] as const) {
    it(`are no samples without more (${way})`, async () => {
      const [expected, actual] = [await theirs([], way), await ours(false, way)];
      assert.deepEqual(actual, expected);
      assert.ok(Object.values(expected).length > 1 && Object.values(expected).every((points) => points.length === STEPS));
    });

    it(`are zeros where that is wanted (${way})`, async () => {
      const [expected, actual] = [await theirs(['created-timestamp-zero-ingestion'], way), await ours(true, way)];
      assert.deepEqual(actual, expected);
      const requests = Object.entries(expected).find(([labels]) => labels.includes('"requests_total"'))?.[1] ?? [];
      assert.deepEqual(requests.filter(({ value }) => value === 0).map(({ timeMs }) => timeMs - T0), [-5000, RESTART * STEP_MS - 4000]);
    });
  }
});
