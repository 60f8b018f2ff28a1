import type { HrTime } from '@opentelemetry/api';
import { context, ValueType } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import type { CollectionResult, DataPoint, Histogram, MetricProducer, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import type { Attributes } from '@signalbox/signals/model/attributes';
import type { Metric } from '@signalbox/signals/model/metric';
import type { ExactMetricData } from '../export/sending/metrics-serializer.js';
import { convertFamily } from './convert.js';
import { familyNow } from './family-now.js';
import type { FoundMetric, Registries } from './registries.js';
import { Starts } from './starts.js';

const SCOPE = 'prom-client';

/**
 * The application's prom-client metrics as one more source of the SDK's metric reader: collected when the reader
 * collects, and only then. A collect function of the application's that fails costs its own metric alone.
 */
export class PromClientProducer implements MetricProducer {
  readonly #registries: Registries;
  readonly #starts: Starts;
  readonly #nowNs: () => bigint;

  readonly #failed: (text: string) => void;

  /** `failed` is told of metrics that could not be collected. */
  constructor(registries: Registries, processStartNs: bigint, nowNs: () => bigint, failed: (text: string) => void) {
    this.#registries = registries;
    this.#failed = failed;
    this.#starts = new Starts(processStartNs);
    this.#nowNs = nowNs;
  }

  async collect(): Promise<CollectionResult> {
    const nowNs = this.#nowNs();
    const converted = await Promise.all(this.#registries.metrics().map((found) => this.#convert(found, nowNs)));
    this.#starts.forgetUnseen(nowNs);
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: scopeMetrics(converted) }, errors: [] };
  }

  /** What can be had without a turn of the event loop, for the end of a process. */
  collectNow(): ScopeMetrics[] {
    const nowNs = this.#nowNs();
    const converted = this.#registries.metrics().map(({ metric, defaultLabels }) => {
      const family = familyNow(metric);
      return family === null ? null : convertFamily(family, defaultLabels, this.#starts, nowNs);
    });
    return scopeMetrics(converted);
  }

  async #convert({ metric, defaultLabels }: FoundMetric, nowNs: bigint): Promise<Metric | null> {
    try {
      // A gauge that asks the database would be a trace of its own at every collection.
      const family = await context.with(suppressTracing(context.active()), () => metric.get());
      return convertFamily(family, defaultLabels, this.#starts, nowNs);
    } catch (error) {
      this.#failed(`a metric of prom-client could not be collected: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }
}

function scopeMetrics(converted: readonly (Metric | null)[]): ScopeMetrics[] {
  const metrics = joinByName(converted.flatMap((metric) => metric ?? []));
  return metrics.length === 0 ? [] : [{ scope: { name: SCOPE }, metrics: metrics.map(metricData) }];
}

/** Registries may have metrics of the same name. The first one stands for a series that several have. */
function joinByName(metrics: readonly Metric[]): Metric[] {
  const byName = new Map<string, Metric>();
  for (const metric of metrics) {
    const known = byName.get(metric.name);
    byName.set(metric.name, known === undefined ? metric : join(known, metric));
  }
  return [...byName.values()];
}

function join(first: Metric, second: Metric): Metric {
  if (first.values.type !== second.values.type || first.values.type === 'none' || second.values.type === 'none') return first;
  const known = new Set<string>(first.values.dataPoints.map((point) => seriesKey(point.attributes)));
  const added = <T extends { readonly attributes: Attributes }>(points: readonly T[]): T[] => points.filter((point) => !known.has(seriesKey(point.attributes)));
  const [a, b] = [first.values, second.values];
  if (a.type === 'sum' && b.type === 'sum') return { ...first, values: { ...a, dataPoints: [...a.dataPoints, ...added(b.dataPoints)] } };
  if (a.type === 'gauge' && b.type === 'gauge') return { ...first, values: { ...a, dataPoints: [...a.dataPoints, ...added(b.dataPoints)] } };
  if (a.type === 'histogram' && b.type === 'histogram') return { ...first, values: { ...a, dataPoints: [...a.dataPoints, ...added(b.dataPoints)] } };
  if (a.type === 'summary' && b.type === 'summary') return { ...first, values: { ...a, dataPoints: [...a.dataPoints, ...added(b.dataPoints)] } };
  return first;
}

function seriesKey(attributes: Attributes): string {
  return attributes.map(({ key, value }) => `${key}\u0000${String(value)}`).join('\u0001');
}

/** In the SDK's terms, for exporters other than OTLP; a summary has no counterpart there but its quantiles as a gauge. */
function metricData(exact: Metric): ExactMetricData {
  const base = {
    descriptor: { name: exact.name, description: exact.description, unit: exact.unit, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    exact,
  } as const;
  const { values } = exact;
  switch (values.type) {
    case 'sum':
      return { ...base, dataPointType: DataPointType.SUM, isMonotonic: values.monotonic, dataPoints: values.dataPoints.map((point) => dataPoint(point, Number(point.value))) };
    case 'histogram':
      return {
        ...base,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints: values.dataPoints.map((point) =>
          dataPoint<Histogram>(point, {
            buckets: { boundaries: [...point.explicitBounds], counts: point.bucketCounts.map(Number) },
            count: Number(point.count),
            ...(point.sum === null ? {} : { sum: point.sum }),
          }),
        ),
      };
    case 'summary':
      return {
        ...base,
        dataPointType: DataPointType.GAUGE,
        dataPoints: values.dataPoints.flatMap((point) =>
          point.quantileValues.map(({ quantile, value }) => dataPoint({ ...point, attributes: [...point.attributes, { key: 'quantile', value: String(quantile) }] }, value)),
        ),
      };
    case 'gauge':
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints: values.dataPoints.map((point) => dataPoint(point, Number(point.value))) };
    default:
      throw new Error(`prom-client has no metrics of type ${values.type}`);
  }
}

function dataPoint<T>(point: { readonly attributes: Attributes; readonly startNs: bigint; readonly timeNs: bigint }, value: T): DataPoint<T> {
  const attributes = Object.fromEntries(point.attributes.map(({ key, value: text }) => [key, String(text)]));
  return { startTime: hrTime(point.startNs || point.timeNs), endTime: hrTime(point.timeNs), attributes, value };
}

function hrTime(ns: bigint): HrTime {
  return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
}
