import { attributesToJson } from '@signalbox/signals/model/attribute-text';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span } from '@signalbox/signals/model/span';
import { histogramBytes } from '../aggregation/histogram.js';
import type { MetricShape, MetricsFrames } from '../aggregation/metrics-frames.js';
import { SeriesTable, type SavedGroup, type SeriesGroup } from '../aggregation/series-table.js';
import { histogramKind, type SpanMetricsConfig } from './config.js';
import { SpanDimensions } from './span-dimensions.js';
import { createSpanValue, loadSpanValue, saveSpanValue, type SpanValue } from './span-value.js';

const NUMBER_BYTES = 8;
const ONE_RESOURCE = '';

/** Metrics with the same dimensions: they share their series. */
export interface TablePlan {
  readonly dimensions: SpanDimensions;
  readonly counts: MetricShape | null;
  readonly durations: MetricShape | null;
  /** Whether it counts span events instead of spans. */
  readonly ofEvents: boolean;
  /** Whatever, if it changes, makes what was summed up before of no use. */
  readonly fingerprint: string;
}

export function tablePlans(config: SpanMetricsConfig): readonly TablePlan[] {
  const { namespace, histogram, calls_dimensions: ofCalls, events } = config;
  const temporality = config.aggregation_temporality === 'AGGREGATION_TEMPORALITY_DELTA' ? 'delta' : 'cumulative';
  const named = (name: string): string => (namespace === '' ? name : `${namespace}.${name}`);
  const calls: MetricShape = { name: named('calls'), description: 'Spans', unit: '', type: 'sum', temporality };
  const kind = histogramKind(config);
  const durations: MetricShape | null = kind && { name: named('duration'), description: 'Duration of spans', unit: histogram.unit, type: kind.kind === 'explicit' ? 'histogram' : 'exponentialHistogram', temporality };
  const plan = (extra: SpanMetricsConfig['dimensions'], counts: MetricShape | null, of: MetricShape | null, ofEvents = false): TablePlan => {
    const dimensions = [...config.dimensions, ...extra];
    const options = { excluded: config.exclude_dimensions, dimensions, scopes: config.include_instrumentation_scope, maxLength: config.max_dimension_length };
    const identity = [options, counts?.name, of?.name, of && kind, of?.unit, temporality, config.add_resource_attributes, config.resource_metrics_key_attributes];
    return { dimensions: new SpanDimensions(options), counts, durations: of, ofEvents, fingerprint: JSON.stringify(identity) };
  };
  const together = ofCalls.length === 0 && histogram.dimensions.length === 0;
  return [
    ...(together || !durations ? [plan(ofCalls, calls, durations)] : [plan(ofCalls, calls, null), plan(histogram.dimensions, null, durations)]),
    ...(events.enabled ? [plan(events.dimensions, { name: named('events'), description: 'Span events', unit: '', type: 'sum', temporality }, null, true)] : []),
  ];
}

/** One tenant's series of one plan. */
export class SpanTable {
  readonly #config: SpanMetricsConfig;
  readonly #plan: TablePlan;
  readonly #table: SeriesTable<SpanValue>;
  readonly #nsPerUnit: number;
  readonly #valueBytes: number;
  #group!: SeriesGroup<SpanValue>;

  constructor(config: SpanMetricsConfig, plan: TablePlan) {
    this.#config = config;
    this.#plan = plan;
    const kind = plan.durations === null ? null : histogramKind(config);
    const options = { histogram: kind, exemplars: config.exemplars.enabled && !plan.ofEvents };
    this.#table = new SeriesTable({
      limit: config.aggregation_cardinality_limit,
      maxGroups: config.resource_metrics_cache_size,
      create: () => createSpanValue(options),
      save: (value) => saveSpanValue(value),
      load: (saved) => loadSpanValue(options, saved),
    });
    this.#nsPerUnit = config.histogram.unit === 's' ? 1e9 : 1e6;
    this.#valueBytes = kind === null ? NUMBER_BYTES : histogramBytes(kind);
  }

  get size(): number {
    return this.#table.size;
  }

  get isEmpty(): boolean {
    return this.#table.isEmpty;
  }

  takeOverflown(): number {
    return this.#table.takeOverflown();
  }

  enterResource(resource: Resource | null, receivedNs: bigint): void {
    this.#plan.dimensions.enterResource(resource);
    const keep = this.#config.add_resource_attributes;
    const key = keep ? resourceKey(resource, this.#config.resource_metrics_key_attributes) : ONE_RESOURCE;
    this.#group = this.#table.group(key, () => (keep && resource !== null ? { attributes: resource.attributes, droppedAttributesCount: 0 } : null), receivedNs);
  }

  enterScope(scope: Scope | null): void {
    this.#plan.dimensions.enterScope(scope);
  }

  /** Takes a span in. Without an object made for it, unless its series is new. */
  consume(span: Span, receivedNs: bigint): void {
    if (this.#plan.ofEvents) {
      this.#consumeEvents(span, receivedNs);
      return;
    }
    const { dimensions } = this.#plan;
    dimensions.enterSpan(span);
    const { value } = this.#table.series(this.#group, dimensions.path, dimensions.attributes, receivedNs);
    value.count++;
    let slot = 0;
    if (value.histogram !== null) {
      // A span that ends before it begins took no time.
      const duration = span.endNs > span.startNs ? Number(span.endNs - span.startNs) / this.#nsPerUnit : 0;
      slot = value.histogram.observe(duration);
      value.durationExemplars?.offer(slot, span, duration, receivedNs);
    }
    if (this.#plan.counts !== null) value.countExemplars?.offer(slot, span, 1n, receivedNs);
  }

  expire(beforeNs: bigint): void {
    this.#table.expire(beforeNs);
  }

  /** Adds the data points of now. `sinceNs`: of a delta, when the one before was. */
  emit(frames: MetricsFrames, nowNs: bigint, sinceNs: bigint | null): void {
    const { counts, durations } = this.#plan;
    const max = this.#config.exemplars.max_per_data_point;
    for (const { resource, series, overflow } of this.#table.groups()) {
      for (const { attributes, startNs, value } of overflow === null ? series : [...series, overflow]) {
        const since = sinceNs ?? startNs;
        const frame = { attributes, startNs: since < nowNs ? since : nowNs, timeNs: nowNs, flags: 0 };
        if (counts !== null) frames.add(resource, counts, { ...frame, value: BigInt(value.count), exemplars: value.countExemplars?.take(max) ?? [] }, NUMBER_BYTES);
        if (durations !== null && value.histogram !== null) frames.add(resource, durations, { ...frame, ...value.histogram.values(), exemplars: value.durationExemplars?.take(max) ?? [] }, this.#valueBytes);
      }
    }
  }

  clear(): void {
    this.#table.clear();
  }

  save(): readonly SavedGroup[] {
    return this.#table.save();
  }

  load(saved: readonly SavedGroup[]): void {
    this.#table.load(saved);
  }

  #consumeEvents(span: Span, receivedNs: bigint): void {
    const { dimensions } = this.#plan;
    for (const { attributes } of span.events) {
      dimensions.enterSpan(span, attributes);
      this.#table.series(this.#group, dimensions.path, dimensions.attributes, receivedNs).value.count++;
    }
  }
}

/** Equal for resources that are equal in the attributes named, or in all; whatever order they stand in. */
function resourceKey(resource: Resource | null, keys: readonly string[]): string {
  const attributes = (resource?.attributes ?? []).filter(({ key }) => keys.length === 0 || keys.includes(key));
  return attributesToJson(attributes.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)));
}
