import type { Histogram, HistogramValues } from './histogram.js';

export interface SavedExplicitHistogram {
  readonly kind: 'explicit';
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts values in buckets (bounds[i - 1], bounds[i]]; the last bucket has no upper bound. */
export class ExplicitHistogram implements Histogram {
  readonly #bounds: readonly number[];
  #counts: number[];
  #count = 0;
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  static load(bounds: readonly number[], { counts, sum }: SavedExplicitHistogram): ExplicitHistogram {
    const histogram = new ExplicitHistogram(bounds);
    if (counts.length !== bounds.length + 1) throw new Error('the snapshot has another number of buckets');
    histogram.#counts = [...counts];
    histogram.#count = counts.reduce((total, count) => total + count, 0);
    histogram.#sum = sum;
    return histogram;
  }

  get count(): number {
    return this.#count;
  }

  observe(value: number): number {
    const bounds = this.#bounds;
    let low = 0;
    let high = bounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (bounds[middle] >= value) high = middle;
      else low = middle + 1;
    }
    this.#counts[low]++;
    this.#count++;
    this.#sum += value;
    return low;
  }

  values(): HistogramValues {
    return { count: BigInt(this.#count), sum: this.#sum, min: null, max: null, bucketCounts: this.#counts.map(BigInt), explicitBounds: this.#bounds };
  }

  save(): SavedExplicitHistogram {
    return { kind: 'explicit', counts: this.#counts, sum: this.#sum };
  }
}
