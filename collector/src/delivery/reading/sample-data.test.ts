import assert from 'node:assert/strict';
import type { WriteRequest, WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { isStale, setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import { countItems } from '@signalbox/signals/otlp/count';
import type { Batch, BatchPart } from '../../component.js';
import { sampleData } from './sample-data.js';
import { selectItems } from './select.js';

const exemplars = [{ labels: [['trace_id', 'a']], value: 1, timeMs: 5 }] as const;
const buckets = { offsets: Int32Array.of(1), counts: Float64Array.of(2) };
const histogram = { schema: 3, zeroThreshold: 0, zeroCount: 0, count: 2, sum: 3, positive: buckets, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) }, customBounds: null, counterReset: 'unknown' as const };

function series(name: string, values: readonly number[], more: Partial<WriteSeries> = {}): WriteSeries {
  return { labels: [['__name__', name]], timesMs: Float64Array.from(values, (value) => value * 1000), values: Float64Array.from(values), startsMs: null, histograms: [], exemplars: [], metadata: null, ...more };
}

/** Items: 0–2 of a, 3 and 4 histograms of b, 5 of c. */
function write(): WriteRequest {
  const a = series('a', [1, 2, 3], { exemplars, startsMs: Float64Array.of(7, 8, 9) });
  setStale(a.values, 2);
  return { series: [a, series('b', [], { exemplars, histograms: [{ timeMs: 4000, startMs: 0, histogram }, { timeMs: 5000, startMs: 0, histogram: null }] }), series('empty', []), series('c', [6])] };
}

function select(...items: number[]): { readonly part: BatchPart; readonly request: WriteRequest } {
  const whole: BatchPart = { position: 10, receivedNs: 0n, data: sampleData(write()), items: 6, ordinals: Uint32Array.of(0, 1, 2, 3, 4, 5) };
  const batch: Batch = { tenant: 'default', signal: 'metrics', parts: [whole], items: 6 };
  const [part] = selectItems(batch, items).parts;
  assert.ok(part?.data.signal === 'metrics' && part.data.prometheus, 'they are Prometheus samples still');
  return { part, request: part.data.prometheus };
}

describe('delivery/select of Prometheus samples', () => {
  it('keeps them as they came, stale markers, starts and histograms included', () => {
    const { part, request } = select(1, 2, 4, 5);
    assert.deepEqual([...part.ordinals], [1, 2, 4, 5]);
    const [a, b, c] = request.series;
    assert.deepEqual([request.series.length, [...a!.timesMs], [...a!.startsMs!], a!.values[0], isStale(a!.values, 1), isStale(a!.values, 0)], [3, [2000, 3000], [8, 9], 2, true, false]);
    assert.deepEqual(b!.histograms, [{ timeMs: 5000, startMs: 0, histogram: null }]);
    assert.deepEqual([...c!.values], [6]);
    assert.ok(part.data.signal === 'metrics');
    assert.equal(countItems(part.data.metrics), 4);
  });

  it('lets exemplars go with the first sample of their series', () => {
    const exemplarsOf = (...items: number[]): unknown[] => select(...items).request.series.map((each) => each.exemplars.length);
    assert.deepEqual(exemplarsOf(0, 1), [1]);
    assert.deepEqual(exemplarsOf(1, 4), [0, 0]);
    assert.deepEqual(exemplarsOf(0, 3, 5), [1, 1, 0]);
  });
});
