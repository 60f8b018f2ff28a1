import type { Attributes as SdkAttributes, AttributeValue, HrTime } from '@opentelemetry/api';
import type { DataPoint, Histogram, MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { DataPointType } from '@opentelemetry/sdk-metrics';
import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import type { Exemplar, HistogramDataPoint } from '@signalbox/signals/model/metric';
import type { ExactMetricData } from '../export/sending/metrics-serializer.js';
import type { ExemplarReservoir } from './reservoir.js';

/** Puts exemplars to the histograms that have some, in OTLP's terms, since the SDK's have no room for them. */
export function attachExemplars(scopeMetrics: readonly ScopeMetrics[], reservoir: ExemplarReservoir): readonly ScopeMetrics[] {
  return scopeMetrics.map(({ scope, metrics }) => ({ scope, metrics: metrics.map((metric) => withExemplars(scope.name, metric, reservoir)) }));
}

function withExemplars(scope: string, metric: MetricData, reservoir: ExemplarReservoir): MetricData | ExactMetricData {
  const exemplarsOf = metric.dataPointType === DataPointType.HISTOGRAM ? reservoir.take(scope, metric.descriptor.name) : null;
  if (exemplarsOf === null || metric.dataPointType !== DataPointType.HISTOGRAM) return metric;
  const { name, description, unit } = metric.descriptor;
  return {
    ...metric,
    exact: {
      name, description, unit, metadata: [],
      values: {
        type: 'histogram',
        // 0 and 1 there, 1 and 2 here.
        temporality: metric.aggregationTemporality + 1,
        dataPoints: metric.dataPoints.map((point) => histogramPoint(point, exemplarsOf(point.attributes))),
      },
    },
  };
}

function histogramPoint({ attributes, startTime, endTime, value }: DataPoint<Histogram>, exemplars: readonly Exemplar[]): HistogramDataPoint {
  return {
    attributes: attributesOf(attributes),
    startNs: nanoseconds(startTime),
    timeNs: nanoseconds(endTime),
    flags: 0,
    count: BigInt(value.count),
    sum: value.sum ?? null,
    min: value.min ?? null,
    max: value.max ?? null,
    explicitBounds: value.buckets.boundaries,
    bucketCounts: value.buckets.counts.map(BigInt),
    exemplars,
  };
}

function attributesOf(attributes: SdkAttributes): Attributes {
  return Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: anyValue(value) }]));
}

function anyValue(value: AttributeValue): AnyValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  return Array.isArray(value) ? value.map((entry) => (entry === null || entry === undefined ? null : anyValue(entry))) : value;
}

function nanoseconds([seconds, rest]: HrTime): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(rest);
}
