import { BytesTable } from '@signalbox/signals/otlp/wire/bytes-table';
import type { PointFields } from '@signalbox/signals/otlp/wire/point-fields';
import type { MetricHead, ScopeParts } from '@signalbox/signals/otlp/wire/single-metric';
import type { PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import { SeriesTable, type Series, type SeriesMetadata } from './series.js';

const SCOPE_BYTES = 600;
const METRIC_BYTES = 1200;
const POINT_BYTES = 60;

/**
 * What data points were translated to, by their bytes: resource and scope, metric, attributes lead to series whose labels are known.
 * Bounded by bytes, least recently used first: when what was used lately fills half of the room, it becomes the old half, from
 * which what is used again moves over, and the old half before it is let go of.
 */
export class LabelMemory {
  private young = new LabelGeneration(null);

  constructor(private readonly maxBytes: number) {}

  /** For one batch, whose series must be of one generation. */
  generation(): LabelGeneration {
    if (this.young.bytes > this.maxBytes / 2) {
      this.young.forgetOld();
      this.young = new LabelGeneration(this.young);
    }
    return this.young;
  }
}

/** Memory that the points of a generation hold, as estimated. */
interface Usage {
  bytes: number;
}

/** Half of a memory; or what a batch on its way still uses of one. */
export class LabelGeneration {
  readonly series = new SeriesTable();
  private readonly keys = new BytesTable();
  private readonly scopes: ScopeMemory[] = [];
  private readonly usage: Usage = { bytes: 0 };

  constructor(private old: LabelGeneration | null) {}

  /** Memory that it holds, as estimated. */
  get bytes(): number {
    return this.series.bytes + this.keys.bytes + this.usage.bytes;
  }

  scope(key: Uint8Array, length: number, parts: () => ScopeParts): ScopeMemory {
    const known = this.keys.find(key, 0, length, 0);
    if (known >= 0) return this.scopes[known] as ScopeMemory;
    const made = new ScopeMemory(this.series, this.usage, this.old?.knownScope(key, length) ?? null, parts());
    this.keys.add(key, 0, length, 0);
    this.scopes.push(made);
    this.usage.bytes += SCOPE_BYTES + length * 2;
    return made;
  }

  forgetOld(): void {
    this.old = null;
    for (const scope of this.scopes) scope.forgetOld();
  }

  private knownScope(key: Uint8Array, length: number): ScopeMemory | null {
    const known = this.keys.find(key, 0, length, 0);
    return known < 0 ? null : (this.scopes[known] as ScopeMemory);
  }
}

/** What is known of a resource and scope: metrics by the bytes of their heads. */
export class ScopeMemory {
  /** The resource's `target_info`; undefined before it was looked for, null where there is none. */
  target: { readonly series: Series; readonly metadata: SeriesMetadata } | null | undefined = undefined;
  private readonly keys = new BytesTable();
  private readonly metrics: MetricMemory[] = [];

  constructor(private readonly series: SeriesTable, private readonly usage: Usage, private old: ScopeMemory | null, readonly parts: ScopeParts) {}

  metric(bytes: Uint8Array, from: number, to: number, variant: number, head: () => MetricHead): MetricMemory {
    const known = this.keys.find(bytes, from, to, variant);
    if (known >= 0) return this.metrics[known] as MetricMemory;
    const made = new MetricMemory(this.series, this.usage, this.old?.knownMetric(bytes, from, to, variant) ?? null, head());
    this.keys.add(bytes, from, to, variant);
    this.metrics.push(made);
    this.usage.bytes += METRIC_BYTES + (to - from) * 2;
    return made;
  }

  forgetOld(): void {
    this.old = null;
    for (const metric of this.metrics) metric.forgetOld();
  }

  private knownMetric(bytes: Uint8Array, from: number, to: number, variant: number): MetricMemory | null {
    const known = this.keys.find(bytes, from, to, variant);
    return known < 0 ? null : (this.metrics[known] as MetricMemory);
  }
}

/** What is known of a metric: the series of its points, one or several each, by the bytes of their attributes. */
export class MetricMemory {
  metadata: SeriesMetadata | null = null;
  private readonly points = new BytesTable();
  /** Series of all points, one point behind the other; those of point n begin at `first[n]`. */
  private readonly flat: Series[] = [];
  private readonly first: number[] = [0];
  /** Senders repeat their points in the same order. */
  private expected = 0;

  constructor(private readonly series: SeriesTable, private readonly usage: Usage, private old: MetricMemory | null, readonly head: MetricHead) {
    if (old?.metadata) this.metadata = series.metadata(old.metadata.said);
  }

  /** The point's number, or -1 where its series are not known. */
  find({ key, keyFrom, keyTo, variant }: PointFields): number {
    const { points } = this;
    let point = this.expected;
    if (!points.holds(point, key, keyFrom, keyTo, variant)) {
      point = points.find(key, keyFrom, keyTo, variant);
      if (point < 0 && this.old !== null) point = this.adopt(this.old, key, keyFrom, keyTo, variant);
      if (point < 0) return -1;
    }
    this.expected = point + 1;
    return point;
  }

  seriesOf(point: number, i: number): Series {
    return this.flat[(this.first[point] as number) + i] as Series;
  }

  seriesCount(point: number): number {
    return (this.first[point + 1] as number) - (this.first[point] as number);
  }

  remember(key: Uint8Array, variant: number, series: readonly Series[]): number {
    const known = this.points.find(key, 0, key.length, variant);
    return known >= 0 ? known : this.add(key, 0, key.length, variant, series);
  }

  say(metadata: PrometheusMetadata): SeriesMetadata {
    return (this.metadata ??= this.series.metadata(metadata));
  }

  forgetOld(): void {
    this.old = null;
  }

  private adopt(old: MetricMemory, key: Uint8Array, from: number, to: number, variant: number): number {
    const point = old.points.find(key, from, to, variant);
    if (point < 0) return -1;
    const series: Series[] = [];
    for (let i = 0; i < old.seriesCount(point); i++) series.push(this.series.of(old.series.labelsOf(old.seriesOf(point, i))));
    return this.add(key, from, to, variant, series);
  }

  private add(key: Uint8Array, from: number, to: number, variant: number, series: readonly Series[]): number {
    this.flat.push(...series);
    this.first.push(this.flat.length);
    this.usage.bytes += POINT_BYTES + (to - from) * 1.5 + series.length * 8;
    return this.points.add(key, from, to, variant);
  }
}
