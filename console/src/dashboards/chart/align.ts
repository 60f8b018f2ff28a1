import type { Series } from '../../api/prometheus.js';

export interface Aligned {
  /** Unix seconds, ascending, as uPlot wants them. */
  readonly times: readonly number[];
  /** A list for each series; null where it has no value, so that the line breaks there. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** Puts series on one axis of time. `stepMs` fills the times in between, so that a gap is seen as one. */
export function align(series: readonly Pick<Series, 'points'>[], fromMs: number, toMs: number, stepMs: number): Aligned {
  const moments = new Set<number>();
  for (let ms = fromMs; ms <= toMs; ms += stepMs) moments.add(ms);
  for (const { points } of series) for (const [ms] of points) moments.add(Math.round(ms));
  const sorted = [...moments].sort((a, b) => a - b);
  const places = new Map(sorted.map((ms, index) => [ms, index]));
  const values = series.map(({ points }) => {
    const row = new Array<number | null>(sorted.length).fill(null);
    for (const [ms, value] of points) row[places.get(Math.round(ms)) ?? 0] = Number.isFinite(value) ? value : null;
    return row;
  });
  return { times: sorted.map((ms) => ms / 1000), values };
}

/** Each series on top of those before it; what has no value counts as nothing. */
export function stack(values: Aligned['values']): Aligned['values'] {
  const below: number[] = [];
  return values.map((row) => row.map((value, index) => {
    if (value === null) return null;
    below[index] = (below[index] ?? 0) + value;
    return below[index] ?? value;
  }));
}
