import type { Labels } from '@signalbox/signals/prometheus/types';
import type { Turns } from '../../event-loop.js';
import { compareLabels, labelsKey } from '../../labels/labels.js';
import { PromQLExecutionError } from '../error.js';
import { withoutMetadata } from './labels.js';
import type { Grid, RangeVectors, StepSeries, Value } from './values.js';
import { hasPoints, timeAt } from './values.js';

export interface ResultSeries {
  readonly labels: Labels;
  readonly timesMs: readonly number[];
  readonly values: readonly number[];
}

/** What a query answers. A vector has one point per series. */
export type Result =
  | { readonly type: 'scalar'; readonly timeMs: number; readonly value: number }
  | { readonly type: 'string'; readonly timeMs: number; readonly value: string }
  | { readonly type: 'vector'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] };

export async function instantResult(value: Value, grid: Grid, turns: Turns): Promise<Result> {
  const timeMs = grid.startMs;
  if (value.type === 'scalar') return { type: 'scalar', timeMs, value: value.values[0] ?? NaN };
  if (value.type === 'string') return { type: 'string', timeMs, value: value.value };
  return { type: 'vector', series: await pointsOf(value.series, grid, turns) };
}

/** In order of labels. A scalar becomes a series without labels. */
export async function rangeResult(value: Value, grid: Grid, turns: Turns): Promise<Result> {
  if (value.type === 'string') throw new PromQLExecutionError('invalid expression type "string" for range query, must be Scalar or instant Vector');
  if (value.type === 'scalar') {
    const present = new Uint8Array(grid.count).fill(1);
    return { type: 'matrix', series: [points({ labels: [], dropName: false, values: value.values, present }, grid)] };
  }
  const series = await pointsOf(value.series, grid, turns);
  return { type: 'matrix', series: series.sort((a, b) => compareLabels(a.labels, b.labels)) };
}

/** The raw samples that an instant query for a range vector answers. */
export function matrixResult({ series, rangeMs, endsMs }: RangeVectors): Result {
  const end = endsMs[0] ?? 0;
  const within = series.map(({ labels, dropName, timesMs, values }) => {
    const at: number[] = [];
    timesMs.forEach((time, i) => { if (time > end - rangeMs && time <= end) at.push(i); });
    return { labels: dropName ? withoutMetadata(labels) : labels, timesMs: at.map((i) => timesMs[i] ?? 0), values: at.map((i) => values[i] ?? NaN) };
  });
  return { type: 'matrix', series: within.filter(({ values }) => values.length > 0).sort((a, b) => compareLabels(a.labels, b.labels)) };
}

/** Takes the names that are to go, and joins series that are the same then. Throws where both have a point at one time. */
function named(series: readonly StepSeries[]): StepSeries[] {
  return mergeSame(series.map((one) => (one.dropName ? { ...one, labels: withoutMetadata(one.labels) } : one))).filter(hasPoints);
}

/** Joins series with equal labels. Throws where both have a point at one time. */
export function mergeSame(series: readonly StepSeries[]): StepSeries[] {
  const byLabels = new Map<string, StepSeries>();
  for (const one of series) {
    const key = labelsKey(one.labels);
    const other = byLabels.get(key);
    if (other === undefined) {
      byLabels.set(key, one);
      continue;
    }
    const merged = { ...other, dropName: other.dropName || one.dropName, values: other.values.slice(), present: other.present.slice() };
    for (let step = 0; step < one.present.length; step++) {
      if (one.present[step] === 0) continue;
      if (merged.present[step] === 1) throw new PromQLExecutionError('vector cannot contain metrics with the same labelset');
      merged.present[step] = 1;
      merged.values[step] = one.values[step] ?? NaN;
    }
    byLabels.set(key, merged);
  }
  return [...byLabels.values()];
}

async function pointsOf(series: readonly StepSeries[], grid: Grid, turns: Turns): Promise<ResultSeries[]> {
  const found: ResultSeries[] = [];
  for (const one of named(series)) {
    found.push(points(one, grid));
    if (turns.due(grid.count)) await turns.turn();
  }
  return found;
}

function points({ labels, values, present }: StepSeries, grid: Grid): ResultSeries {
  const timesMs: number[] = [];
  const found: number[] = [];
  for (let step = 0; step < grid.count; step++) {
    if (present[step] === 0) continue;
    timesMs.push(timeAt(grid, step));
    found.push(values[step] ?? NaN);
  }
  return { labels, timesMs, values: found };
}
