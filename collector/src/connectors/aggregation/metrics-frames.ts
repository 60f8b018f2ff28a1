import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import type { ExponentialHistogramDataPoint, HistogramDataPoint, Metric, MetricValues, NumberDataPoint, ResourceMetrics } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Derived } from '../../component.js';

const CUMULATIVE = 2;
const DELTA = 1;
/** Of one derived frame: far below what the journal and the process that appends take. */
const MAX_FRAME_BYTES = 4 * 2 ** 20;
/** Lengths, tags, times, counts. */
const POINT_BYTES = 96;
const ATTRIBUTE_BYTES = 24;
const EXEMPLAR_BYTES = 64;
/** UTF-8 takes at most three bytes for a unit of UTF-16. */
const UTF8 = 3;

export type Point = NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint;

/** What data points have in common. */
export interface MetricShape {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: 'sum' | 'histogram' | 'exponentialHistogram';
  readonly temporality: 'cumulative' | 'delta';
}

/** Collects the data points of one tenant into as many frames as their size asks for. */
export class MetricsFrames {
  readonly #derived: Derived[] = [];
  #open = new Map<Resource | null, Map<MetricShape, Point[]>>();
  #bytes = 0;

  constructor(
    readonly tenant: string,
    readonly scope: Scope,
    readonly maxBytes = MAX_FRAME_BYTES,
  ) {}

  /** @param valueBytes what the point takes beside its attributes and exemplars, at most */
  add(resource: Resource | null, shape: MetricShape, point: Point, valueBytes: number): void {
    let metrics = this.#open.get(resource);
    const bytes = POINT_BYTES + valueBytes + attributesBytes(point.attributes) + point.exemplars.length * EXEMPLAR_BYTES + (metrics === undefined ? attributesBytes(resource?.attributes ?? []) : 0);
    if (this.#bytes > 0 && this.#bytes + bytes > this.maxBytes) {
      this.#cut();
      metrics = undefined;
    }
    this.#bytes += bytes;
    if (metrics === undefined) this.#open.set(resource, (metrics = new Map()));
    const points = metrics.get(shape);
    if (points) points.push(point);
    else metrics.set(shape, [point]);
  }

  take(): readonly Derived[] {
    this.#cut();
    return this.#derived;
  }

  #cut(): void {
    if (this.#open.size === 0) return;
    const resourceMetrics = [...this.#open].map(([resource, metrics]): ResourceMetrics => ({
      resource,
      schemaUrl: '',
      scopeMetrics: [{ scope: this.scope, schemaUrl: '', metrics: [...metrics].map(([shape, points]) => metricOf(shape, points)) }],
    }));
    this.#derived.push({ tenant: this.tenant, data: { signal: 'metrics', metrics: { resourceMetrics } } });
    this.#open = new Map();
    this.#bytes = 0;
  }
}

function metricOf({ name, description, unit, type, temporality: kind }: MetricShape, points: readonly Point[]): Metric {
  const temporality = kind === 'delta' ? DELTA : CUMULATIVE;
  return { name, description, unit, metadata: [], values: valuesOf(type, points, temporality) };
}

/** Each shape is given points of its own type alone. */
function valuesOf(type: MetricShape['type'], points: readonly Point[], temporality: number): MetricValues {
  switch (type) {
    case 'sum':
      return { type, dataPoints: points as readonly NumberDataPoint[], temporality, monotonic: true };
    case 'histogram':
      return { type, dataPoints: points as readonly HistogramDataPoint[], temporality };
    case 'exponentialHistogram':
      return { type, dataPoints: points as readonly ExponentialHistogramDataPoint[], temporality };
  }
}

function attributesBytes(attributes: Attributes): number {
  return attributes.reduce((sum, { key, value }) => sum + ATTRIBUTE_BYTES + key.length * UTF8 + valueBytes(value), 0);
}

function valueBytes(value: AnyValue): number {
  if (typeof value === 'string') return value.length * UTF8;
  if (value === null || typeof value !== 'object') return 10;
  if (value instanceof Uint8Array) return value.length;
  return 'entries' in value && Array.isArray(value.entries) ? attributesBytes(value.entries as Attributes) : (value as readonly AnyValue[]).reduce<number>((sum, each) => sum + 8 + valueBytes(each), 0);
}
