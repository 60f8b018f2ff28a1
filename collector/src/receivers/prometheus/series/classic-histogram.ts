import { CUSTOM_BUCKETS_SCHEMA } from '@signalbox/signals/prometheus/native-histogram';
import type { NativeHistogram, PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import { parseFloatText } from '../reading/go-float.js';
import type { Family } from '../reading/exposition.js';
import type { SeriesText } from '../reading/series-text.js';

/** What a classic series says of its histogram. */
export interface PartText {
  readonly kind: 'bucket' | 'sum' | 'count';
  /** Of a bucket, else 0. */
  readonly bound: number;
  /** The histogram as a series: the name of its family, without `le`. */
  readonly whole: SeriesText;
}

type Bucket = readonly [bound: number, count: number];

const PART = /^(.+)_(bucket|sum|count)$/s;

/** Null where the series is no part of a family that was said to be a histogram, or a bucket whose bound is no number. */
export function partOf({ name, labels }: SeriesText, families: ReadonlyMap<string, Family>): PartText | null {
  const match = PART.exec(name);
  if (match === null) return null;
  const [, family = '', kind] = match as unknown as readonly [string, string, PartText['kind']];
  if (families.get(family)?.type !== 'histogram') return null;
  let bound = 0;
  if (kind === 'bucket') {
    bound = parseFloatText(labels.find(([label]) => label === 'le')?.[1] ?? '') ?? NaN;
    if (Number.isNaN(bound)) return null;
  }
  return { kind, bound, whole: { name: family, labels: labels.filter(([label]) => label !== 'le') } };
}

/**
 * A native histogram with custom buckets in the making, from the classic series of one scrape. What does not go together is judged
 * as Prometheus judges it (util/convertnhcb).
 */
export class ClassicHistogram {
  /** Those with a time of their own: Prometheus takes no others of native histograms, since each scrape would make them new ones. */
  readonly exemplars: PrometheusExemplar[] = [];
  /** As they came; counts hold those of the buckets below. */
  readonly #buckets: Bucket[] = [];
  #count: number | null = null;
  #sum = 0;
  #problem: string | null = null;

  /** @param ownMs the time that the target wrote; NaN for none */
  constructor(readonly ownMs: number) {}

  /** Takes the value of a part. */
  add({ kind, bound }: Pick<PartText, 'kind' | 'bound'>, value: number): void {
    if (kind === 'sum') this.#sum = value;
    else if (value < 0) this.#problem ??= kind === 'count' ? `its count is negative (${value})` : `the bucket ${bound} is negative (${value})`;
    else if (kind === 'count') this.#count = value;
    else this.#buckets.push([bound, value]);
  }

  /**
   * The histogram, or why there is none. Of a bucket that came more than once the first is taken. Without a count it is that of the
   * last bucket, or 0; without the bucket +Inf that has the count; without a sum it is 0.
   */
  convert(): NativeHistogram | string {
    if (this.#problem !== null) return this.#problem;
    const buckets = ascending(this.#buckets);
    const count = this.#count ?? buckets.at(-1)?.[1] ?? 0;
    if (buckets.at(-1)?.[0] !== Infinity) buckets.push([Infinity, count]);
    else if (buckets.at(-1)?.[1] !== count) return `its count is ${count}, that of its bucket +Inf ${buckets.at(-1)?.[1]}`;
    const offsets: number[] = [];
    const counts: number[] = [];
    let below = 0;
    for (const [i, [bound, cumulative]] of buckets.entries()) {
      const inside = cumulative - below;
      if (inside < 0) return `its bucket ${bound === Infinity ? '+Inf' : bound} counts ${cumulative}, the one before it ${below}`;
      if (inside !== 0) {
        offsets.push(i);
        counts.push(inside);
      }
      below = cumulative;
    }
    return {
      schema: CUSTOM_BUCKETS_SCHEMA,
      zeroThreshold: 0,
      zeroCount: 0,
      count,
      sum: this.#sum,
      positive: { offsets: Int32Array.from(offsets), counts: Float64Array.from(counts) },
      negative: { offsets: new Int32Array(0), counts: new Float64Array(0) },
      customBounds: Float64Array.from(buckets.slice(0, -1), ([bound]) => bound),
      counterReset: 'unknown',
    };
  }
}

/** By their bounds, each of them once. */
function ascending(buckets: readonly Bucket[]): Bucket[] {
  const sorted = buckets.every(([bound], i) => i === 0 || bound >= buckets[i - 1]![0]) ? buckets : [...buckets].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.filter(([bound], i) => i === 0 || bound !== sorted[i - 1]![0]);
}
