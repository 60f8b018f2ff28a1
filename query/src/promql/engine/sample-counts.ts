import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Grid, RangeVectors, StepSeries } from './values/values.js';
import { FLOAT, HISTOGRAM, timeAt } from './values/values.js';

/** How many samples a histogram without its buckets counts for. */
const BARE_HISTOGRAM = 11;

/** What is counted, and how. */
export interface Counted {
  /** `@` fixes it: it is read once and stands at every step. */
  readonly fixed: boolean;
  /** Histograms are looked at without their buckets. */
  readonly bare: boolean;
}

/**
 * How many samples a query takes at each step, as Prometheus' `stats` tells it (util/stats): those loaded, where a range function's whole
 * window counts at each step, and those read, where only what is new in the window counts.
 */
export class SampleCounts {
  readonly loadedPerStep: Float64Array;
  readonly readPerStep: Float64Array;

  constructor(readonly grid: Grid) {
    this.loadedPerStep = new Float64Array(grid.count);
    this.readPerStep = new Float64Array(grid.count);
  }

  get loaded(): number {
    return total(this.loadedPerStep);
  }

  get read(): number {
    return total(this.readPerStep);
  }

  /** What a selector took. */
  vector(series: readonly StepSeries[], { fixed, bare }: Counted): void {
    for (const { present, histograms } of series) {
      for (let step = 0; step < present.length; step++) {
        const kind = present[step];
        if (kind === FLOAT) this.#add(step, 1, fixed && step > 0 ? 0 : 1);
        else if (kind === HISTOGRAM) {
          const size = sizeOf(histograms?.[step] ?? null, bare);
          this.#add(step, size, fixed && step > 0 ? 0 : size);
        }
      }
    }
  }

  /** What a range selector took; of a subquery's result (`computed`) nothing is read. */
  windows({ series, rangeMs, endsMs, extension, reachMs }: RangeVectors, { fixed, bare }: Counted, computed: boolean): void {
    const before = rangeMs + (extension === null ? 0 : reachMs);
    const behind = extension === 'smoothed' ? reachMs : 0;
    for (const { timesMs, histograms } of series) {
      const sums = histograms === null ? null : running(histograms, bare);
      let from = 0;
      let to = 0;
      for (let step = 0; step < endsMs.length; step++) {
        const end = (endsMs[step] ?? 0) + behind;
        while (to < timesMs.length && (timesMs[to] ?? 0) <= end) to++;
        while (from < to && (timesMs[from] ?? 0) <= (endsMs[step] ?? 0) - before) from++;
        let fresh = from;
        if (step > 0) while (fresh < to && (timesMs[fresh] ?? 0) <= end - this.grid.stepMs) fresh++;
        const between = (a: number, b: number): number => (sums === null ? b - a : (sums[b] ?? 0) - (sums[a] ?? 0));
        this.#add(step, between(from, to), computed || (fixed && step > 0) ? 0 : between(fresh, to));
      }
    }
  }

  /** What was evaluated once for all steps: it counts at each, and is read once. */
  once({ loaded, read }: SampleCounts): void {
    for (let step = 0; step < this.grid.count; step++) this.#add(step, loaded, step === 0 ? read : 0);
  }

  /** What a subquery read, at the steps whose windows it is in. `rangeMs`: null where all of it is the answer. */
  subquery(inner: SampleCounts, offsetMs: number, rangeMs: number | null, fixed: boolean): void {
    const { grid } = this;
    if (rangeMs === null) this.#add(grid.count - 1, inner.loaded, 0);
    if (grid.count === 1 || fixed) {
      this.#add(0, 0, inner.read);
      return;
    }
    for (let at = 0; at < inner.grid.count; at++) {
      const timeMs = timeAt(inner.grid, at) + offsetMs;
      const step = Math.min(grid.count - 1, Math.max(0, Math.ceil((timeMs - grid.startMs) / grid.stepMs)));
      if (rangeMs !== null && timeMs <= timeAt(grid, step) - rangeMs) continue;
      this.#add(step, 0, inner.readPerStep[at] ?? 0);
    }
  }

  #add(step: number, loaded: number, read: number): void {
    this.loadedPerStep[step] = (this.loadedPerStep[step] ?? 0) + loaded;
    this.readPerStep[step] = (this.readPerStep[step] ?? 0) + read;
  }
}

function total(counts: Float64Array): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** By sample, how much all before it count for. */
function running(histograms: readonly (NativeHistogram | null)[], bare: boolean): Float64Array {
  const sums = new Float64Array(histograms.length + 1);
  histograms.forEach((histogram, i) => { sums[i + 1] = (sums[i] ?? 0) + (histogram === null ? 1 : sizeOf(histogram, bare)); });
  return sums;
}

/** A histogram counts by its size: what Go takes for it, in samples of 16 bytes. */
function sizeOf(histogram: NativeHistogram | null, bare: boolean): number {
  if (histogram === null || bare) return BARE_HISTOGRAM;
  const { positive, negative, customBounds } = histogram;
  const eights = spans(positive.offsets) + spans(negative.offsets) + positive.offsets.length + negative.offsets.length + (customBounds?.length ?? 0);
  return Math.floor((168 + 8 + 8 * eights) / 16);
}

function spans(offsets: Int32Array): number {
  let count = 0;
  for (let i = 0; i < offsets.length; i++) if (i === 0 || offsets[i] !== (offsets[i - 1] ?? 0) + 1) count++;
  return count;
}
