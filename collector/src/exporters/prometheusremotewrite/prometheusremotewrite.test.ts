import { strict as assert } from 'node:assert';
import { uncompress } from 'snappy';
import type { MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import { decodeWriteV1, decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { isStale, setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteRequest } from '@signalbox/signals/prometheus/remote-write/types';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Batch } from '../../component.js';
import { detachedPlace } from '../../config/place.js';
import { batchOf, testContext } from '../testing/context.js';
import { httpDestination, type HttpDestination, type Reply, type SeenRequest } from '../testing/http-destination.js';
import { parsePrometheusRemoteWriteConfig, translateOptions, type PrometheusRemoteWriteConfig } from './config.js';
import { prometheusremotewrite } from './index.js';
import { collectPoints } from './collect-points.js';
import { LabelMemory } from './label-memory.js';
import type { PointRange } from './points.js';
import { unwritten } from './refusal.js';
import { requestsOf, shardedRequests } from './requests.js';

const place = detachedPlace('test', ['exporters', 'prometheusremotewrite']);
const SECOND = 1_000_000_000n;

function gauges(points: readonly (readonly [name: string, second: number, value: number])[], service = 'shop'): MetricsData {
  return {
    resourceMetrics: [{
      resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0 }, schemaUrl: '',
      scopeMetrics: [{
        scope: null, schemaUrl: '',
        metrics: points.map(([name, second, value]) => ({
          name, description: 'help', unit: '', metadata: [],
          values: { type: 'gauge' as const, dataPoints: [{ attributes: [], startNs: 0n, timeNs: BigInt(second) * SECOND, flags: 0, value, exemplars: [] } satisfies NumberDataPoint] },
        })),
      }],
    }],
  };
}
function collected(batch: Batch, translation = {}): PointRange {
  return collectPoints(batch, new LabelMemory(1 << 20).generation(), { translation, exemplars: true, nativeHistograms: true }).points;
}
/** What each point of a range is. */
function seen(range: PointRange): { readonly name: string; readonly series: object; readonly timeMs: number; readonly item: number }[] {
  const { points } = range;
  return Array.from({ length: range.length }, (_, i) => {
    const point = range.at(i);
    const series = points.seriesOf(point);
    return { name: points.table.labelsOf(series)[0]?.[1] ?? '', series, timeMs: points.timeMs[point] ?? 0, item: points.item[point] ?? 0 };
  });
}
const written = (samples: number, status = 204, body = ''): Reply => ({ status, headers: { 'X-Prometheus-Remote-Write-Samples-Written': String(samples) }, body });
const delivered = (count: number): object => ({ kind: 'settled', delivered: count, duplicate: 0, retry: { items: [] }, rejected: [] });

describe('exporters/prometheusremotewrite', () => {
  let destination: HttpDestination;
  afterEach(() => destination?.close());

  async function exporterTo(reply: (request: SeenRequest, number: number) => Reply | 'cut' | 'silence', settings = {}) {
    destination = await httpDestination(reply);
    return prometheusremotewrite.create(prometheusremotewrite.parseConfig({ endpoint: destination.url, ...settings }, place), testContext());
  }
  const versions = (): (string | undefined)[] => destination.seen.map(({ headers }) => headers['x-prometheus-remote-write-version'] as string | undefined);

  it('sends 2.0 with its headers', async () => {
    const exporter = await exporterTo(() => written(1));
    assert.deepEqual(await exporter.export(batchOf('team', gauges([['m', 1, 2]])), AbortSignal.timeout(60_000)), delivered(1));
    const [request] = destination.seen;
    assert.equal(request?.path, '/api/v1/write');
    assert.equal(request.headers['content-type'], 'application/x-protobuf;proto=io.prometheus.write.v2.Request');
    assert.equal(request.headers['content-encoding'], 'snappy');
    assert.equal(request.headers['x-scope-orgid'], 'team');
    const [series] = decodeWriteV2((await uncompress(request.body)) as Buffer).series;
    assert.deepEqual([series?.labels, [...series!.timesMs], [...series!.values]], [[['__name__', 'm'], ['job', 'shop']], [1000], [2]]);
    await exporter.shutdown();
  });

  it('goes back to 1.0 where 2.0 is refused or not answered as such, and stays with it', async () => {
    for (const reply of [{ status: 415 }, { status: 200 }] as const) {
      const exporter = await exporterTo(({ headers }) => (headers['x-prometheus-remote-write-version'] === '2.0.0' ? reply : { status: 204 }));
      for (let i = 0; i < 2; i++) assert.deepEqual(await exporter.export(batchOf('default', gauges([['m', 1, 2]])), AbortSignal.timeout(60_000)), delivered(1));
      assert.deepEqual(versions(), ['2.0.0', '0.1.0', '0.1.0']);
      await exporter.shutdown();
      await destination.close();
    }
  });

  it('speaks the version that is set', async () => {
    const one = await exporterTo(() => ({ status: 204 }), { version: 'v1' });
    await one.export(batchOf('default', gauges([['m', 1, 2]])), AbortSignal.timeout(60_000));
    assert.deepEqual(versions(), ['0.1.0']);
    await one.shutdown();
    await destination.close();
    const two = await exporterTo(() => ({ status: 415 }), { version: 'v2' });
    const outcome = await two.export(batchOf('default', gauges([['m', 1, 2]])), AbortSignal.timeout(60_000));
    assert.equal(outcome.kind === 'settled' && outcome.rejected.length, 1);
    await two.shutdown();
  });

  it('believes what the receiver says it has written', async () => {
    const exporter = await exporterTo(() => written(1, 400, 'out of order sample for series {__name__="b", job="shop"}\nout of order exemplar for series {__name__="a", job="shop"}'));
    const outcome = await exporter.export(batchOf('default', gauges([['a', 1, 1], ['b', 1, 1]])), AbortSignal.timeout(60_000));
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered, 1);
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [1]);
    assert.match(outcome.rejected[0]?.reason ?? '', /^out_of_order: out of order sample/);
    assert.equal(destination.seen.length, 1);
    await exporter.shutdown();
  });

  it('divides what a receiver of 1.0 refuses as a whole', async () => {
    const exporter = await exporterTo(({ body }) => (body.toString('latin1').includes('bad') ? { status: 400, body: 'out of order sample' } : { status: 204 }), { version: 'v1' });
    const outcome = await exporter.export(batchOf('default', gauges([['ok1', 1, 1], ['ok2', 1, 1], ['bad', 1, 1], ['ok3', 1, 1]])), AbortSignal.timeout(60_000));
    assert.equal(outcome.kind, 'settled');
    assert.deepEqual(outcome.rejected.map(({ item }) => item), [2]);
    assert.equal(outcome.delivered, 3);
    await exporter.shutdown();
  });

  it('tries again what failed, and takes a refusal after it for a sign that it was there', async () => {
    const exporter = await exporterTo((_, number) => (number === 1 ? 'cut' : written(0, 400, 'out of order sample for series {__name__="m", job="shop"}')));
    const batch = batchOf('default', gauges([['m', 1, 1]]));
    const first = await exporter.export(batch, AbortSignal.timeout(60_000));
    assert.equal(first.kind === 'retryable' && first.unknown, true);
    assert.deepEqual(await exporter.export(batch, AbortSignal.timeout(60_000)), { kind: 'settled', delivered: 0, duplicate: 1, retry: { items: [] }, rejected: [] });
    const again = await exporter.export(batch, AbortSignal.timeout(60_000));
    assert.equal(again.kind === 'settled' && again.rejected.length, 1);
    await exporter.shutdown();
  });

  it('rejects points that have no counterpart, with the reason', async () => {
    const exporter = await exporterTo(() => written(1));
    const data = gauges([['m', 1, 1], ['', 1, 1]]);
    const outcome = await exporter.export(batchOf('default', data), AbortSignal.timeout(60_000));
    assert.deepEqual(outcome, { kind: 'settled', delivered: 1, duplicate: 0, retry: { items: [] }, rejected: [{ item: 1, reason: 'invalid_name' }] });
    await exporter.shutdown();
  });

  it('orders each series by time through all parts, and leaves repetitions out', () => {
    const points = collected(batchOf('default', gauges([['a', 3, 1], ['b', 1, 1]]), gauges([['a', 1, 1], ['a', 3, 1], ['a', 3, 2]])));
    assert.deepEqual(seen(points).map(({ name, timeMs, item }) => [name, timeMs, item]), [['a', 1000, 2], ['a', 3000, 0], ['a', 3000, 4], ['b', 1000, 1]]);
    assert.deepEqual([...requestsOf(points, 1)].map((request) => request.length), [1, 1, 1, 1]);
    assert.deepEqual([...requestsOf(points, 1e6)].map((request) => request.length), [4]);
  });

  describe('exporters/prometheusremotewrite settings of the OpenTelemetry Collector', () => {
  it('leave suffixes out, and choose the version by its message', () => {
    const parse = (section: Record<string, unknown>): PrometheusRemoteWriteConfig => parsePrometheusRemoteWriteConfig({ endpoint: 'http://a', ...section }, detachedPlace('test'));
    const strategy = (section: Record<string, unknown>): string | undefined => translateOptions(parse(section)).strategy;
    assert.equal(strategy({}), 'UnderscoreEscapingWithSuffixes');
    assert.equal(strategy({ add_metric_suffixes: false }), 'UnderscoreEscapingWithoutSuffixes');
    assert.equal(strategy({ add_metric_suffixes: false, translation_strategy: 'NoUTF8EscapingWithSuffixes' }), 'NoTranslation');
    assert.deepEqual(['prometheus.WriteRequest', 'io.prometheus.write.v2.Request'].map((protobuf_message) => parse({ protobuf_message }).version), ['v1', 'v2']);
  });
});

describe('frames of Prometheus samples', () => {
    const stale = new Float64Array([1.5, 0, NaN]);
    setStale(stale, 1);
    const buckets = { offsets: Int32Array.of(1, 2), counts: Float64Array.of(3, 4) };
    const histogram: NativeHistogram = { schema: -53, zeroThreshold: 0, zeroCount: 0, count: 7, sum: 12, positive: buckets, negative: { offsets: Int32Array.of(), counts: Float64Array.of() }, customBounds: Float64Array.of(0.1, 1), counterReset: 'no' };
    const request: WriteRequest = {
      series: [
        {
          labels: [['__name__', 'odd name with.dots'], ['job', 'j']], timesMs: Float64Array.of(1000, 2000, 3000), values: stale, startsMs: Float64Array.of(500, 500, 500), histograms: [],
          exemplars: [{ labels: [['trace_id', 'ab']], value: 1, timeMs: 900 }], metadata: { type: 'counter', help: 'what it is', unit: 'bytes' },
        },
        { labels: [['__name__', 'h']], timesMs: new Float64Array(0), values: new Float64Array(0), startsMs: null, histograms: [{ timeMs: 1000, histogram, startMs: 0 }, { timeMs: 2000, histogram: null, startMs: 0 }], exemplars: [], metadata: null },
      ],
    };
    const [part] = batchOf('default', gauges([['x', 1, 1]])).parts;
    assert.ok(part);
    const batch: Batch = { tenant: 'default', signal: 'metrics', items: 5, parts: [{ ...part, items: 5, ordinals: Uint32Array.of(0, 1, 2, 3, 4), data: { signal: 'metrics', metrics: { resourceMetrics: [] }, prometheus: request } }] };

    it('pass as they came, stale markers and custom buckets included', async () => {
      const exporter = await exporterTo(() => ({ status: 204, headers: { 'X-Prometheus-Remote-Write-Samples-Written': '3', 'X-Prometheus-Remote-Write-Histograms-Written': '2' } }));
      assert.deepEqual(await exporter.export(batch, AbortSignal.timeout(60_000)), delivered(5));
      const sent = decodeWriteV2(await uncompress(destination.seen[0]?.body ?? '') as Buffer);
      assert.deepEqual(sent.series.map(({ labels, timesMs, startsMs, exemplars, metadata }) => ({ labels, timesMs: [...timesMs], startsMs: startsMs && [...startsMs], exemplars, metadata })),
        request.series.map(({ labels, timesMs, startsMs, exemplars, metadata }) => ({ labels, timesMs: [...timesMs], startsMs: startsMs && [...startsMs], exemplars, metadata })));
      assert.deepEqual([0, 1, 2].map((i) => isStale(sent.series[0]!.values, i)), [false, true, false]);
      assert.deepEqual(sent.series[1]?.histograms, request.series[1]?.histograms);
      await exporter.shutdown();
    });

    it('get external labels that they lack, and go back to 1.0 with their metadata', async () => {
      const exporter = await exporterTo(({ headers }) => (headers['x-prometheus-remote-write-version'] === '2.0.0' ? { status: 415 } : { status: 204 }), { external_labels: { job: 'ignored', cluster: 'c' } });
      assert.deepEqual(await exporter.export(batch, AbortSignal.timeout(60_000)), delivered(5));
      const sent = decodeWriteV1(await uncompress(destination.seen[1]?.body ?? '') as Buffer);
      assert.deepEqual(sent.series[0]?.labels, [['__name__', 'odd name with.dots'], ['cluster', 'c'], ['job', 'j']]);
      assert.equal(isStale(sent.series[0].values, 1), true);
      assert.match((await uncompress(destination.seen[1]?.body ?? '')).toString('latin1'), /what it is/);
      await exporter.shutdown();
    });
  });

  it('has several requests on their way, but never two with the same series', async () => {
    const exporter = await exporterTo(() => written(1), { max_request_bytes: 1024, remote_write_queue: { num_consumers: 3 } });
    const names = Array.from({ length: 40 }, (_, i) => `series_${i}_${'x'.repeat(60)}`);
    const points = collected(batchOf('default', gauges(names.flatMap((name) => [1, 2, 3].map((second) => [name, second, second] as const)))));
    const shards = shardedRequests(points, 1024, 3);
    assert.equal(shards.length, 3);
    assert.equal(shards.flat().flatMap(seen).length, 120);
    const of = (shard: readonly PointRange[]): Set<unknown> => new Set(shard.flatMap(seen).map(({ series }) => series));
    for (const [i, shard] of shards.entries()) {
      for (const other of shards.slice(i + 1)) assert.equal([...of(shard)].filter((series) => of(other).has(series)).length, 0);
      for (const series of of(shard)) assert.deepEqual(shard.flatMap(seen).filter((point) => point.series === series).map(({ timeMs }) => timeMs), [1000, 2000, 3000]);
    }
    assert.equal(exporter.ordered, true);
    await exporter.shutdown();
  });

  it('finds unwritten points by name, and makes up the number where names are missing', () => {
    const points = collected(batchOf('default', gauges([['a', 1, 1], ['a', 2, 1], ['b"x', 1, 1], ['c', 1, 1]])), { strategy: 'NoTranslation' });
    const names = (text: string, samples: number): unknown[] => unwritten(points, { samples, histograms: 0 }, text).map(({ at }) => seen(points)[at]?.item);
    assert.deepEqual(names('out of bounds for series {__name__="a", job="shop"}', 3), [0]);
    assert.deepEqual(names('out of bounds for series {__name__="a", job="shop"}\nout of bounds for series {__name__="a", job="shop"}', 2), [0, 1]);
    assert.deepEqual(names('invalid metric name or labels, got {__name__="b\\"x", job="shop"}', 3), [2]);
    assert.deepEqual(names('who knows', 3), [3]);
    assert.deepEqual(names('who knows', 4), []);
  });
});
