import assert from 'node:assert/strict';
import { LimitExceeded, type Matcher, type SeriesSelect } from '@signalbox/query/readers';
import type { Metric, MetricsData, MetricValues, NumberDataPoint } from '@signalbox/signals/model/metric';
import { statisticsOf, type Tally } from '@signalbox/signals/prometheus/series-statistics';
import { STALE_NAN_BITS, type Labels } from '@signalbox/signals/prometheus/types';
import { context, StoreFixture } from '../../store-fixture.test.js';

const T0 = 1_700_000_000_000;

function point(fields: Partial<NumberDataPoint> & { readonly timeMs?: number } = {}): NumberDataPoint {
  const { timeMs = T0, ...rest } = fields;
  return { attributes: [], startNs: 0n, timeNs: BigInt(timeMs) * 1_000_000n, flags: 0, value: 1.5, exemplars: [], ...rest };
}

function metric(name: string, values: MetricValues): Metric {
  return { name, description: `help of ${name}`, unit: '', metadata: [], values };
}

function gauge(name: string, ...dataPoints: NumberDataPoint[]): Metric {
  return metric(name, { type: 'gauge', dataPoints });
}

function metrics(service: string, list: readonly Metric[]): MetricsData {
  return { resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: service }], droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: list }] }] };
}

function select(matchers: readonly Matcher[], more: Partial<SeriesSelect> = {}): SeriesSelect {
  return { startMs: 0, endMs: Infinity, matchers, maxSeries: 1000, maxSamples: 100_000, ...more };
}

const named = (name: string): Matcher => ({ name: '__name__', op: '=', value: name });
const label = (labels: Labels, name: string): string | undefined => labels.find(([n]) => n === name)?.[1];

function bitsOf(values: Float64Array): bigint[] {
  return [...new BigUint64Array(values.buffer, values.byteOffset, values.length)];
}

describe('series reader', () => {
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  it('keeps every float64 as it is, the stale marker included, hot and in a file', async () => {
    fixture = await StoreFixture.open();
    const values = [0, -0, 1.1, -1e-320, Infinity, -Infinity, NaN, Number.MAX_VALUE, 3];
    const points = values.map((value, i) => point({ value, timeMs: T0 + i }));
    await fixture.appendMetrics(metrics('a', [gauge('exact', ...points, point({ value: null, flags: 1, timeMs: T0 + values.length }))]));
    for (const where of ['hot', 'file']) {
      if (where === 'file') await fixture.reopen();
      await fixture.fresh();
      const [series, ...others] = await fixture.store.readers.series.select(context(), select([named('exact')]));
      assert.deepEqual(others, []);
      assert.deepEqual([...series.timesMs], [...points, 0].map((_, i) => T0 + i));
      const expected = new Float64Array([...values, 0]);
      new BigUint64Array(expected.buffer)[values.length] = STALE_NAN_BITS;
      assert.deepEqual(bitsOf(series.values), bitsOf(expected));
      assert.equal(series.histograms, null);
      assert.equal(label(series.labels, 'job'), 'a');
    }
  });

  it('counts live series by name and label as their label sets say, without them', async () => {
    fixture = await StoreFixture.open();
    const attributes = (i: number) => [{ key: 'id', value: `v${i % 7}` }, { key: 'é', value: 'ü'.repeat(i % 3) }];
    await fixture.appendMetrics(metrics('a', [gauge('one', ...Array.from({ length: 20 }, (_, i) => point({ attributes: [...attributes(i), { key: 'n', value: BigInt(i) }] }))), gauge('two', point({ timeMs: T0 + 5 }))]));
    await fixture.fresh();
    const { series } = fixture.store.readers;
    const all = await series.series(context(), [], 0, Infinity, 1000);
    const found = await series.statistics?.(context(), 1000);
    const expected = await statisticsOf(all, 1000, () => Promise.resolve());
    const sorted = (tallies: readonly Tally[] = []): string[] => tallies.map(({ name, count }) => `${name} ${count}`).sort();
    for (const list of ['byMetric', 'byPair', 'valuesByLabel', 'bytesByLabel'] as const) assert.deepEqual(sorted(found?.[list]), sorted(expected[list]), list);
    assert.deepEqual([found?.series, found?.pairs, found?.chunks, found?.minMs, found?.maxMs], [21, expected.pairs, 21, T0, T0 + 5]);
    assert.deepEqual((await series.statistics?.(context(), 2))?.byMetric, [{ name: 'one', count: 20 }, { name: 'two', count: 1 }]);
    assert.equal((await series.statistics?.(context(), 1))?.byPair.length, 1);
    assert.equal(await series.statistics?.({ ...context(), tenant: 'other' }, 2), null);
  });

  it('selects by matchers and time over files and the hot part, each time once', async () => {
    fixture = await StoreFixture.open({ flush: { rows: 40 } });
    for (let i = 0; i < 50; i++) {
      const timeMs = T0 + ((i * 7) % 50) * 1000;
      const of = (instance: string): NumberDataPoint => point({ timeMs, value: i, attributes: [{ key: 'instance_id', value: instance }] });
      await fixture.appendMetrics(metrics('a', [gauge('load', of('x'), of('y'))]));
      await fixture.appendMetrics(metrics('b', [gauge('load', of('x'))]));
      if (i % 5 === 0) await fixture.fresh();
    }
    await fixture.appendMetrics(metrics('a', [gauge('load', point({ timeMs: T0, value: 99, attributes: [{ key: 'instance_id', value: 'x' }] }))]));
    await fixture.fresh();
    const { series } = fixture.store.readers;
    const find = async (...matchers: Matcher[]): Promise<string[]> => (await series.select(context(), select(matchers))).map(({ labels }) => `${label(labels, 'job')}/${label(labels, 'instance_id')}`).sort();
    assert.deepEqual(await find(named('load')), ['a/x', 'a/y', 'b/x']);
    assert.deepEqual(await find(named('load'), { name: 'job', op: '!=', value: 'a' }), ['b/x']);
    assert.deepEqual(await find(named('load'), { name: 'instance_id', op: '=~', value: 'y|z' }), ['a/y']);
    assert.deepEqual(await find(named('load'), { name: 'instance_id', op: '!~', value: 'y|z' }, { name: 'missing', op: '=', value: '' }), ['a/x', 'b/x']);
    assert.deepEqual(await find(named('loa')), []);
    const [all] = await series.select(context(), select([named('load'), { name: 'job', op: '=', value: 'a' }, { name: 'instance_id', op: '=', value: 'x' }]));
    assert.deepEqual([...all.timesMs], Array.from({ length: 50 }, (_, i) => T0 + i * 1000));
    assert.equal(all.values[0], 0, 'of two samples of one time the first one stands');
    const [some] = await series.select(context(), select([named('load'), { name: 'job', op: '=', value: 'b' }], { startMs: T0 + 1000, endMs: T0 + 3000 }));
    assert.deepEqual([...some.timesMs], [T0 + 1000, T0 + 2000, T0 + 3000]);
    const either = await series.series(context(), [[named('load'), { name: 'job', op: '=', value: 'b' }], [named('load'), { name: 'instance_id', op: '=', value: 'y' }]], 0, Infinity, 100);
    assert.deepEqual(either.map((l) => `${label(l, 'job')}/${label(l, 'instance_id')}`).sort(), ['a/y', 'b/x']);
    assert.equal((await series.series(context(), [[named('load')]], 0, Infinity, 2)).length, 2);
    assert.deepEqual(await series.labelNames(context(), [[named('load')]], 0, Infinity), ['__name__', 'instance_id', 'job']);
    assert.deepEqual(await series.labelValues(context(), 'job', [], 0, Infinity), ['a', 'b']);
    assert.ok((await series.labelValues(context(), '__name__', [], 0, Infinity)).includes('load'));
    assert.deepEqual(await series.labelValues(context('other'), 'job', [], 0, Infinity), []);
    assert.deepEqual(await series.select(context('other'), select([named('load')])), []);
    await assert.rejects(series.select(context(), select([named('load')], { maxSeries: 2 })), (error) => error instanceof LimitExceeded && error.what === 'series' && error.limit === 2);
    await assert.rejects(series.select(context(), select([named('load')], { maxSamples: 149 })), (error) => error instanceof LimitExceeded && error.what === 'samples');
  });

  it('keeps native histograms, exemplars and metadata', async () => {
    fixture = await StoreFixture.open();
    const exemplars = [{ filteredAttributes: [{ key: 'user', value: 'u1' }], timeNs: BigInt(T0) * 1_000_000n, value: 0.3, spanId: '00f067aa0ba902b7', traceId: '0af7651916cd43dd8448eb211c80319c' }];
    await fixture.appendMetrics(metrics('a', [
      metric('latency', { type: 'exponentialHistogram', temporality: 2, dataPoints: [{ attributes: [], startNs: 0n, timeNs: BigInt(T0) * 1_000_000n, flags: 0, count: 5n, sum: 2.5, min: null, max: null, scale: 1, zeroCount: 1n, zeroThreshold: 0.001, positive: { offset: 2, bucketCounts: [1n, 0n, 3n] }, negative: null, exemplars: [] }] }),
      metric('requests', { type: 'sum', temporality: 2, monotonic: true, dataPoints: [point({ value: 7n, exemplars })] }),
    ]));
    let before: unknown = null;
    for (const where of ['hot', 'file']) {
      if (where === 'file') await fixture.reopen();
      await fixture.fresh();
      const { series } = fixture.store.readers;
      const [latency] = await series.select(context(), select([named('latency')]));
      const histogram = latency.histograms?.[0];
      assert.ok(histogram);
      assert.deepEqual([histogram.schema, histogram.count, histogram.sum, histogram.zeroCount, [...histogram.positive.counts].filter((c) => c > 0)], [1, 5, 2.5, 1, [1, 3]]);
      assert.ok(Number.isNaN(latency.values[0]));
      const [found, ...others] = await series.exemplars(context(), [[named('requests_total')]], T0, T0);
      assert.deepEqual(others, []);
      assert.equal(found.exemplars[0].value, 0.3);
      assert.equal(label(found.exemplars[0].labels, 'trace_id'), '0af7651916cd43dd8448eb211c80319c');
      assert.deepEqual(await series.exemplars(context(), [[named('requests_total')]], T0 + 1, T0 + 2), []);
      const [requests] = await series.select(context(), select([named('requests_total')]));
      assert.deepEqual([...requests.values], [7]);
      const metadata = await series.metadata(context());
      assert.deepEqual(metadata.find((m) => m.name === 'requests_total' || m.name === 'requests'), { ...metadata.find((m) => m.name.startsWith('requests')), type: 'counter', help: 'help of requests' });
      assert.deepEqual(await series.metadata(context('other')), []);
      before ??= latency;
      assert.deepEqual(latency, before);
    }
  });

  it('drops what has no place, and says why in the ledger', async () => {
    fixture = await StoreFixture.open({ limits: { seriesPerTenant: 10 } });
    const delta: Metric = metric('d', { type: 'sum', temporality: 1, monotonic: false, dataPoints: [point()] });
    const many = Array.from({ length: 30 }, (_, i) => point({ attributes: [{ key: 'i', value: BigInt(i) }] }));
    await fixture.appendMetrics(metrics('a', [delta, gauge('many', ...many)]));
    await fixture.fresh();
    assert.equal((await fixture.store.readers.series.select(context(), select([named('many')]))).length, 10);
    await fixture.store.close();
    const row = (await fixture.ledger()).find((r) => r.signal === 'metrics');
    assert.deepEqual({ accepted: row?.accepted, delivered: row?.delivered, dropped: row?.dropped, balanced: row?.balanced }, { accepted: 31, delivered: 10, dropped: { delta_temporality: 1, series_limit: 20 }, balanced: true });
  });
});
