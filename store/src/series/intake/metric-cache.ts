import { BytesTable } from '@signalbox/signals/otlp/wire/bytes-table';
import type { MetricHead, ScopeParts } from '@signalbox/signals/otlp/wire/single-metric';
import type { PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import type { HeadSamples } from '../head/head-samples.js';
import type { HeadSeries } from '../head/head-series.js';
import { Uint32List } from '../lists.js';

/** What is known of a resource and scope: its metrics by the bytes of their heads. */
export class ScopeCache {
  readonly resource: readonly Uint8Array[];
  readonly scope: readonly Uint8Array[];
  readonly schemaUrl: string;
  /** The resource's `target_info`; undefined before it was looked for, null where there is none. */
  target: { readonly ref: number; readonly metadata: PrometheusMetadata; recordedIn: HeadSamples | null } | null | undefined = undefined;
  private readonly keys = new BytesTable();
  private readonly metrics: MetricCache[] = [];

  /** The parts are copied: they come from a frame. */
  constructor(readonly series: HeadSeries, parts: ScopeParts) {
    this.resource = parts.resource.map((part) => Uint8Array.from(part));
    this.scope = parts.scope.map((part) => Uint8Array.from(part));
    this.schemaUrl = parts.schemaUrl;
  }

  metric(bytes: Uint8Array, from: number, to: number, variant: number): MetricCache | null {
    const number = this.keys.find(bytes, from, to, variant);
    return number < 0 ? null : this.metrics[number];
  }

  addMetric(bytes: Uint8Array, from: number, to: number, variant: number, metric: MetricCache): MetricCache {
    this.metrics[this.keys.add(bytes, from, to, variant)] = metric;
    return metric;
  }
}

/** What is known of a metric: the series of its points by the bytes of their attributes. */
export class MetricCache implements MetricHead {
  readonly points = new BytesTable();
  metadata: readonly PrometheusMetadata[] = [];
  recordedIn: HeadSamples | null = null;
  private readonly first = new Uint32List(16);
  private readonly refs = new Uint32List(16);

  /** @param head name, description and unit on the wire */
  constructor(readonly head: Uint8Array, readonly kind: number, readonly temporality: number, readonly monotonic: boolean) {
    this.first.push(0);
  }

  addPoint(bytes: Uint8Array, from: number, to: number, variant: number, refs: readonly number[]): void {
    this.points.add(bytes, from, to, variant);
    this.refs.pushAll(refs);
    this.first.push(this.refs.length);
  }

  ref(point: number, i: number): number {
    return this.refs.values[this.first.values[point] + i];
  }

  refCount(point: number): number {
    return this.first.values[point + 1] - this.first.values[point];
  }
}
