import type { NativeHistogram } from '@signalbox/signals/prometheus/types';

/** How many observations are at most each of the first `bounds` bounds. */
export function cumulativeCounts({ offsets, counts }: NativeHistogram['positive'], bounds: number): Float64Array {
  const cumulative = new Float64Array(bounds);
  let total = 0;
  let next = 0;
  for (let index = 0; index < bounds; index++) {
    while (next < offsets.length && (offsets[next] ?? 0) <= index) total += counts[next++] ?? 0;
    cumulative[index] = total;
  }
  return cumulative;
}
