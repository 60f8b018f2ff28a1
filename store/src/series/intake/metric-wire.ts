import { acceptedItems, type Frame } from '@signalbox/journal/frame';
import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { ItemCounter } from '@signalbox/signals/otlp/protobuf/items';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import type { ScopeParts } from '@signalbox/signals/otlp/wire/single-metric';
import type { TranslateOptions } from '@signalbox/signals/prometheus/options';
import type { DeltaState } from '../head/delta-state.js';
import type { HeadSamples } from '../head/head-samples.js';
import type { ItemTally } from './item-tally.js';
import { MetricCache, ScopeCache } from './metric-cache.js';
import { MetricModel } from './metric-model.js';
import { PointReader } from './point-reader.js';

/** Memory of caches; beyond it they begin anew. */
const MAX_CACHE_BYTES = 256 << 20;
const GAUGE = 42;
const SUM = 58;
const HISTOGRAM = 74;
const METADATA = 98;
/** New points that are translated at once. */
const MAX_NEW = 256;

/**
 * Takes OTLP metrics from the wire without an object per point: the bytes of resource, scope, metric and attributes that were seen
 * before lead straight to the series. What is new or rare goes by way of the model (MetricModel), one metric or point at a time, and
 * that is also what it agrees with.
 */
export class MetricWire {
  private readonly scopes = new Map<string, ScopeCache>();
  private bytes = 0;

  constructor(private readonly deltas: DeltaState, private readonly translation: TranslateOptions = {}) {}

  clear(): void {
    this.scopes.clear();
    this.bytes = 0;
  }

  append(hot: HeadSamples, frame: Frame, tally: ItemTally): void {
    if (this.bytes > MAX_CACHE_BYTES) this.clear();
    const request = new Request(hot, frame, this.deltas, this.translation, tally, (key, parts) => this.scope(hot, frame.tenant, key, parts), (bytes) => { this.bytes += bytes; });
    try {
      request.read();
    } catch (error) {
      tally.problem = error instanceof Error ? error.message : String(error);
      const seen = tally.delivered + Object.values(tally.dropped).reduce((sum, items) => sum + items, 0);
      tally.drop('undecodable', acceptedItems(frame) - seen);
    }
  }

  private scope(hot: HeadSamples, tenant: string, key: string, parts: ScopeParts): ScopeCache {
    const series = hot.head.tenant(tenant);
    const known = this.scopes.get(key);
    if (known?.series === series) return known;
    const made = new ScopeCache(series, parts);
    this.scopes.set(key, made);
    this.bytes += key.length * 2 + 2000;
    return made;
  }
}

/** A point whose series is not known yet; without a key where the same bytes need not mean the same series. */
interface NewPoint {
  readonly bytes: Uint8Array;
  readonly key: Uint8Array | null;
  readonly variant: number;
}

class Request {
  private readonly reader: Reader;
  private readonly points: PointReader;
  private readonly model: MetricModel;
  private readonly items: ItemCounter;
  /** From and to of the parts of the message at hand. */
  private pointParts: number[] = [];
  private fresh: NewPoint[] = [];

  constructor(
    private readonly hot: HeadSamples, private readonly frame: Frame, deltas: DeltaState, translation: TranslateOptions, private readonly tally: ItemTally,
    private readonly scopeOf: (key: string, parts: ScopeParts) => ScopeCache, private readonly grown: (bytes: number) => void,
  ) {
    this.reader = new Reader(frame.payload, MAX_DEPTH_CEILING);
    this.points = new PointReader(this.reader, hot.tenant(frame.tenant), tally, frame.receivedNs);
    this.model = new MetricModel(hot, frame.tenant, frame.receivedNs, deltas, tally, translation);
    this.items = new ItemCounter(frame.rejected);
  }

  read(): void {
    const { reader } = this;
    const end = reader.bytes.length;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) this.resourceMetrics(reader.limit(end));
      else reader.skip(tag, end);
    }
  }

  /** The resource may stand behind the metrics, so a first pass looks for it. */
  private resourceMetrics(end: number): void {
    const { reader, points } = this;
    const resource: number[] = [];
    const scopes: number[] = [];
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10 || tag === 18) this.part(end, tag === 10 ? resource : scopes);
      else reader.skip(tag, end);
    }
    points.earliestMs = Infinity;
    points.latestMs = -Infinity;
    let last: ScopeCache | null = null;
    for (let i = 0; i < scopes.length; i += 2) {
      reader.pos = scopes[i];
      last = this.scopeMetrics(scopes[i + 1], resource) ?? last;
    }
    if (last !== null && points.earliestMs !== Infinity) this.model.targetInfo(last, points.earliestMs, points.latestMs);
    reader.pos = end;
  }

  private scopeMetrics(end: number, resource: readonly number[]): ScopeCache | null {
    const { reader } = this;
    const scope: number[] = [];
    const metrics: number[] = [];
    let schemaUrl = '';
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10 || tag === 18) this.part(end, tag === 10 ? scope : metrics);
      else if (tag === 26) schemaUrl = reader.string(end);
      else reader.skip(tag, end);
    }
    if (metrics.length === 0) return null;
    const text = (parts: readonly number[]): string => {
      let all = `${parts.length}`;
      for (let i = 0; i < parts.length; i += 2) all += ` ${parts[i + 1] - parts[i]} ${reader.bytes.toString('latin1', parts[i], parts[i + 1])}`;
      return all;
    };
    const key = `${this.frame.tenant.length} ${this.frame.tenant} ${text(resource)} ${text(scope)} ${schemaUrl}`;
    const cache = this.scopeOf(key, { resource: this.copies(resource), scope: this.copies(scope), schemaUrl });
    for (let i = 0; i < metrics.length; i += 2) {
      reader.pos = metrics[i];
      this.metric(cache, metrics[i + 1]);
    }
    return cache;
  }

  /** Name, description and unit, then one kind of data: that is the usual metric. Others go by way of the model. */
  private metric(scope: ScopeCache, end: number): void {
    const { reader } = this;
    const from = reader.pos;
    let headEnd = -1;
    let kind = 0;
    let dataFrom = 0;
    let dataEnd = 0;
    let usual = true;
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag(end);
      if (tag === GAUGE || tag === SUM || tag === HISTOGRAM) {
        usual &&= headEnd < 0;
        headEnd = at;
        kind = tag;
        dataEnd = reader.limit(end);
        dataFrom = reader.pos;
        reader.pos = dataEnd;
      } else {
        if (tag !== 10 && tag !== 18 && tag !== 26 && tag !== METADATA) usual = false;
        if (headEnd >= 0) usual = false;
        reader.skip(tag, end);
      }
    }
    if (!usual || headEnd < 0 || !this.data(scope, from, headEnd, kind, dataFrom, dataEnd)) this.rareMetric(scope, from, end);
    reader.pos = end;
  }

  /** False where the model is to take the metric; nothing is taken then. */
  private data(scope: ScopeCache, headFrom: number, headEnd: number, kind: number, from: number, end: number): boolean {
    const { reader, pointParts, points } = this;
    pointParts.length = 0;
    let temporality = 0;
    let monotonic = false;
    reader.pos = from;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) this.part(end, pointParts);
      else if (tag === 16 && kind !== GAUGE) temporality = reader.int32(end);
      else if (tag === 24 && kind === SUM) monotonic = reader.bool(end);
      else return false;
    }
    if (kind !== GAUGE && temporality !== 2) return false;
    if (pointParts.length === 0) return true;
    const variant = kind * 4 + (monotonic ? 1 : 0);
    let metric = scope.metric(reader.bytes, headFrom, headEnd, variant);
    if (metric === null) {
      const prefix = Buffer.from(reader.bytes.subarray(headFrom, headEnd));
      metric = scope.addMetric(reader.bytes, headFrom, headEnd, variant, new MetricCache(prefix, kind, temporality, monotonic));
      this.grown(headEnd - headFrom + 1500);
    }
    const isHistogram = kind === HISTOGRAM;
    for (let i = 0; i < pointParts.length; i += 2) {
      if (!this.items.take()) continue;
      const from = pointParts[i];
      const to = pointParts[i + 1];
      if (isHistogram ? points.findHistogram(metric, from, to) : points.findNumber(metric, from, to)) {
        this.addNew(scope, metric);
        if (isHistogram) points.takeHistogram(metric);
        else points.takeNumber(metric);
        if (metric.recordedIn !== this.hot) this.model.record(metric);
      } else {
        this.fresh.push({ bytes: reader.bytes.subarray(from, to), key: points.copyKey(), variant: points.variant });
        if (this.fresh.length === MAX_NEW) this.addNew(scope, metric);
      }
    }
    this.addNew(scope, metric);
    return true;
  }

  /** Points in a row that are seen for the first time, or have something rare: they are translated together. */
  private addNew(scope: ScopeCache, metric: MetricCache): void {
    const { fresh } = this;
    if (fresh.length === 0) return;
    this.fresh = [];
    const before = metric.points.bytes;
    const refs = this.model.points(scope, metric, fresh.map(({ bytes }) => bytes), this.points);
    for (const [i, { key, variant }] of fresh.entries()) {
      if (key !== null && refs[i].length > 0 && metric.points.find(key, 0, key.length, variant) < 0) metric.addPoint(key, 0, key.length, variant, refs[i]);
    }
    this.grown(metric.points.bytes - before);
  }

  private rareMetric(scope: ScopeCache, from: number, end: number): void {
    this.model.metric(scope, this.reader.bytes.subarray(from, end), this.items, this.points);
  }

  private part(end: number, parts: number[]): void {
    const { reader } = this;
    const to = reader.limit(end);
    parts.push(reader.pos, to);
    reader.pos = to;
  }

  private copies(parts: readonly number[]): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let i = 0; i < parts.length; i += 2) out.push(this.reader.bytes.subarray(parts[i], parts[i + 1]));
    return out;
  }
}
