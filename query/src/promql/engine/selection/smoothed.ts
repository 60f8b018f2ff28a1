import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { labelValue } from '../../../labels/labels.js';
import type { Annotations } from '../../annotations.js';
import type { Range } from '../../ast.js';
import { interpolatedHistogram } from '../../functions/extended/extended-histogram.js';
import { usesCustomBuckets } from '../../histogram/buckets.js';
import { hinted } from '../../histogram/hints.js';
import { interpolated } from '../../numbers/interpolate.js';
import type { RangeSeries, SeriesBuilder } from '../values/values.js';

/** A vector with the modifier `smoothed`: between two samples their line at the step, else the last within the lookback. */
export function smoothedVector({ labels, timesMs, values, histograms }: RangeSeries, looks: Float64Array, lookbackMs: number, annotations: Annotations, range: Range, row: SeriesBuilder): void {
  const metric = labelValue(labels, '__name__');
  let from = 0;
  let to = 0;
  for (let step = 0; step < looks.length; step++) {
    const look = looks[step] ?? 0;
    while (to < timesMs.length && (timesMs[to] ?? Infinity) <= look + lookbackMs) to++;
    while (from < to && (timesMs[from] ?? Infinity) <= look - lookbackMs) from++;
    let next = from;
    while (next < to && (timesMs[next] ?? Infinity) <= look) next++;
    if (next === from) continue;
    if (histograms !== null && histograms.slice(from, to).some((histogram) => histogram !== null)) {
      if (histograms.slice(from, to).some((histogram) => histogram === null)) annotations.mixedFloatsAndHistograms(metric, range);
      else {
        const left = histograms[next - 1] ?? null;
        const found = left === null ? null : histogramAtLook(timesMs[next - 1] ?? 0, left, timesMs[next] ?? 0, next < to ? histograms[next] ?? null : null, look, annotations, metric, range);
        if (found !== null) row.setHistogram(step, found);
      }
      continue;
    }
    const [time, value] = [timesMs[next - 1] ?? 0, values[next - 1] ?? NaN];
    row.setFloat(step, time === look || next === to ? value : interpolated(time, value, timesMs[next] ?? 0, values[next] ?? NaN, look, false));
  }
}

function histogramAtLook(leftMs: number, left: NativeHistogram, rightMs: number, right: NativeHistogram | null, look: number, annotations: Annotations, metric: string, range: Range): NativeHistogram | null {
  if (leftMs === look) return left;
  if (right === null) return hinted(left, 'unknown');
  if (usesCustomBuckets(left) !== usesCustomBuckets(right)) {
    annotations.mixedSchemas(metric, range);
    return null;
  }
  const counter = left.counterReset !== 'gauge' || right.counterReset !== 'gauge';
  return interpolatedHistogram(leftMs, left, rightMs, right, look, counter, { annotations, range });
}
