import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { RandomTelemetry } from '../integrations/random-telemetry.js';
import type { Point, PointSeries } from './write-request.js';

export const STEP_MS = 15_000;
export const POINTS = 160;

type Random = Pick<RandomTelemetry, 'next' | 'int' | 'pick'>;

/** Gauges, counters with resets, classic and native histograms, with gaps, staleness and churn; from `startMs` on, every 15 s. */
export function randomSeries(random: Random, startMs: number): PointSeries[] {
  const all: PointSeries[] = [];
  const add = (labels: Readonly<Record<string, string>>, value: (i: number) => Point['value'] | null): void => {
    const points: Point[] = [];
    for (let i = 0; i < POINTS; i++) {
      const one = value(i);
      if (one !== null) points.push({ timeMs: startMs + i * STEP_MS, value: one });
    }
    if (points.length > 0) all.push({ labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)), points });
  };

  for (const job of ['api', 'web', 'db']) {
    for (let i = 0; i < 4; i++) {
      const labels = { job, instance: `h${i}`, zone: random.pick(['a', 'b']) };
      const present = presence(random);
      let level = random.next() * 100;
      add({ __name__: 'temperature', ...labels }, (at) => present(at) ?? (level += random.next() - 0.5));
      let total = random.int(1000);
      add({ __name__: 'requests_total', ...labels, code: random.pick(['200', '404', '500']) }, (at) => present(at) ?? (total = random.next() < 0.02 ? 0 : total + random.int(20)));
      const counts = [0, 0, 0, 0];
      const observed = Array.from({ length: POINTS }, () => counts.map((_, le) => (counts[le] = (counts[le] ?? 0) + random.int(5))));
      ['0.1', '0.5', '2.5', '+Inf'].forEach((le, at) => add({ __name__: 'latency_bucket', job, instance: `h${i}`, le }, (time) => present(time) ?? observed[time]!.slice(0, at + 1).reduce((a, b) => a + b, 0)));
      add({ __name__: 'latency_count', job, instance: `h${i}` }, (time) => present(time) ?? observed[time]!.reduce((a, b) => a + b, 0));
      add({ __name__: 'latency_sum', job, instance: `h${i}` }, (time) => present(time) ?? observed[time]!.reduce((sum, count, le) => sum + count * le * 0.7, 0));
      if (i < 2) {
        const grown = growing(random, i === 0 ? 3 : 1);
        add({ __name__: 'native_seconds', ...labels }, (at) => present(at) ?? grown());
        const custom = growing(random, -53);
        add({ __name__: 'custom_seconds', ...labels }, (at) => present(at) ?? custom());
      }
    }
  }
  // Churn: each lives for a while, under names of its own.
  for (let i = 0; i < 12; i++) {
    const from = i * 13;
    add({ __name__: 'pods', pod: `pod-${i}` }, (at) => (at < from || at > from + 20 ? null : at === from + 20 ? 'stale' : i + at / 10));
  }
  add({ __name__: 'odd' }, (at) => [1, Infinity, -Infinity, NaN, 0, -0, 5e-324, 1e300][at % 8] ?? 0);
  add({ __name__: 'mixed', job: 'api' }, (at) => (at % 60 < 30 ? at : { ...growing(random, 0)(), count: 0, sum: 0, zeroCount: 0, positive: NO_BUCKETS, negative: NO_BUCKETS }));
  return all;
}

const NO_BUCKETS = { offsets: new Int32Array(), counts: new Float64Array() };

/** Null where a sample is missing, a stale marker where a series pauses, undefined where there is one. */
function presence(random: Random): (at: number) => 'stale' | null | undefined {
  const pauses = Array.from({ length: random.int(3) }, () => ({ from: random.int(POINTS), length: 5 + random.int(40) }));
  const gaps = new Set(Array.from({ length: 8 }, () => random.int(POINTS)));
  return (at) => {
    const pause = pauses.find(({ from, length }) => at >= from && at < from + length);
    if (pause !== undefined) return at === pause.from ? 'stale' : null;
    return gaps.has(at) ? null : undefined;
  };
}

/** A native histogram that observes a little more each time and is reset now and then. Schema -53 has custom bounds. */
function growing(random: Random, schema: number): () => NativeHistogram {
  const custom = schema === -53;
  const positive = new Map<number, number>();
  const negative = new Map<number, number>();
  let zeroCount = 0;
  let sum = 0;
  return () => {
    if (random.next() < 0.03) {
      positive.clear();
      negative.clear();
      zeroCount = 0;
      sum = 0;
    }
    for (let i = 0; i < 5; i++) {
      const index = custom ? random.int(4) : random.int(8) - 4;
      positive.set(index, (positive.get(index) ?? 0) + 1 + random.int(3));
      sum += random.next() * 3;
      if (custom) continue;
      if (random.next() < 0.2) negative.set(random.int(3), (negative.get(random.int(3)) ?? 0) + 1);
      if (random.next() < 0.2) zeroCount++;
    }
    const total = [...positive.values(), ...negative.values()].reduce((a, b) => a + b, zeroCount);
    return {
      schema, zeroThreshold: custom ? 0 : 0.001, zeroCount, count: total, sum, positive: side(positive), negative: side(negative),
      customBounds: custom ? Float64Array.of(0.1, 0.5, 2.5) : null, counterReset: 'unknown',
    };
  };
}

function side(counts: ReadonlyMap<number, number>): NativeHistogram['positive'] {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  return { offsets: Int32Array.from(sorted, ([index]) => index), counts: Float64Array.from(sorted, ([, count]) => count) };
}
