import type { RangeSeries, RangeVectors, SeriesBuilder } from '../engine/values.js';
import type { Extension } from '../ast.js';
import { PromQLExecutionError } from '../error.js';
import { interpolated } from '../interpolate.js';

/** Functions that the modifiers may stand before. */
const SAFE: Readonly<Record<Extension, readonly string[]>> = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
};

/** Throws PromQLExecutionError where a function does not work on samples from beyond the window. */
export function requireExtension(name: string, extension: Extension | null): void {
  if (extension === null || SAFE[extension].includes(name)) return;
  throw new PromQLExecutionError(`${extension} modifier can only be used with: ${SAFE[extension].join(', ')} - not with ${name}`);
}

export type ExtendedKernel = (series: RangeSeries, ranges: RangeVectors, result: SeriesBuilder) => void;

/**
 * rate and its like with `anchored` (from the last sample up to the window's start) or `smoothed` (between the lines
 * through the samples on both sides of each edge): nothing is extrapolated.
 */
export function extendedKernel(name: string, extension: Extension): ExtendedKernel {
  return (series, { rangeMs, endsMs, reachMs }, result) => {
    if (series.histograms !== null) throw new PromQLExecutionError(`${extension} modifier is not supported with histograms`);
    const window: ExtendedWindow = { timesMs: series.timesMs, values: series.values, first: 0, last: 0, startMs: 0, endMs: 0, smoothed: extension === 'smoothed' };
    let from = 0;
    let to = 0;
    for (let step = 0; step < endsMs.length; step++) {
      window.endMs = endsMs[step] ?? 0;
      window.startMs = window.endMs - rangeMs;
      const untilMs = window.endMs + (window.smoothed ? reachMs : 0);
      while (to < window.timesMs.length && (window.timesMs[to] ?? Infinity) <= untilMs) to++;
      while (from < to && (window.timesMs[from] ?? Infinity) <= window.startMs - reachMs) from++;
      if (from === to || !bounded(window, from, to)) continue;
      const value = name === 'changes' || name === 'resets' ? counted(window, name) : increased(window, name);
      result.setFloat(step, name === 'rate' ? value / (rangeMs / 1000) : value);
    }
  };
}

interface ExtendedWindow {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  /** Index of the last sample at or before the start, else of the first there is. */
  first: number;
  /** Index of the last sample; smoothed: of the first at or after the end. */
  last: number;
  startMs: number;
  endMs: number;
  readonly smoothed: boolean;
}

/** Finds the samples at the edges. False where there is nothing to compute. */
function bounded(window: ExtendedWindow, from: number, to: number): boolean {
  const { timesMs, startMs, endMs } = window;
  let first = from;
  while (first + 1 < to && (timesMs[first + 1] ?? Infinity) <= startMs) first++;
  let last = to - 1;
  if (window.smoothed) while (last > from && (timesMs[last - 1] ?? 0) >= endMs) last--;
  window.first = first;
  window.last = last;
  if ((timesMs[last] ?? 0) <= startMs) return false;
  return !window.smoothed || (timesMs[first] ?? 0) <= endMs;
}

function increased({ timesMs, values, first, last, startMs, endMs, smoothed }: ExtendedWindow, name: string): number {
  const counter = name !== 'delta';
  const at = (index: number) => [timesMs[index] ?? 0, values[index] ?? NaN] as const;
  const edge = (left: number, atMs: number) => interpolated(...at(left), ...at(left + 1), atMs, counter);
  const left = smoothed && (timesMs[first] ?? 0) < startMs ? edge(first, startMs) : values[first] ?? NaN;
  const right = smoothed && last > 0 && (timesMs[last] ?? 0) > endMs ? edge(last - 1, endMs) : values[last] ?? NaN;
  let increase = right - left;
  if (!counter) return increase;
  let previous = left;
  const begin = (timesMs[first] ?? 0) <= startMs ? first + 1 : first;
  const end = (timesMs[last] ?? 0) >= endMs ? last - 1 : last;
  for (let i = begin; i <= end; i++) {
    const value = values[i] ?? NaN;
    if (value < previous) increase += previous;
    previous = value;
  }
  return right < previous ? increase + previous : increase;
}

function counted({ values, first, last }: ExtendedWindow, name: 'changes' | 'resets'): number {
  let count = 0;
  for (let i = first + 1; i <= last; i++) {
    const [before, value] = [values[i - 1] ?? NaN, values[i] ?? NaN];
    if (name === 'resets' ? value < before : before !== value && !(Number.isNaN(before) && Number.isNaN(value))) count++;
  }
  return count;
}

/** What a range vector with a modifier shows: the samples within, and one at each edge. */
export function extendedSamples({ timesMs, values }: Pick<RangeSeries, 'timesMs' | 'values'>, startMs: number, endMs: number, reachMs: number, extension: Extension): { timesMs: number[]; values: number[] } {
  const smoothed = extension === 'smoothed';
  const window: ExtendedWindow = { timesMs, values, first: 0, last: 0, startMs, endMs, smoothed };
  const within = (time: number) => time > startMs - reachMs && time <= endMs + (smoothed ? reachMs : 0);
  const from = timesMs.findIndex(within);
  const to = timesMs.findLastIndex(within) + 1;
  if (from < 0 || !bounded(window, from, to)) return { timesMs: [], values: [] };
  const { first, last } = window;
  const at = (index: number) => [timesMs[index] ?? 0, values[index] ?? NaN] as const;
  const left = smoothed && (timesMs[first] ?? 0) < startMs ? interpolated(...at(first), ...at(first + 1), startMs, false) : values[first] ?? NaN;
  const right = smoothed && last > 0 && (timesMs[last] ?? 0) > endMs ? interpolated(...at(last - 1), ...at(last), endMs, false) : values[last] ?? NaN;
  const inner = [...timesMs.keys()].slice(first, last + 1).filter((i) => (timesMs[i] ?? 0) > startMs && (timesMs[i] ?? 0) < endMs);
  return { timesMs: [startMs, ...inner.map((i) => timesMs[i] ?? 0), endMs], values: [left, ...inner.map((i) => values[i] ?? NaN), right] };
}
