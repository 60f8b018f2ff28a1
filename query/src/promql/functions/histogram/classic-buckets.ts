/** Quantiles and shares from the buckets of a classic histogram, which are series with the label `le`. */

export interface ClassicBucket {
  readonly upperBound: number;
  count: number;
}

/** Differences between buckets that are smaller than this share are rounding. */
const TOLERANCE = 1e-12;

/** The bound that a label `le` names, null where it names none. */
export function boundOf(le: string): number | null {
  if (/^\+?inf(inity)?$/i.test(le)) return Infinity;
  if (/^-inf(inity)?$/i.test(le)) return -Infinity;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(le) ? Number(le) : null;
}

export interface Forced { minBucket: number; maxBucket: number; maxDiff: number }

/** `buckets` are cumulative, by ascending bound. */
export function bucketQuantile(quantile: number, buckets: readonly ClassicBucket[]): { value: number; forced: Forced | null } {
  if (Number.isNaN(quantile)) return { value: NaN, forced: null };
  if (quantile < 0) return { value: -Infinity, forced: null };
  if (quantile > 1) return { value: Infinity, forced: null };
  if (buckets.at(-1)?.upperBound !== Infinity) return { value: NaN, forced: null };
  const whole = coalesced(buckets);
  const forced = makeMonotonic(whole);
  const [last, beforeLast] = [whole.at(-1), whole.at(-2)];
  if (last === undefined || beforeLast === undefined || last.count === 0) return { value: NaN, forced };
  let rank = quantile * last.count;
  let at = 0;
  // A NaN count is never reached, then the last bucket holds the rank.
  while (at < whole.length - 1 && !((whole[at]?.count ?? NaN) >= rank)) at++;
  const bucket = whole[at] ?? last;
  if (at === whole.length - 1) return { value: beforeLast.upperBound, forced };
  if (at === 0 && bucket.upperBound <= 0) return { value: bucket.upperBound, forced };
  const below = at > 0 ? whole[at - 1] : undefined;
  const start = below?.upperBound ?? 0;
  const count = bucket.count - (below?.count ?? 0);
  rank -= below?.count ?? 0;
  return { value: start + (bucket.upperBound - start) * (rank / count), forced };
}

function coalesced(buckets: readonly ClassicBucket[]): ClassicBucket[] {
  const whole: ClassicBucket[] = [];
  for (const { upperBound, count } of buckets) {
    const last = whole.at(-1);
    if (last?.upperBound === upperBound) last.count += count;
    else whole.push({ upperBound, count });
  }
  return whole;
}

/** Takes out decreases, which come of buckets scraped at different times; tiny differences silently. */
function makeMonotonic(buckets: ClassicBucket[]): Forced | null {
  let forced: Forced | null = null;
  let previous = buckets[0]?.count ?? NaN;
  for (const bucket of buckets.slice(1)) {
    const { count, upperBound } = bucket;
    if (count === previous) continue;
    if (almostEqual(previous, count)) {
      bucket.count = previous;
    } else if (count < previous) {
      bucket.count = previous;
      forced ??= { minBucket: Infinity, maxBucket: -Infinity, maxDiff: 0 };
      forced.minBucket = Math.min(forced.minBucket, upperBound);
      forced.maxBucket = Math.max(forced.maxBucket, upperBound);
      forced.maxDiff = Math.max(forced.maxDiff, previous - count);
    } else {
      previous = count;
    }
  }
  return forced;
}

function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < Number.MIN_VALUE * 2 ** 52) return difference < TOLERANCE * 2 ** -1022;
  return difference / Math.min(sum, Number.MAX_VALUE) < TOLERANCE;
}

export function bucketFraction(lower: number, upper: number, buckets: readonly ClassicBucket[]): number {
  if (buckets.at(-1)?.upperBound !== Infinity) return NaN;
  const whole = coalesced(buckets);
  const count = whole.at(-1)?.count ?? 0;
  if (count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return NaN;
  if (lower >= upper) return 0;
  return (rankOf(upper, whole, count) - rankOf(lower, whole, count)) / count;
}

/** Observations at or below a value, linear within a bucket. */
function rankOf(value: number, buckets: readonly ClassicBucket[], count: number): number {
  let rank = 0;
  let lowerBound = (buckets[0]?.upperBound ?? 0) <= 0 ? -Infinity : 0;
  for (const bucket of buckets) {
    if (lowerBound >= value) return Math.min(rank, count);
    if (bucket.upperBound > value) {
      const within = lowerBound === -Infinity ? bucket.count : rank + ((bucket.count - rank) * (value - lowerBound)) / (bucket.upperBound - lowerBound);
      return within > count ? count : within;
    }
    rank = bucket.count;
    lowerBound = bucket.upperBound;
  }
  return count;
}
