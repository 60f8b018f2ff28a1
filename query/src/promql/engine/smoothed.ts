import type { RangeSeries, StepSeries } from './values.js';
import { SeriesBuilder } from './values.js';
import { PromQLExecutionError } from '../error.js';
import { interpolated } from '../interpolate.js';

/** A vector with the modifier `smoothed`: between two samples their line at the step, else the last within the lookback. */
export function smoothedVector({ labels, timesMs, values, histograms }: RangeSeries, looks: Float64Array, lookbackMs: number): StepSeries {
  if (histograms !== null) throw new PromQLExecutionError('smoothed modifier is not supported with histograms');
  const series = new SeriesBuilder(labels, false, looks.length);
  let next = 0;
  for (let step = 0; step < looks.length; step++) {
    const look = looks[step] ?? 0;
    while (next < timesMs.length && (timesMs[next] ?? Infinity) <= look) next++;
    const time = next > 0 ? timesMs[next - 1] ?? 0 : -Infinity;
    if (time <= look - lookbackMs) continue;
    const after = timesMs[next] ?? Infinity;
    const value = values[next - 1] ?? NaN;
    series.setFloat(step, time === look || after > look + lookbackMs ? value : interpolated(time, value, after, values[next] ?? NaN, look, false));
  }
  return series;
}
