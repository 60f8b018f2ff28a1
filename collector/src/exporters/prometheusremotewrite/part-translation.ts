import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { GAUGE, HISTOGRAM, SUM, walkMetrics, type MetricVisitor, type Places, type UsualMetric } from '@signalbox/signals/otlp/wire/metric-walk';
import { NUMBERS, PointFields } from '@signalbox/signals/otlp/wire/point-fields';
import { WireItems } from '@signalbox/signals/otlp/wire/wire-items';
import { exemplarsOfBuckets } from '@signalbox/signals/prometheus/classic';
import { toExemplars } from '@signalbox/signals/prometheus/exemplars';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import { targetTimes } from '@signalbox/signals/prometheus/target-info';
import type { LabelGeneration, MetricMemory, ScopeMemory } from './label-memory.js';
import type { Points } from './points.js';
import type { Series } from './series.js';
import { translateMetric, translatePoints, translateTarget, type Translated } from './translate-metric.js';

/** New points of a metric that are translated at once. */
const MAX_NEW = 256;
const CUMULATIVE = 2;

export interface Dropped {
  readonly item: number;
  readonly reason: string;
}

export interface PartTranslationOptions {
  /** An ExportMetricsServiceRequest. */
  readonly wire: Uint8Array;
  /** Ordinals of the items that are wanted, ascending; null for all. */
  readonly wanted: Uint32Array | null;
  readonly receivedNs: bigint;
  /** Number of the part's first item in the batch. */
  readonly first: number;
  readonly points: Points;
  readonly memory: LabelGeneration;
  readonly dropped: Dropped[];
  readonly translation: TranslateOptions;
  readonly exemplars: boolean;
  readonly nativeHistograms: boolean;
}

/** A point whose series are not known, or that has something rare. */
interface NewPoint {
  readonly bytes: Uint8Array;
  /** Null where equal bytes need not mean the same series. */
  readonly key: Uint8Array | null;
  readonly variant: number;
  readonly item: number;
}

/**
 * Takes the points of one part from the wire without an object for each: where the bytes of resource, scope, metric and attributes were
 * seen before, the series are known. What is new or rare is decoded and translated by signals, a metric or some points at a time, and
 * the series of points are remembered from that.
 */
export class PartTranslation implements MetricVisitor {
  private readonly reader: Reader;
  private readonly fields: PointFields;
  private readonly items: WireItems;
  private readonly receivedMs: number;
  private readonly translation: TranslateOptions;
  private key = new Uint8Array(1024);
  private atScope: ScopeMemory | null = null;
  /** Of the points of the resource at hand, dropped ones included. */
  private earliestMs = Infinity;
  private latestMs = -Infinity;
  private fresh: NewPoint[] = [];

  constructor(private readonly options: PartTranslationOptions) {
    this.reader = new Reader(options.wire, MAX_DEPTH_CEILING);
    this.fields = new PointFields(this.reader);
    this.items = new WireItems(options.wanted);
    this.receivedMs = Number(options.receivedNs / 1_000_000n);
    this.translation = { ...options.translation, receivedNs: options.receivedNs };
  }

  /** Answers how many wanted items it found. @throws OtlpError where the bytes are malformed */
  read(): number {
    walkMetrics(this.reader, this);
    return this.items.taken;
  }

  scope(resource: Places, scope: Places, schemaUrl: string): void {
    let length = this.gather(resource, 0);
    length = this.gather(scope, length);
    length = this.gatherText(schemaUrl, length);
    this.atScope = this.options.memory.scope(this.key, length, () => ({ resource: this.copies(resource), scope: this.copies(scope), schemaUrl }));
  }

  metric(metric: UsualMetric): void {
    const { kind, temporality, monotonic, headFrom, headTo, points } = metric;
    const { translation } = this.options;
    if (points.length === 0) return;
    const quick = kind === GAUGE || ((kind === SUM || (kind === HISTOGRAM && translation.convertHistogramsToNhcb !== true)) && temporality === CUMULATIVE);
    if (!quick) return this.rareMetric(headFrom, metric.to);
    const { reader } = this;
    const variant = kind * 2 + (monotonic ? 1 : 0);
    const memory = this.here().metric(reader.bytes, headFrom, headTo, variant, () => ({ head: Uint8Array.from(reader.bytes.subarray(headFrom, headTo)), kind, temporality, monotonic }));
    for (let i = 0; i < points.length; i += 2) {
      const item = this.items.take();
      if (item >= 0) this.point(memory, kind, points[i] as number, points[i + 1] as number, this.options.first + item);
    }
    this.flush(memory);
  }

  rareMetric(from: number, to: number): void {
    this.take(translateMetric(this.here(), this.reader.bytes.subarray(from, to), this.items, this.translation), null);
  }

  resourceEnd(): void {
    const { points, memory } = this.options;
    const { earliestMs, latestMs, atScope } = this;
    this.earliestMs = Infinity;
    this.latestMs = -Infinity;
    this.atScope = null;
    if (atScope === null || earliestMs === Infinity) return;
    if (atScope.target === undefined) {
      const target = translateTarget(atScope, this.translation);
      atScope.target = target && { series: memory.series.of(target.labels), metadata: memory.series.metadata(target.metadata) };
    }
    if (atScope.target === null) return;
    const { series, metadata } = atScope.target;
    const { fields } = this;
    for (const timeMs of targetTimes(earliestMs, latestMs)) {
      fields.set(timeMs, 1);
      points.add(series, metadata, fields, -1);
    }
  }

  private point(memory: MetricMemory, kind: number, from: number, to: number, item: number): void {
    const { fields } = this;
    const isHistogram = kind === HISTOGRAM;
    const usual = isHistogram ? fields.readHistogram(from, to) : fields.readNumber(from, to);
    const known = usual ? memory.find(fields) : -1;
    // Fewer series than bounds: one of them is infinite.
    if (known >= 0 && (!isHistogram || memory.seriesCount(known) === fields.bounds + (fields.hasSum ? 3 : 2))) {
      this.flush(memory);
      if (fields.timeless) fields.numbers[NUMBERS.TIME] = this.receivedMs;
      const timeMs = fields.numbers[NUMBERS.TIME] as number;
      if (timeMs < this.earliestMs) this.earliestMs = timeMs;
      if (timeMs > this.latestMs) this.latestMs = timeMs;
      if (isHistogram) this.addHistogram(memory, known, item);
      else this.addNumber(memory, known, kind, item);
      return;
    }
    const key = usual && known < 0 ? Uint8Array.from(fields.key.subarray(fields.keyFrom, fields.keyTo)) : null;
    this.fresh.push({ bytes: this.reader.bytes.subarray(from, to), key, variant: fields.variant, item });
    if (this.fresh.length === MAX_NEW) this.flush(memory);
  }

  private addNumber(memory: MetricMemory, known: number, kind: number, item: number): void {
    const { fields } = this;
    const { points, exemplars } = this.options;
    const point = points.add(memory.seriesOf(known, 0), memory.metadata, fields, item);
    if (fields.exemplars.length > 0 && exemplars && kind === SUM) points.addExemplars(point, toExemplars(fields.readExemplars()));
  }

  private addHistogram(memory: MetricMemory, known: number, item: number): void {
    const { fields } = this;
    const { points, exemplars } = this.options;
    const { metadata } = memory;
    const ofBuckets = fields.exemplars.length > 0 && exemplars ? exemplarsOfBuckets(toExemplars(fields.readExemplars()), fields.explicitBounds()) : null;
    let at = 0;
    if (fields.hasSum) {
      fields.takeSum();
      points.add(memory.seriesOf(known, at++), metadata, fields, item);
    }
    fields.takeCount();
    points.add(memory.seriesOf(known, at++), metadata, fields, item);
    let cumulative = 0;
    for (let i = 0; i < fields.bounds; i++) {
      cumulative += fields.bucket(i);
      fields.numbers[NUMBERS.VALUE] = cumulative;
      const point = points.add(memory.seriesOf(known, at++), metadata, fields, item);
      if (ofBuckets !== null) points.addExemplars(point, ofBuckets.next());
    }
    fields.takeCount();
    const point = points.add(memory.seriesOf(known, at), metadata, fields, item);
    if (ofBuckets !== null) points.addExemplars(point, ofBuckets.rest());
  }

  /** Translates points that were put off. */
  private flush(memory: MetricMemory): void {
    const { fresh } = this;
    if (fresh.length === 0) return;
    this.fresh = [];
    const { first } = this.options;
    const series = this.take(translatePoints(this.here(), memory, fresh.map(({ bytes }) => bytes), fresh.map(({ item }) => item - first), this.translation), memory);
    for (const [i, { key, variant }] of fresh.entries()) {
      const found = series[i];
      if (key !== null && found !== undefined) memory.remember(key, variant, found);
    }
  }

  /** Adds what was translated; answers the series of each item that has samples. */
  private take({ batch, items, timesMs }: Translated, memory: MetricMemory | null): readonly (readonly Series[] | undefined)[] {
    const { memory: generation, points, first, exemplars, nativeHistograms, dropped } = this.options;
    for (const timeMs of timesMs) this.seen(timeMs);
    const [said] = batch.metadata;
    const metadata = said === undefined ? null : (memory?.say(said) ?? generation.series.metadata(said));
    const ofItem: Series[][] = [];
    for (const { item, reason } of batch.dropped) dropped.push({ item: first + (items[item] as number), reason });
    for (const sample of batch.samples) {
      const item = first + (items[sample.item] as number);
      if (sample.histogram !== null && !nativeHistograms) {
        dropped.push({ item, reason: 'native_histogram_off' });
        continue;
      }
      const series = generation.series.of(sample.labels);
      points.addSample(series, metadata, sample, item, exemplars);
      (ofItem[sample.item] ??= []).push(series);
    }
    return ofItem;
  }

  private seen(timeMs: number): void {
    if (timeMs < this.earliestMs) this.earliestMs = timeMs;
    if (timeMs > this.latestMs) this.latestMs = timeMs;
  }

  private here(): ScopeMemory {
    if (this.atScope === null) throw new Error('a metric stands in a scope');
    return this.atScope;
  }

  /** Puts places, with how many and how long they are, into the key; answers where it ends. */
  private gather(places: Places, at: number): number {
    let to = this.count(places.length, at);
    for (let i = 0; i < places.length; i += 2) {
      const [begin, end] = [places[i] as number, places[i + 1] as number];
      to = this.count(end - begin, to);
      this.reserve(to + end - begin);
      this.reader.bytes.copy(this.key, to, begin, end);
      to += end - begin;
    }
    return to;
  }

  private gatherText(text: string, at: number): number {
    this.reserve(at + text.length * 3);
    return at + Buffer.from(this.key.buffer).write(text, at);
  }

  private count(value: number, at: number): number {
    this.reserve(at + 4);
    for (let i = 0; i < 4; i++) this.key[at + i] = value >>> (8 * i);
    return at + 4;
  }

  private reserve(bytes: number): void {
    if (bytes <= this.key.length) return;
    const grown = new Uint8Array(bytes * 2);
    grown.set(this.key);
    this.key = grown;
  }

  private copies(places: Places): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let i = 0; i < places.length; i += 2) out.push(Uint8Array.from(this.reader.bytes.subarray(places[i], places[i + 1])));
    return out;
  }
}
