import type { MetricsData, MetricValues, NumberDataPoint } from '@signalbox/signals/model/metric';
import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Matcher } from '@signalbox/query/readers';

let state = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

/** From 0 (inclusive) to 1 (exclusive), by mulberry32: the same numbers in each run where SIGNALBOX_TEST_SEED is set. */
export function share(): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

export const random = (n: number): number => Math.floor(share() * n);
export const pick = <T>(of: readonly T[]): T => of[random(of.length)];

/** Labels of one of a few hundred series; some names are odd on purpose. */
export function randomLabels(): Labels {
  const labels = new Map([['__name__', pick(['up', 'requests_total', 'läuft', '10'])]]);
  for (const name of ['job', 'a', 'z', 'é', '__x']) if (random(3)) labels.set(name, pick(['1', '2', 'api', 'api-1', 'api\n2', 'ж', '😀', 'x'.repeat(200)]));
  return [...labels].sort(([a], [b]) => (a < b ? -1 : 1));
}

export function randomMatcher(): Matcher {
  const op = pick(['=', '!=', '=~', '!~'] as const);
  const name = pick(['__name__', 'job', 'a', 'z', 'é', 'missing']);
  const value = op === '=' || op === '!=' ? pick(['', '1', 'up', 'api', 'ж', 'nothing']) : pick(['', '.*', '.+', 'api', 'api.*', 'api-?1', 'api|ж', '1|', '(1|2)', '.*2', 'ap.{2,3}', '[^a]+', 'up|requests_total']);
  return { name, op, value };
}

export function randomHistogram(seed: number): NativeHistogram {
  const n = 1 + (seed % 3);
  const custom = seed % 2 === 1;
  const counts = Float64Array.from({ length: n }, (_, i) => seed + i + 1);
  const zeroCount = custom ? 0 : seed % 5;
  return {
    schema: custom ? -53 : 3, zeroThreshold: custom ? 0 : 0.001, zeroCount, count: counts.reduce((sum, count) => sum + count, zeroCount), sum: seed / 3, counterReset: 'unknown', customBounds: custom ? Float64Array.of(1, 2, 5) : null,
    positive: { offsets: Int32Array.from({ length: n }, (_, i) => i), counts }, negative: { offsets: new Int32Array(0), counts: new Float64Array(0) },
  };
}

function value(): AnyValue {
  return pick<() => AnyValue>([() => 'text', () => BigInt(random(5)), () => random(3) / 2, () => random(2) === 1, () => '', () => ['a', 'b']])();
}

function attributes(most: number): KeyValue[] {
  return Array.from({ length: random(most + 1) }, (_, i) => ({ key: pick([`k${i}`, 'service.name', 'a.b', 'a_b', 'host.name', '']), value: value() }));
}

/** OTLP metrics of all kinds, often with the same resources, metrics and attributes as before. */
export function randomMetrics(fromMs: number): MetricsData {
  const common = () => ({ attributes: attributes(2), startNs: BigInt(random(2)) * 1_000_000_000n, timeNs: random(20) ? BigInt(fromMs + random(100_000)) * 1_000_000n + BigInt(random(1_000_000)) : 0n, flags: random(12) ? 0 : 1 });
  const exemplars = () => (random(10) ? [] : [{ filteredAttributes: [], timeNs: BigInt(fromMs) * 1_000_000n, value: 0.5, spanId: '', traceId: '0af7651916cd43dd8448eb211c80319c' }]);
  const number = (): NumberDataPoint => ({ ...common(), value: pick([1.5, 7n, -3n, null, 2n ** 60n + 1n, -0, random(1e6)]), exemplars: exemplars() });
  const points = <T>(make: () => T): T[] => Array.from({ length: random(4) }, make);
  const bounds = () => pick([[0.1, 1, 10], [1], [], [1, Infinity]]);
  const values: (() => MetricValues)[] = [
    () => ({ type: 'gauge', dataPoints: points(number) }),
    () => ({ type: 'sum', temporality: pick([0, 1, 2, 2, 2]), monotonic: random(3) > 0, dataPoints: points(number) }),
    () => ({
      type: 'histogram', temporality: pick([1, 2, 2]), dataPoints: points(() => {
        const explicitBounds = bounds();
        return { ...common(), explicitBounds, bucketCounts: Array.from({ length: explicitBounds.length + (random(9) ? 1 : 0) }, () => pick([BigInt(random(100)), 0n])), count: BigInt(random(1000)), sum: random(4) ? 12.5 : null, min: null, max: random(2) ? 3 : null, exemplars: exemplars() };
      }),
    }),
    () => ({
      type: 'exponentialHistogram', temporality: pick([1, 2]), dataPoints: points(() => ({
        ...common(), count: 9n, sum: 3, min: null, max: null, scale: random(6) - 1, zeroCount: 1n, zeroThreshold: 0, positive: { offset: random(10) - 5, bucketCounts: [1n, 0n, BigInt(random(9))] }, negative: null, exemplars: exemplars(),
      })),
    }),
    () => ({ type: 'summary', dataPoints: points(() => ({ ...common(), count: 3n, sum: 1.5, quantileValues: [{ quantile: 0.5, value: 1 }] })) }),
    () => ({ type: 'none' }),
  ];
  const scope = () => pick([null, { name: 'lib', version: '1', attributes: [], droppedAttributesCount: 0 }]);
  return {
    resourceMetrics: Array.from({ length: random(3) }, () => ({
      resource: pick([null, { attributes: [{ key: 'service.name', value: 'shop' }, { key: 'host.name', value: pick(['h1', 'h2']) }], droppedAttributesCount: 0 }]), schemaUrl: '',
      scopeMetrics: Array.from({ length: random(3) }, () => ({
        scope: scope(), schemaUrl: pick(['', 'https://schema']),
        metrics: Array.from({ length: random(5) }, (_, i) => ({ name: pick(['http.server.duration', 'queue', '', `m${i}`]), description: '', unit: pick(['', 's', 'By', '1']), metadata: [], values: pick(values)() })),
      })),
    })),
  };
}
