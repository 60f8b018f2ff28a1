import assert from 'node:assert/strict';
import { countItems } from '../../otlp/count.js';
import { encodeMetrics, decodeMetrics } from '../../otlp/protobuf/metrics.js';
import { toPrometheus } from '../translate.js';
import { countSamples } from './count.js';
import { randomFrom, randomRequest } from './fixture.test.js';
import { setStale } from './sample-bits.js';
import { toOtlpMetrics } from './to-otlp.js';
import type { WriteSeries } from './types.js';

function series(labels: WriteSeries['labels'], values: readonly number[], change: Partial<WriteSeries> = {}): WriteSeries {
  return { labels, timesMs: Float64Array.from(values, (_, i) => 1000 * (i + 1)), values: Float64Array.from(values), startsMs: null, histograms: [], exemplars: [], metadata: null, ...change };
}

describe('remote write to OTLP', () => {
  it('makes one data point of each sample and histogram, that OTLP can carry', () => {
    for (let seed = 0; seed < 200; seed++) {
      const request = randomRequest(randomFrom(seed));
      const metrics = toOtlpMetrics(request);
      assert.equal(countItems(metrics), countSamples(request), `seed ${seed}`);
      assert.equal(countItems(decodeMetrics(encodeMetrics(metrics))), countSamples(request));
    }
  });

  it('gives back the same series when translated to Prometheus', () => {
    const stale = series([['__name__', 'up'], ['instance', 'h:1'], ['job', 'ns/api']], [1, 0]);
    setStale(stale.values, 1);
    const histogram = { schema: 2, zeroThreshold: 1e-128, zeroCount: 1, count: 6, sum: 9, positive: { offsets: Int32Array.of(-3, 4), counts: Float64Array.of(2, 2) }, negative: { offsets: Int32Array.of(0), counts: Float64Array.of(1) }, customBounds: null, counterReset: 'unknown' } as const;
    const custom = { ...histogram, schema: -53, zeroThreshold: 0, zeroCount: 0, count: 4, positive: { offsets: Int32Array.of(0, 2), counts: Float64Array.of(3, 1) }, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) }, customBounds: Float64Array.of(1, 2) };
    const request = {
      series: [
        stale,
        series([['__name__', 'requests_total'], ['code', '200'], ['job', 'api']], [5, 6], { metadata: { type: 'counter', help: 'Requests.', unit: '' } as const, exemplars: [{ labels: [['trace_id', 'a'.repeat(32)]], value: 1, timeMs: 1500 }] }),
        series([['__name__', 'events'], ['job', 'api']], [5], { metadata: { type: 'counter', help: '', unit: '' } as const }),
        series([['__name__', 'rpc_bucket'], ['job', 'api'], ['le', '+Inf']], [5], { metadata: { type: 'histogram', help: '', unit: '' } as const }),
        series([['__name__', 'size'], ['job', 'api']], [], { histograms: [{ timeMs: 9, startMs: 5, histogram }] }),
        series([['__name__', 'sizes'], ['job', 'api']], [], { histograms: [{ timeMs: 9, startMs: 0, histogram: custom }] }),
      ],
    };
    const batch = toPrometheus(toOtlpMetrics(request), { convertHistogramsToNhcb: true });
    assert.deepStrictEqual(batch.dropped, []);
    assert.deepStrictEqual(batch.samples.map(({ labels, timeMs, stale: marker }) => [labels, timeMs, marker]), request.series.flatMap((one) => [...[...one.timesMs].map((timeMs, i) => [one.labels, timeMs, one === stale && i === 1]), ...one.histograms.map(({ timeMs }) => [one.labels, timeMs, false])]));
    assert.deepStrictEqual(batch.samples.flatMap((sample) => sample.exemplars), request.series[1]?.exemplars);
    assert.deepStrictEqual(batch.samples.flatMap((sample) => sample.histogram ?? []), [histogram, custom]);
  });

  it('makes histograms coarser whose buckets lie far apart', () => {
    const wide = { schema: 8, zeroThreshold: 0, zeroCount: 0, count: 3, sum: 0, positive: { offsets: Int32Array.of(-2_000_000_000, 5, 2_000_000_000), counts: Float64Array.of(1, 1, 1) }, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) }, customBounds: null, counterReset: 'unknown' } as const;
    const values = toOtlpMetrics({ series: [series([['__name__', 'wide']], [], { histograms: [{ timeMs: 1, startMs: 0, histogram: wide }] })] }).resourceMetrics[0]?.scopeMetrics[0]?.metrics[0]?.values;
    assert.ok(values?.type === 'exponentialHistogram');
    const counts = values.dataPoints[0]?.positive?.bucketCounts ?? [];
    assert.ok(counts.length <= 4096);
    assert.equal(counts.reduce((sum, count) => sum + count, 0n), 3n);
  });
});
