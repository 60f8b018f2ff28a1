import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { RangeSeries, RangeVectors, SeriesBuilder } from '../../engine/values/values.js';
import type { Extension } from '../../ast.js';
import { PromQLExecutionError } from '../../error.js';
import { sameHistogram, wasReset } from '../../histogram/compare.js';
import { interpolated } from '../../numbers/interpolate.js';
import { extendedHistogramRate } from './extended-histogram.js';
import type { RangeNotes } from '../range/mixed-window.js';

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

export type ExtendedKernel = (series: RangeSeries, ranges: RangeVectors, result: SeriesBuilder, notes: RangeNotes) => void;

/**
 * rate and its like with `anchored` (from the last sample up to the window's start) or `smoothed` (between the lines
 * through the samples on both sides of each edge): nothing is extrapolated.
 */
export function extendedKernel(name: string, extension: Extension): ExtendedKernel {
  if (name === 'changes' || name === 'resets') return countingKernel(name);
  return ({ timesMs, values, histograms }, { rangeMs, endsMs, reachMs }, result, notes) => {
    const isFloat = (i: number) => (histograms?.[i] ?? null) === null;
    const natives = histograms?.filter((histogram) => histogram !== null) ?? [];
    const floats = histograms === null ? { timesMs, values } : { timesMs: timesMs.filter((_, i) => isFloat(i)), values: values.filter((_, i) => isFloat(i)) };
    const points = { timesMs: histograms === null ? new Float64Array() : timesMs.filter((_, i) => !isFloat(i)), values: new Float64Array(natives.length) };
    const smoothed = extension === 'smoothed';
    const [overFloats, overHistograms] = [floats, points].map((samples) => new MovingWindow({ ...samples, first: 0, last: 0, startMs: 0, endMs: 0, smoothed }, reachMs));
    for (let step = 0; step < endsMs.length; step++) {
      const endMs = endsMs[step] ?? 0;
      const window = overFloats?.move(endMs - rangeMs, endMs);
      const histogramWindow = overHistograms?.move(endMs - rangeMs, endMs);
      if (overFloats?.empty === false && overHistograms?.empty === false) notes.annotations.mixedFloatsAndHistograms(notes.metric, notes.range);
      else if (window !== null && window !== undefined) {
        const value = increased(window, name);
        result.setFloat(step, name === 'rate' ? value / (rangeMs / 1000) : value);
      } else if (histogramWindow !== null && histogramWindow !== undefined) {
        const found = extendedHistogramRate(histogramWindow, natives, name, rangeMs, notes);
        if (found !== undefined) result.set(step, found);
      }
    }
  };
}

/** Both ends of a window with what lies around it; they only move forward. */
class MovingWindow {
  #from = 0;
  #to = 0;

  constructor(readonly window: ExtendedWindow, readonly reachMs: number) {}

  get empty(): boolean {
    return this.#from === this.#to;
  }

  /** Null where there is nothing to compute. */
  move(startMs: number, endMs: number): ExtendedWindow | null {
    const { window, reachMs } = this;
    const { timesMs } = window;
    window.startMs = startMs;
    window.endMs = endMs;
    const untilMs = endMs + (window.smoothed ? reachMs : 0);
    while (this.#to < timesMs.length && (timesMs[this.#to] ?? Infinity) <= untilMs) this.#to++;
    while (this.#from < this.#to && (timesMs[this.#from] ?? Infinity) <= startMs - reachMs) this.#from++;
    return !this.empty && bounded(window, this.#from, this.#to) ? window : null;
  }
}

/** Changes and resets from the last sample up to the window's start; one between float and histogram counts. */
function countingKernel(name: 'changes' | 'resets'): ExtendedKernel {
  const differs = name === 'changes'
    ? { floats: (a: number, b: number) => a !== b && !(Number.isNaN(a) && Number.isNaN(b)), histograms: (a: NativeHistogram, b: NativeHistogram) => !sameHistogram(a, b) }
    : { floats: (a: number, b: number) => b < a, histograms: (a: NativeHistogram, b: NativeHistogram) => wasReset(b, a) };
  return ({ timesMs, values, histograms }, { rangeMs, endsMs, reachMs }, result) => {
    const moving = new MovingWindow({ timesMs, values, first: 0, last: 0, startMs: 0, endMs: 0, smoothed: false }, reachMs);
    const sample = (i: number) => histograms?.[i] ?? values[i] ?? NaN;
    endsMs.forEach((endMs, step) => {
      const window = moving.move(endMs - rangeMs, endMs);
      if (window === null) return;
      let count = 0;
      for (let i = window.first + 1; i <= window.last; i++) {
        const [before, after] = [sample(i - 1), sample(i)];
        if (typeof before === 'number' && typeof after === 'number') count += Number(differs.floats(before, after));
        else if (typeof before !== 'number' && typeof after !== 'number') count += Number(differs.histograms(before, after));
        else count++;
      }
      result.setFloat(step, count);
    });
  };
}

export interface ExtendedWindow {
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

/** What a range vector with a modifier shows: the samples within, and one at each edge. */
export function extendedSamples({ timesMs, values }: Pick<RangeSeries, 'timesMs' | 'values'>, startMs: number, endMs: number, reachMs: number, extension: Extension): { timesMs: number[]; values: number[] } {
  const smoothed = extension === 'smoothed';
  const window: ExtendedWindow = { timesMs, values, first: 0, last: 0, startMs, endMs, smoothed };
  const within = (time: number) => time > startMs - reachMs && time <= endMs + (smoothed ? reachMs : 0);
  const from = timesMs.findIndex(within);
  const to = timesMs.findLastIndex(within) + 1;
  // Beyond the window alone, later samples show, though nothing is computed from them.
  if (from < 0 || (!bounded(window, from, to) && (timesMs[window.last] ?? 0) <= startMs)) return { timesMs: [], values: [] };
  const { first, last } = window;
  const at = (index: number) => [timesMs[index] ?? 0, values[index] ?? NaN] as const;
  const left = smoothed && (timesMs[first] ?? 0) < startMs ? interpolated(...at(first), ...at(first + 1), startMs, false) : values[first] ?? NaN;
  const right = smoothed && last > 0 && (timesMs[last] ?? 0) > endMs ? interpolated(...at(last - 1), ...at(last), endMs, false) : values[last] ?? NaN;
  const inner = [...timesMs.keys()].slice(first, last + 1).filter((i) => (timesMs[i] ?? 0) > startMs && (timesMs[i] ?? 0) < endMs);
  return { timesMs: [startMs, ...inner.map((i) => timesMs[i] ?? 0), endMs], values: [left, ...inner.map((i) => values[i] ?? NaN), right] };
}
