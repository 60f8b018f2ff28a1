import assert from 'node:assert/strict';
import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { Exemplar, Metric, MetricsData, MetricValues } from '@signalbox/signals/model/metric';
import { decodeMetrics, encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { OtlpError } from '@signalbox/signals/otlp/error';
import { decodeWriteV1, decodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/decode';
import { encodeWriteV2 } from '@signalbox/signals/prometheus/remote-write/encode';
import { isStale, setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import { toPrometheus, type TranslateOptions } from '@signalbox/signals/prometheus/translate';
import type { PrometheusMetadata, PrometheusSample } from '@signalbox/signals/prometheus/types';
import type { Batch, BatchPart } from '../../component.js';
import { partOf } from '../testing/context.js';
import { collectPoints } from './collect-points.js';
import { LabelMemory } from './label-memory.js';
import { encodeV1 } from './write-v1.js';
import { encodeV2 } from './write-v2.js';

/** Numbers from 0 to 1 from a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Metrics of all kinds, with all that is rare, of a few resources whose series come again. */
class RandomMetrics {
  private readonly random: () => number;
  private nowMs = 1_700_000_000_000;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  below(n: number): number {
    return Math.floor(this.random() * n);
  }

  chance(share: number): boolean {
    return this.random() < share;
  }

  next(): MetricsData {
    this.nowMs += this.below(20_000);
    return {
      resourceMetrics: Array.from({ length: this.below(3) + 1 }, () => ({
        resource: this.chance(0.1) ? null : { attributes: [{ key: 'service.name', value: `s${this.below(3)}` }, ...(this.chance(0.7) ? [{ key: 'host.name', value: `h${this.below(2)}` }] : [])], droppedAttributesCount: 0 },
        schemaUrl: '',
        scopeMetrics: Array.from({ length: this.below(3) }, () => ({
          scope: this.chance(0.5) ? null : { name: `scope${this.below(2)}`, version: '1', attributes: [], droppedAttributesCount: 0 },
          schemaUrl: this.chance(0.2) ? 'https://example.org/größe' : '',
          metrics: Array.from({ length: this.below(8) }, () => this.metric()),
        })),
      })),
    };
  }

  private metric(): Metric {
    // One name, one kind: a family that is two things at once has the metadata of either.
    const number = this.below(12);
    const values = this.values(number % 6);
    return { name: this.chance(0.02) ? '' : `m.${number}`, description: `what ${number} is`, unit: number % 3 === 0 ? 'By' : number % 3 === 1 ? '1' : '', metadata: [], values };
  }

  private values(kind: number): MetricValues {
    const temporality = this.chance(0.05) ? 1 : 2;
    const points = <P>(make: () => P): P[] => Array.from({ length: this.below(12) }, make);
    const value = (): bigint | number | null => (this.chance(0.03) ? null : this.chance(0.3) ? BigInt(this.below(1e9)) * (this.chance(0.2) ? -1_000_000_007n : 1n) : this.chance(0.05) ? NaN : this.random() * 1000);
    switch (kind) {
      case 0:
        return { type: 'gauge', dataPoints: points(() => ({ ...this.common(), value: value(), exemplars: this.exemplars() })) };
      case 1:
      case 2:
        return { type: 'sum', temporality, monotonic: kind === 1, dataPoints: points(() => ({ ...this.common(), value: value(), exemplars: this.exemplars() })) };
      case 3: {
        const bounds = this.chance(0.1) ? [1, Infinity] : this.chance(0.1) ? [] : [0.5, 1, 10].slice(0, this.below(3) + 1);
        return { type: 'histogram', temporality, dataPoints: points(() => {
          const counts = Array.from({ length: this.chance(0.05) ? 0 : bounds.length + 1 }, () => BigInt(this.below(100)) * (this.chance(0.03) ? 2n ** 50n : 1n));
          return { ...this.common(), count: counts.reduce((a, b) => a + b, 0n), sum: this.chance(0.2) ? null : this.random() * 100, min: this.chance(0.5) ? null : 0, max: null, bucketCounts: counts, explicitBounds: bounds, exemplars: this.exemplars() };
        }) };
      }
      case 4:
        return { type: 'exponentialHistogram', temporality, dataPoints: points(() => ({
          ...this.common(), count: 6n, sum: 3, min: null, max: null, scale: this.below(16) - 5, zeroCount: 1n, zeroThreshold: 0,
          positive: { offset: this.below(8) - 4, bucketCounts: [1n, 0n, 3n] }, negative: this.chance(0.5) ? null : { offset: 0, bucketCounts: [1n] }, exemplars: this.exemplars(),
        })) };
      default:
        return { type: 'summary', dataPoints: points(() => ({ ...this.common(), count: BigInt(this.below(9)), sum: this.random(), quantileValues: [{ quantile: 0.5, value: this.random() }, { quantile: 0.99, value: 2 }] })) };
    }
  }

  private common(): { readonly attributes: KeyValue[]; readonly startNs: bigint; readonly timeNs: bigint; readonly flags: number } {
    const ms = (n: number): bigint => BigInt(n) * 1_000_000n + BigInt(this.below(1_000_000));
    const attributes: KeyValue[] = [{ key: 'route.name', value: `/größe/${this.below(4)}` }];
    if (this.chance(0.4)) attributes.push({ key: 'status', value: BigInt(this.below(3)) });
    if (this.chance(0.1)) attributes.push({ key: 'route_name', value: ['a', true] });
    if (this.chance(0.2)) attributes.reverse();
    return {
      attributes: this.chance(0.1) ? [] : attributes,
      startNs: this.chance(0.5) ? 0n : ms(1_600_000_000_000), timeNs: this.chance(0.05) ? 0n : ms(this.nowMs - this.below(4) * 1000), flags: this.chance(0.05) ? 1 : 0,
    };
  }

  private exemplars(): Exemplar[] {
    if (this.chance(0.9)) return [];
    return Array.from({ length: this.below(3) }, () => ({ filteredAttributes: [], timeNs: BigInt(this.nowMs) * 1_000_000n, value: this.random() * 20, spanId: '', traceId: this.below(2 ** 31).toString(16).padStart(32, '0') }));
  }
}

/** What the exporter is to send, made in the plainest way: every part translated as a whole, series gathered by their labels. */
function plain(parts: readonly BatchPart[], options: TranslateOptions): { readonly series: readonly WriteSeries[]; readonly dropped: readonly { readonly item: number; readonly reason: string }[] } {
  const bySeries = new Map<string, { readonly metadata: PrometheusMetadata | undefined; readonly samples: PrometheusSample[] }>();
  const dropped: { item: number; reason: string }[] = [];
  let first = 0;
  for (const part of parts) {
    assert.ok(part.data.signal === 'metrics');
    const batch = toPrometheus(part.data.metrics, { ...options, receivedNs: part.receivedNs });
    dropped.push(...batch.dropped.map(({ item, reason }) => ({ item: first + item, reason })));
    const families = new Map(batch.metadata.map((metadata) => [metadata.name, metadata]));
    for (const sample of batch.samples) {
      const key = JSON.stringify(sample.labels);
      const name = sample.labels.find(([label]) => label === '__name__')?.[1] ?? '';
      const known = bySeries.get(key) ?? { metadata: families.get(name) ?? families.get(name.replace(/_(?:bucket|sum|count)$/, '')), samples: [] };
      known.samples.push(sample);
      bySeries.set(key, known);
    }
    first += part.items;
  }
  const series = [...bySeries.values()].map(({ metadata, samples }): WriteSeries => {
    const sorted = samples.sort((a, b) => a.timeMs - b.timeMs).filter((sample, i, all) => !repeats(all.slice(0, i), sample));
    const floats = sorted.filter(({ histogram }) => histogram === null);
    const values = Float64Array.from(floats, ({ value }) => value);
    floats.forEach(({ stale }, i) => stale && setStale(values, i));
    return {
      labels: samples[0]!.labels, timesMs: Float64Array.from(floats, ({ timeMs }) => timeMs), values, startsMs: Float64Array.from(floats, ({ startMs }) => startMs),
      histograms: sorted.flatMap(({ timeMs, startMs, histogram }) => (histogram === null ? [] : [{ timeMs, startMs, histogram }])),
      exemplars: sorted.flatMap(({ exemplars }) => exemplars).sort((a, b) => a.timeMs - b.timeMs), metadata: metadata ?? null,
    };
  });
  return { series, dropped };
}

/** Whether the last one that stays of those before says the same at the same time. */
function repeats(before: readonly PrometheusSample[], sample: PrometheusSample): boolean {
  let last: PrometheusSample | undefined;
  for (const each of before) if (last === undefined || !same(last, each)) last = each;
  return last !== undefined && same(last, sample);
}

function same(a: PrometheusSample, b: PrometheusSample): boolean {
  return a.timeMs === b.timeMs && a.stale === b.stale && a.histogram === null && b.histogram === null && (a.stale || Object.is(a.value, b.value));
}

/** What both versions can say of samples. */
function samplesOf(series: readonly WriteSeries[]): readonly string[] {
  return series.flatMap(({ labels, timesMs, values, histograms }) => [
    ...Array.from(timesMs, (timeMs, i) => JSON.stringify([labels, timeMs, isStale(values, i) ? 'stale' : Number.isNaN(values[i]) ? 'NaN' : values[i]])),
    ...histograms.map(({ timeMs, histogram }) => JSON.stringify([labels, timeMs, histogram === null ? 'stale' : [histogram.count, [...histogram.positive.counts]]])),
  ]);
}

const ALL = { exemplars: true, nativeHistograms: true };

function withWire(data: MetricsData, position: number, rejected: readonly number[] = []): BatchPart {
  const wire = encodeMetrics(data);
  const all = partOf(data, position);
  if (rejected.length === 0) return { ...all, wire, wireItems: null };
  const ordinals = all.ordinals.filter((ordinal) => !rejected.includes(ordinal));
  return { ...partOf(decodeMetrics(wire, rejected), position), receivedNs: all.receivedNs, ordinals, wire, wireItems: ordinals };
}

function batchOf(parts: readonly BatchPart[]): Batch {
  return { tenant: 'default', signal: 'metrics', parts, items: parts.reduce((sum, part) => sum + part.items, 0) };
}

const WAYS: readonly (readonly [name: string, translation: TranslateOptions])[] = [
  ['with the defaults', {}],
  ['with everything else', { strategy: 'NoUTF8EscapingWithSuffixes', namespace: 'ns', promoteAllResourceAttributes: true, promoteScopeMetadata: true, keepIdentifyingResourceAttributes: true, externalLabels: { cluster: 'c' } }],
  ['with custom buckets', { convertHistogramsToNhcb: true, targetInfo: false }],
];

describe('exporters/prometheusremotewrite: from the wire', () => {
  for (const [name, translation] of WAYS) {
    for (let seed = 1; seed <= 9; seed++) {
      it(`sends what the translation of the objects gives, byte for byte, ${name}: ${seed}`, () => {
        const random = new RandomMetrics(seed * 7919);
        // The least room there is lets memories be forgotten all the time.
        const memory = new LabelMemory(seed % 3 === 0 ? 2000 : 1 << 24);
        for (let batch = 0; batch < 8; batch++) {
          const parts = Array.from({ length: random.below(4) + 1 }, (_, i) => {
            const data = random.next();
            const { items } = partOf(data, i);
            return withWire(data, i, random.chance(0.3) ? Array.from({ length: items }, (_, ordinal) => ordinal).filter(() => random.chance(0.3)) : []);
          }).filter(({ items }) => items > 0);
          if (parts.length === 0) continue;
          const expected = plain(parts, translation);
          const { points, dropped } = collectPoints(batchOf(parts), memory.generation(), { translation, ...ALL });
          assert.deepEqual([...dropped].sort((a, b) => a.item - b.item), [...expected.dropped].sort((a, b) => a.item - b.item), `seed ${seed}`);
          const bytes = encodeV2(points);
          const plainly = encodeWriteV2(expected);
          if (!Buffer.from(bytes).equals(plainly)) {
            assert.deepEqual(decodeWriteV2(bytes).series, decodeWriteV2(plainly).series, `seed ${seed}`);
            assert.fail(`seed ${seed}: the same series in other bytes`);
          }
          assert.deepEqual([...samplesOf(decodeWriteV1(encodeV1(points)).series)].sort(), [...samplesOf(decodeWriteV2(bytes).series)].sort(), `seed ${seed}`);
        }
      });
    }
  }

  it('throws where bytes are malformed or hold another number of items, and takes the next batch all the same', () => {
    const memory = new LabelMemory(1 << 20);
    const good = withWire({ resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'm', description: '', unit: '', metadata: [], values: { type: 'gauge', dataPoints: [1, 2, 3].map((value) => ({ attributes: [{ key: 'a', value: `${value}` }], startNs: 0n, timeNs: 1_000_000n, flags: 0, value, exemplars: [] })) } }] }] }] }, 1);
    const send = (part: BatchPart): number => collectPoints(batchOf([part]), memory.generation(), { translation: {}, ...ALL }).points.length;
    assert.equal(send(good), 3);
    for (let length = 1; length < good.wire!.length; length++) {
      assert.throws(() => send({ ...good, wire: good.wire!.subarray(0, length) }), OtlpError, `cut at ${length}`);
    }
    assert.throws(() => send({ ...good, items: 4 }), OtlpError);
    assert.throws(() => send({ ...good, wireItems: Uint32Array.of(0, 3), items: 2 }), OtlpError);
    assert.equal(send(good), 3);
  });

  it('leaves out what is switched off', () => {
    const random = new RandomMetrics(11);
    const parts = Array.from({ length: 6 }, (_, i) => withWire(random.next(), i)).filter(({ items }) => items > 0);
    const { points, dropped } = collectPoints(batchOf(parts), new LabelMemory(1 << 24).generation(), { translation: {}, exemplars: false, nativeHistograms: false });
    const sent = decodeWriteV2(encodeV2(points)).series;
    assert.ok(sent.every(({ histograms, exemplars }) => histograms.length === 0 && exemplars.length === 0));
    assert.ok(dropped.some(({ reason }) => reason === 'native_histogram_off'));
  });

  it('keeps what it remembers within its room', () => {
    const memory = new LabelMemory(200_000);
    let most = 0;
    for (let batch = 0; batch < 60; batch++) {
      const data: MetricsData = { resourceMetrics: [{ resource: null, schemaUrl: '', scopeMetrics: [{ scope: null, schemaUrl: '', metrics: [{ name: 'm', description: '', unit: '', metadata: [], values: { type: 'gauge', dataPoints: Array.from({ length: 50 }, (_, i) => ({ attributes: [{ key: 'id', value: i === 0 ? 'stays' : `${batch}-${i}` }], startNs: 0n, timeNs: BigInt(batch + 1) * 1_000_000n, flags: 0, value: i, exemplars: [] })) } }] }] }] };
      const generation = memory.generation();
      const { points } = collectPoints(batchOf([withWire(data, batch)]), generation, { translation: {}, ...ALL });
      assert.equal(points.length, 50);
      assert.deepEqual(decodeWriteV2(encodeV2(points)).series[0]?.labels, [['__name__', 'm'], ['id', 'stays']]);
      most = Math.max(most, generation.bytes);
    }
    assert.ok(most > 50_000 && most < 150_000, `${most}`);
  });
});
