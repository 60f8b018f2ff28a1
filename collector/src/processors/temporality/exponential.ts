import type { ExponentialBuckets } from '@signalbox/signals/model/metric';

/** As the OpenTelemetry SDKs have it: wider sums get a coarser scale. */
export const MAX_BUCKETS = 160;

/** Buckets of a coarser scale: each step puts two into one (OpenTelemetry data model, exponential histograms, scale). */
export function downscaled({ offset, bucketCounts }: ExponentialBuckets, steps: number): ExponentialBuckets {
  if (steps === 0 || bucketCounts.length === 0) return { offset: steps === 0 ? offset : 0, bucketCounts };
  const shift = (index: number): number => Math.floor(index / 2 ** steps);
  const first = shift(offset);
  const counts = new Array<bigint>(shift(offset + bucketCounts.length - 1) - first + 1).fill(0n);
  bucketCounts.forEach((count, i) => (counts[shift(offset + i) - first] += count));
  return { offset: first, bucketCounts: counts };
}

/** Steps of scale that are needed for both to fit into the greatest number of buckets. */
export function stepsToFit(a: ExponentialBuckets, b: ExponentialBuckets): number {
  if (a.bucketCounts.length === 0 && b.bucketCounts.length === 0) return 0;
  const [first, last] = rangeOf(a, b);
  let steps = 0;
  while (Math.floor(last / 2 ** steps) - Math.floor(first / 2 ** steps) + 1 > MAX_BUCKETS) steps++;
  return steps;
}

function rangeOf(a: ExponentialBuckets, b: ExponentialBuckets): [first: number, last: number] {
  const used = [a, b].filter(({ bucketCounts }) => bucketCounts.length > 0);
  return [Math.min(...used.map(({ offset }) => offset)), Math.max(...used.map(({ offset, bucketCounts }) => offset + bucketCounts.length - 1))];
}

/** Of one scale. */
export function addBuckets(a: ExponentialBuckets, b: ExponentialBuckets): ExponentialBuckets {
  if (a.bucketCounts.length === 0) return b;
  if (b.bucketCounts.length === 0) return a;
  const [first, last] = rangeOf(a, b);
  const counts = new Array<bigint>(last - first + 1).fill(0n);
  a.bucketCounts.forEach((count, i) => (counts[a.offset - first + i] += count));
  b.bucketCounts.forEach((count, i) => (counts[b.offset - first + i] += count));
  return { offset: first, bucketCounts: counts };
}

/** Of one scale; null where `b` has what `a` has not. */
export function subtractBuckets(a: ExponentialBuckets, b: ExponentialBuckets): ExponentialBuckets | null {
  const counts = a.bucketCounts.slice();
  for (let i = 0; i < b.bucketCounts.length; i++) {
    const count = b.bucketCounts[i];
    if (count === 0n) continue;
    const at = b.offset + i - a.offset;
    if (at < 0 || at >= counts.length || counts[at] < count) return null;
    counts[at] -= count;
  }
  return { offset: a.offset, bucketCounts: counts };
}

/** What lies wholly within the zero bucket goes into it. */
export function belowZeroThreshold({ offset, bucketCounts }: ExponentialBuckets, scale: number, zeroThreshold: number): { readonly buckets: ExponentialBuckets; readonly moved: bigint } {
  let moved = 0n;
  const counts = bucketCounts.map((count, i) => {
    if (count === 0n || 2 ** ((offset + i + 1) * 2 ** -scale) > zeroThreshold) return count;
    moved += count;
    return 0n;
  });
  return moved === 0n ? { buckets: { offset, bucketCounts }, moved } : { buckets: { offset, bucketCounts: counts }, moved };
}
