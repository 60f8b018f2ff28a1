import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';

const HINTS: Readonly<Record<string, NativeHistogram['counterReset']>> = { reset: 'reset', not_reset: 'no', gauge: 'gauge', unknown: 'unknown' };

/** A native histogram as Prometheus' scripts write it: `{{schema:0 sum:5 count:4 buckets:[1 2 1]}}`. */
export function parseNative(text: string): NativeHistogram {
  const fields = new Map<string, string>();
  for (const [, key = '', list, plain] of text.matchAll(/([a-z_]+):(?:\[([^\]]*)\]|(\S+?))(?=\s|\}\})/g)) fields.set(key, list ?? plain ?? '');
  const number = (key: string): number => Number((fields.get(key) ?? '0').replace(/^([+-]?)Inf$/i, '$1Infinity'));
  const list = (key: string): number[] => (fields.get(key) ?? '').split(/\s+/).filter((part) => part !== '').map(Number);
  const schema = number('schema');
  return {
    schema, zeroThreshold: number('z_bucket_w'), zeroCount: number('z_bucket'), count: number('count'), sum: number('sum'),
    positive: buckets(list('buckets'), number('offset')), negative: buckets(list('n_buckets'), number('n_offset')),
    customBounds: schema === -53 ? Float64Array.from(list('custom_values')) : null, counterReset: HINTS[fields.get('counter_reset_hint') ?? ''] ?? 'unknown',
  };
}

function buckets(counts: readonly number[], offset: number): NativeHistogram['positive'] {
  return bucketsOf(new Map(counts.map((count, i) => [offset + i, count])));
}

function bucketsOf(counts: ReadonlyMap<number, number>): NativeHistogram['positive'] {
  const filled = [...counts].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
  return { offsets: Int32Array.from(filled, ([index]) => index), counts: Float64Array.from(filled, ([, count]) => count) };
}

/** `a + factor × b`, for two histograms of one schema, as `{{…}}+{{…}}xN` grows. */
export function addNative(a: NativeHistogram, b: NativeHistogram, factor: number): NativeHistogram {
  if (a.schema !== b.schema) throw new Error(`a script adds histograms of schemas ${a.schema} and ${b.schema}`);
  const add = (x: NativeHistogram['positive'], y: NativeHistogram['positive']): NativeHistogram['positive'] => {
    const counts = new Map([...x.offsets].map((index, i) => [index, x.counts[i] ?? 0]));
    y.offsets.forEach((index, i) => { counts.set(index, (counts.get(index) ?? 0) + factor * (y.counts[i] ?? 0)); });
    return bucketsOf(counts);
  };
  return {
    ...a, count: a.count + factor * b.count, sum: a.sum + factor * b.sum, zeroCount: a.zeroCount + factor * b.zeroCount,
    positive: add(a.positive, b.positive), negative: add(a.negative, b.negative),
  };
}

/** A classic histogram's parts at one time. */
interface Classic {
  readonly buckets: Map<number, number>;
  count: number | null;
  sum: number;
}

interface Floats {
  readonly labels: Labels;
  readonly samples: readonly { readonly timeMs: number; readonly value: unknown }[];
}

/** What `load_with_nhcb` adds: each classic histogram as one with custom buckets, under the name without its suffix. */
export function customBucketSeries(series: readonly Floats[]): { readonly labels: Labels; readonly samples: readonly { readonly timeMs: number; readonly histogram: NativeHistogram }[] }[] {
  const families = new Map<string, { readonly labels: Labels; readonly times: Map<number, Classic> }>();
  for (const { labels, samples } of series) {
    const [, name = '', suffix = ''] = /^(.*)(_bucket|_count|_sum)$/.exec(labels.find(([key]) => key === '__name__')?.[1] ?? '') ?? [];
    const le = labels.find(([key]) => key === 'le')?.[1];
    if (suffix === '' || (suffix === '_bucket') !== (le !== undefined)) continue;
    const whole = labels.filter(([key]) => key !== 'le').map(([key, value]) => [key, key === '__name__' ? name : value] as const);
    const family = families.get(JSON.stringify(whole)) ?? { labels: whole, times: new Map<number, Classic>() };
    families.set(JSON.stringify(whole), family);
    for (const { timeMs, value } of samples) {
      if (typeof value !== 'number') continue;
      const classic = family.times.get(timeMs) ?? { buckets: new Map(), count: null, sum: 0 };
      family.times.set(timeMs, classic);
      if (suffix === '_count') classic.count = value;
      else if (suffix === '_sum') classic.sum = value;
      else classic.buckets.set(le === '+Inf' ? Infinity : Number(le), value);
    }
  }
  return [...families.values()]
    .map(({ labels, times }) => ({ labels, samples: [...times].filter(([, { buckets: found }]) => found.size > 0).sort(([a], [b]) => a - b).map(([timeMs, classic]) => ({ timeMs, histogram: customBuckets(classic) })) }))
    .filter(({ samples }) => samples.length > 0);
}

function customBuckets({ buckets: cumulative, count, sum }: Classic): NativeHistogram {
  const sorted = [...cumulative].sort(([a], [b]) => a - b);
  const total = count ?? sorted.at(-1)?.[1] ?? 0;
  const bounds = sorted.map(([bound]) => bound).filter(Number.isFinite);
  const counts = new Map<number, number>();
  let before = 0;
  sorted.filter(([bound]) => Number.isFinite(bound)).forEach(([, value], i) => {
    counts.set(i, value - before);
    before = value;
  });
  counts.set(bounds.length, total - before);
  return {
    schema: -53, zeroThreshold: 0, zeroCount: 0, count: total, sum, customBounds: Float64Array.from(bounds), counterReset: 'unknown',
    positive: bucketsOf(counts), negative: bucketsOf(new Map()),
  };
}
