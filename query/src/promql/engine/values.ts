import type { Labels } from '@signalbox/signals/prometheus/types';

/** The points in time at which a query, or a subquery in it, is evaluated. Milliseconds. */
export interface Grid {
  readonly startMs: number;
  readonly stepMs: number;
  readonly count: number;
}

export function timeAt(grid: Grid, step: number): number {
  return grid.startMs + step * grid.stepMs;
}

export function lastTime(grid: Grid): number {
  return timeAt(grid, grid.count - 1);
}

/** One series over all steps of a grid. */
export interface StepSeries {
  readonly labels: Labels;
  /** The metric's name goes at the end of the query (Prometheus' delayed name removal). */
  readonly dropName: boolean;
  readonly values: Float64Array;
  /** 1 where there is a value; NaN is a value. */
  readonly present: Uint8Array;
}

/** One series with its samples, for functions over a range: no stale markers, ascending times. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
}

/** Range vectors at all steps: of each step the samples in (end - rangeMs, end]. */
export interface RangeVectors {
  readonly series: readonly RangeSeries[];
  readonly rangeMs: number;
  /** The window's end at each step. */
  readonly endsMs: Float64Array;
}

export type Value =
  | { readonly type: 'scalar'; readonly values: Float64Array }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'vector'; readonly series: readonly StepSeries[] };

export function emptySeries(labels: Labels, dropName: boolean, count: number): StepSeries {
  return { labels, dropName, values: new Float64Array(count), present: new Uint8Array(count) };
}

export function hasPoints({ present }: StepSeries): boolean {
  return present.includes(1);
}
