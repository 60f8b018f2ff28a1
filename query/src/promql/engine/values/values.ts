import type { Extension } from '../../ast.js';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';

/** The points in time at which a query, or a subquery in it, is evaluated. Milliseconds. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
  /** Up to where steps were asked for; the last step may lie before it. */
  readonly endMs: number;
}

export function timeAt(grid: Grid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

export function lastTime(grid: Grid): number {
  return timeAt(grid, grid.count - 1);
}

/** Whether it is the grid of a range, if only of one step: Prometheus goes by its ends. */
export function isRange(grid: Grid): boolean {
  return grid.startMs !== grid.endMs;
}

/** One series over all steps of a grid. */
export interface StepSeries {
  readonly labels: Labels;
  /** The metric's name goes at the end of the query (Prometheus' delayed name removal). */
  readonly dropName: boolean;
  readonly values: Float64Array;
  /** FLOAT where `values` has the sample (NaN is a value), HISTOGRAM where `histograms` has it, ABSENT where there is none. */
  readonly present: Uint8Array;
  /** Null where there are floats alone. */
  readonly histograms: (NativeHistogram | null)[] | null;
}

export const ABSENT = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** One series with its samples, for functions over a range: no stale markers, ascending times. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  /** Of its samples. */
  readonly count: number;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** The histograms among the samples, whose values count for nothing; null where there are none. */
  readonly histograms: readonly (NativeHistogram | null)[] | null;
}

/** Range vectors at all steps: of each step the samples in (end - rangeMs, end]. */
export interface RangeVectors {
  readonly series: readonly RangeSeries[];
  readonly rangeMs: number;
  /** The window's end at each step. */
  readonly endsMs: Float64Array;
  readonly extension: Extension | null;
  /** With an extension: how far beyond the windows there are samples. */
  readonly reachMs: number;
}

export type Value =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly series: readonly StepSeries[] };

/** Samples of a series. All are made here, so that V8 knows one shape of them and compiles what goes over them once. */
export function rangeSeries(labels: Labels, dropName: boolean, timesMs: Float64Array, values: Float64Array, histograms: RangeSeries['histograms']): RangeSeries {
  return { labels, dropName, count: timesMs.length, timesMs, values, histograms };
}

/** A series that may come to hold histograms. Of one shape with all other series over steps, for the same reason. */
export class SeriesBuilder implements StepSeries {
  readonly count: number;
  histograms: (NativeHistogram | null)[] | null;

  private constructor(readonly labels: Labels, readonly dropName: boolean, readonly values: Float64Array, readonly present: Uint8Array, histograms: StepSeries['histograms']) {
    this.count = values.length;
    this.histograms = histograms;
  }

  /** Without a sample at any of `count` steps. */
  static empty(labels: Labels, dropName: boolean, count: number): SeriesBuilder {
    return new SeriesBuilder(labels, dropName, new Float64Array(count), new Uint8Array(count), null);
  }

  /** Takes over the arrays. */
  static of(labels: Labels, dropName: boolean, values: Float64Array, present: Uint8Array, histograms: StepSeries['histograms']): SeriesBuilder {
    return new SeriesBuilder(labels, dropName, values, present, histograms);
  }

  setFloat(step: number, value: number): void {
    this.values[step] = value;
    this.present[step] = FLOAT;
  }

  setHistogram(step: number, histogram: NativeHistogram): void {
    this.histograms ??= new Array<NativeHistogram | null>(this.count).fill(null);
    this.histograms[step] = histogram;
    this.present[step] = HISTOGRAM;
  }

  set(step: number, sample: number | NativeHistogram): void {
    if (typeof sample === 'number') this.setFloat(step, sample);
    else this.setHistogram(step, sample);
  }

  /** Takes another series' sample at a step, if it has one. */
  copy(step: number, { present, values, histograms }: StepSeries): void {
    if (present[step] === FLOAT) this.setFloat(step, values[step] ?? NaN);
    else if (present[step] === HISTOGRAM) {
      const histogram = histograms?.[step];
      if (histogram !== null && histogram !== undefined) this.setHistogram(step, histogram);
    }
  }
}

/** The same series, there at other steps. */
export function withPresent({ labels, dropName, values, histograms }: StepSeries, present: Uint8Array): StepSeries {
  return SeriesBuilder.of(labels, dropName, values, present, histograms);
}

/** The same series under other labels. */
export function withLabels({ values, present, histograms }: StepSeries, labels: Labels, dropName: boolean): StepSeries {
  return SeriesBuilder.of(labels, dropName, values, present, histograms);
}

/** The histogram at a step, null where there is none or a float. */
export function histogramAt({ present, histograms }: StepSeries, step: number): NativeHistogram | null {
  return present[step] === HISTOGRAM ? histograms?.[step] ?? null : null;
}

export function hasPoints({ present, histograms }: StepSeries): boolean {
  return present.includes(FLOAT) || (histograms !== null && present.includes(HISTOGRAM));
}
