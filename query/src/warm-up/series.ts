import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Series } from '../readers.js';
import { STALE_NAN } from '../promql/numbers/stale.js';

export const WARM_UP_STEP_MS = 15_000;
/** Of each series: as long as the queries go on, and before it what their first ranges look at. */
export const WARM_UP_POINTS = 160;

type Value = number | NativeHistogram | null;

/**
 * Made-up series of each kind that there is: gauges, counters that are reset, classic and native histograms, with gaps and stale
 * markers. They are the same each time.
 */
export function warmUpSeries(startMs: number): readonly Series[] {
  const all: Series[] = [];
  const add = (labels: Readonly<Record<string, string>>, valueAt: (at: number) => Value): void => {
    const points = Array.from({ length: WARM_UP_POINTS }, (_, at) => ({ timeMs: startMs + at * WARM_UP_STEP_MS, value: valueAt(at) })).filter(({ value }) => value !== null);
    const histograms = points.map(({ value }) => (typeof value === 'number' ? null : value));
    all.push({
      labels: Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)) as Labels, timesMs: Float64Array.from(points, ({ timeMs }) => timeMs),
      values: Float64Array.from(points, ({ value }) => (typeof value === 'number' ? value : NaN)), histograms: histograms.some((histogram) => histogram !== null) ? histograms : null,
    });
  };
  for (let host = 0; host < HOSTS; host++) {
    const labels = { job: host % 2 === 0 ? 'api' : 'web', instance: `host-${host}`, zone: host % 3 === 0 ? 'a' : 'b' };
    const there = presence(host);
    add({ __name__: 'warm_gauge', ...labels }, (at) => there(at) ?? 20 + Math.sin(at / 9 + host) * 10 + ((at * 7919 + host) % 101) / 97);
    add({ __name__: 'warm_total', ...labels, code: '200' }, (at) => there(at) ?? ((at + host * 31) % 97) * (host + 3));
    for (const [index, le] of ['0.1', '0.5', '2.5', '+Inf'].entries()) add({ __name__: 'warm_bucket', ...labels, le }, (at) => there(at) ?? at * (index + 1) * (host + 1));
    if (host >= HOSTS_WITH_NATIVE) continue;
    add({ __name__: 'warm_native', ...labels }, (at) => there(at) ?? exponential(at % 71, host));
    add({ __name__: 'warm_custom', ...labels }, (at) => there(at) ?? custom(at % 83));
  }
  // Each lives for a while.
  for (let pod = 0; pod < PODS; pod++) add({ __name__: 'warm_pods', pod: `pod-${pod}` }, (at) => (Math.floor((at * PODS) / WARM_UP_POINTS) === pod ? 1 + at / 10 : null));
  add({ __name__: 'warm_odd' }, (at) => ODD[at % ODD.length] ?? 0);
  add({ __name__: 'warm_mixed', job: 'api' }, (at) => (at % 40 < 20 ? at : exponential(at % 40, 0)));
  return all;
}

const PODS = 8;
const ODD = [1, Infinity, -Infinity, NaN, 0, -0, 5e-324, 1e300];
const HOSTS = 10;
const HOSTS_WITH_NATIVE = 4;

/** Null where a sample is missing, a stale marker where a series pauses, undefined where there is one. */
function presence(host: number): (at: number) => number | null | undefined {
  if (host % 3 === 0) return () => undefined;
  const pauseAt = 20 + host * 11;
  return (at) => (at === pauseAt ? STALE_NAN : (at > pauseAt && at < pauseAt + 12) || (at * 7 + host) % 19 === 0 ? null : undefined);
}

/** A histogram that has counted for so long. */
function exponential(age: number, host: number): NativeHistogram {
  const counts = Array.from({ length: 9 }, (_, i) => Math.floor((age * (i + 1)) / (10 - i)) + (i > 2 ? 1 : 0));
  return histogram({ schema: host % 2 === 0 ? 3 : 1, zeroThreshold: 0.001, zeroCount: age >> 2, positive: sideOf(-4, counts), negative: sideOf(0, [age >> 3, age >> 4]), customBounds: null });
}

function custom(age: number): NativeHistogram {
  return histogram({ schema: -53, zeroThreshold: 0, zeroCount: 0, positive: sideOf(0, [age, age * 2, age >> 1, 1]), negative: sideOf(0, []), customBounds: Float64Array.of(0.1, 0.5, 2.5) });
}

/** Its fields stand in the order in which they do everywhere, so that V8 takes it for the same kind of object. */
function histogram({ schema, zeroThreshold, zeroCount, positive, negative, customBounds }: Pick<NativeHistogram, 'schema' | 'zeroThreshold' | 'zeroCount' | 'positive' | 'negative' | 'customBounds'>): NativeHistogram {
  const count = [...positive.counts, ...negative.counts].reduce((sum, one) => sum + one, zeroCount);
  return { schema, zeroThreshold, zeroCount, count, sum: count * 0.7, positive, negative, customBounds, counterReset: 'unknown' };
}

function sideOf(first: number, counts: readonly number[]): NativeHistogram['positive'] {
  const filled = counts.map((count, i) => [first + i, count] as const).filter(([, count]) => count > 0);
  return { offsets: Int32Array.from(filled, ([index]) => index), counts: Float64Array.from(filled, ([, count]) => count) };
}
