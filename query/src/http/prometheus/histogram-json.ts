import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { formatValue } from '../../promql/number-text.js';
import { bucketsOf } from './native-buckets.js';

/**
 * A native histogram as the API writes it: `count`, `sum`, and of each bucket that is not empty
 * `[boundaries, lower, upper, count]`; boundaries 0 includes the upper, 1 the lower, 2 neither, 3 both.
 */
export function histogramJson(histogram: NativeHistogram): string {
  const buckets: string[] = [];
  for (const { lower, upper, lowerInclusive, upperInclusive, count } of bucketsOf(histogram)) {
    if (count === 0) continue;
    const boundaries = lowerInclusive ? (upperInclusive ? 3 : 1) : upperInclusive ? 0 : 2;
    buckets.push(`[${boundaries},"${formatValue(lower)}","${formatValue(upper)}","${formatValue(count)}"]`);
  }
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`;
  return `{"count":"${formatValue(histogram.count)}","sum":"${formatValue(histogram.sum)}"${list}}`;
}
