import assert from 'node:assert/strict';
import type { MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import { context, StoreFixture } from '../../store-fixture.test.js';

const POINTS = 500;
const T0 = 1_700_000_000_000;

/** Series that nobody has seen before and nobody sees again: each batch is of pods of its own. */
function pods(batch: number): MetricsData {
  const dataPoints = Array.from({ length: POINTS }, (_, i): NumberDataPoint => ({ attributes: [{ key: 'pod', value: `pod-${batch}-${i}` }], startNs: 0n, timeNs: BigInt(T0 + batch) * 1_000_000n, flags: 0, value: batch, exemplars: [] }));
  const metrics = [{ name: 'short', description: '', unit: '', metadata: [], values: { type: 'gauge' as const, dataPoints } }];
  return { resourceMetrics: [{ resource: { attributes: [{ key: 'service.name', value: 's' }], droppedAttributesCount: 0 }, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics }] }] };
}

describe('churn of series', function suite() {
  this.timeout(240_000);
  let fixture: StoreFixture;
  afterEach(() => fixture.close());

  const shown = async (): Promise<number> => {
    await fixture.fresh();
    return (await fixture.store.readers.series.labelValues(context(), 'pod', [], 0, Infinity)).length;
  };

  it('lets short-lived series go from memory, and finds all of them', async () => {
    const BATCHES = 40;
    fixture = await StoreFixture.open({ flush: { ageMs: 20 }, limits: { seriesIdleMs: 1, seriesPerTenant: 4000 }, merge: { intervalMs: 20, minFiles: 4 } });
    let most = 0;
    for (let batch = 0; batch < BATCHES; batch++) {
      await fixture.appendMetrics(pods(batch));
      await fixture.fresh();
      const files = fixture.store.stats().flushedPosition;
      const until = Date.now() + 120_000;
      while (fixture.store.stats().flushedPosition === files && Date.now() < until) await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, fixture.store.stats().series);
    }
    assert.equal(await shown(), BATCHES * POINTS);
    assert.ok(most < (BATCHES * POINTS) / 2, `${most} series were live at once`);
    const [found] = await fixture.store.readers.series.select(context(), { startMs: 0, endMs: Infinity, matchers: [{ name: 'pod', op: '=', value: 'pod-3-7' }], maxSeries: 2, maxSamples: 2 });
    assert.deepEqual([[...found.timesMs], [...found.values]], [[T0 + 3], [3]]);
    await fixture.store.close();
    for (const row of await fixture.ledger()) assert.deepEqual([row.delivered, row.dropped, row.balanced], [BATCHES * POINTS, {}, true]);
  });

  it('keeps to the limit: what is beyond is dropped and counted, what is known goes on', async () => {
    fixture = await StoreFixture.open({ limits: { seriesPerTenant: 3 * POINTS } });
    for (let batch = 0; batch < 10; batch++) await fixture.appendMetrics(pods(batch));
    const later = (batch: number): MetricsData => {
      const data = pods(batch);
      const [{ values }] = data.resourceMetrics[0].scopeMetrics[0].metrics;
      if (values.type !== 'gauge') throw new Error('a gauge is expected');
      for (const point of values.dataPoints) Object.assign(point, { timeNs: point.timeNs + 60_000_000_000n });
      return data;
    };
    await fixture.appendMetrics(later(1));
    await fixture.appendMetrics(pods(0), 'another tenant');
    assert.ok((await shown()) <= 3 * POINTS);
    const [known] = await fixture.store.readers.series.select(context(), { startMs: 0, endMs: Infinity, matchers: [{ name: 'pod', op: '=', value: 'pod-1-7' }], maxSeries: 2, maxSamples: 9 });
    assert.deepEqual([...known.timesMs], [T0 + 1, T0 + 60_001]);
    const live = fixture.store.stats().series;
    assert.equal(live, 4 * POINTS);
    await fixture.store.close();
    for (const row of await fixture.ledger()) {
      assert.equal(row.balanced, true);
      if (row.tenant === 'default') assert.deepEqual([row.delivered, row.dropped], [4 * POINTS, { series_limit: 7 * POINTS }]);
      else assert.deepEqual([row.delivered, row.dropped], [POINTS, {}]);
    }
  });
});
