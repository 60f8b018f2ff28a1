import type { NativeHistogram, PrometheusExemplar, PrometheusType } from '../types.js';
import { setStale } from './sample-bits.js';
import type { WriteHistogram, WriteRequest, WriteSeries } from './types.js';

/** Numbers that repeat for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const TEXTS = ['a', 'job', 'ü', '日本', 'with "quotes"', '😀', 'x'.repeat(200), '\n'];
const TYPES: readonly PrometheusType[] = ['counter', 'gauge', 'histogram', 'summary'];
const HINTS: readonly NativeHistogram['counterReset'][] = ['unknown', 'reset', 'no', 'gauge'];
const NUMBERS = [0, -0, 1.5, -1, Infinity, -Infinity, NaN, Number.MAX_VALUE, 5e-324, 2 ** 53];

/** A write as it comes out of the decoder: sorted labels, no empty buckets. */
export function randomRequest(random: () => number): WriteRequest {
  const int = (below: number): number => Math.floor(random() * below);
  const pick = <T>(list: readonly T[]): T => list[int(list.length)];
  const time = (): number => pick([0, 1, -5, 1_700_000_000_000 + int(1e6), 253_402_300_799_000]);
  const labels = (name: string | null): WriteSeries['labels'] => {
    const map = new Map<string, string>(Array.from({ length: int(4) }, () => [`l${int(20)}`, pick(TEXTS)] as const));
    if (name !== null) map.set('__name__', name);
    return [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  };
  const exemplar = (): PrometheusExemplar => ({ labels: labels(null), value: pick(NUMBERS.slice(0, 6)), timeMs: time() });
  const series = (i: number): WriteSeries => {
    const count = int(4);
    const timesMs = Float64Array.from({ length: count }, time);
    const values = Float64Array.from({ length: count }, () => pick(NUMBERS));
    if (count > 0 && random() < 0.3) setStale(values, int(count));
    const starts = Float64Array.from({ length: count }, () => (random() < 0.5 ? time() : 0));
    return {
      labels: labels(`metric_${i}`),
      timesMs,
      values,
      startsMs: starts.some((start) => start !== 0) ? starts : null,
      histograms: Array.from({ length: int(3) }, () => randomHistogram(random, time)),
      exemplars: Array.from({ length: int(3) }, exemplar),
      metadata: random() < 0.5 ? { type: pick(TYPES), help: pick(['', ...TEXTS]), unit: pick(['', 'seconds']) } : null,
    };
  };
  return { series: Array.from({ length: int(6) }, (_, i) => series(i)) };
}

function randomHistogram(random: () => number, time: () => number): WriteHistogram {
  const int = (below: number): number => Math.floor(random() * below);
  if (random() < 0.15) return { timeMs: time(), startMs: 0, histogram: null };
  const custom = random() < 0.3;
  const float = random() < 0.4;
  const count = (): number => (float ? random() * 10 + 0.5 : int(2 ** 40) + 1);
  const buckets = (from: number, most: number): NativeHistogram['positive'] => {
    const offsets: number[] = [];
    for (let index = from; offsets.length < most && random() < 0.8; index += 1 + (random() < 0.5 ? 0 : int(5))) offsets.push(index);
    return { offsets: Int32Array.from(offsets), counts: Float64Array.from(offsets, count) };
  };
  const positive = custom ? buckets(0, 5) : buckets(int(50) - 25, 20);
  const negative = custom ? { offsets: new Int32Array(0), counts: new Float64Array(0) } : buckets(int(50) - 25, 20);
  const zeroCount = custom ? 0 : int(5);
  const total = [...positive.counts, ...negative.counts].reduce((sum, value) => sum + value, zeroCount);
  return {
    timeMs: time(),
    startMs: random() < 0.3 ? 1_600_000_000_000 : 0,
    histogram: {
      schema: custom ? -53 : int(13) - 4,
      zeroThreshold: custom ? 0 : pickThreshold(random),
      zeroCount,
      count: total,
      sum: random() * 1000 - 500,
      positive,
      negative,
      customBounds: custom ? Float64Array.from({ length: 26 }, (_, i) => i * 1.5 - 3) : null,
      counterReset: HINTS[int(HINTS.length)],
    },
  };
}

function pickThreshold(random: () => number): number {
  return random() < 0.5 ? 2 ** -128 : 0.001;
}
