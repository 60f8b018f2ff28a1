import type { IExportMetricsServiceResponse, ISerializer } from '@opentelemetry/otlp-transformer';
import type { MetricData, ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import type { AnyValue } from '@signalbox/signals/model/attributes';
import type { Metric, MetricsData } from '@signalbox/signals/model/metric';

/** A metric that brings its OTLP form along, since the SDK's cannot say all of it (summaries, exemplars). */
export type ExactMetricData = MetricData & { readonly exact: Metric };

function isExact(metric: MetricData): metric is ExactMetricData {
  return 'exact' in metric;
}

/**
 * Writes an ExportMetricsServiceRequest in protobuf: the SDK's metrics with OpenTelemetry's serializer, exact ones with
 * ours. Both parts make one request: the messages of protobuf may simply be put behind each other, since what is
 * repeated is added up (protobuf encoding, "Last One Wins").
 */
export function metricsSerializer(official: ISerializer<ResourceMetrics, IExportMetricsServiceResponse>): (request: ResourceMetrics) => Uint8Array | undefined {
  return (request) => {
    const { plain, exact } = split(request);
    const standard = plain.scopeMetrics.length > 0 ? official.serializeRequest(plain) : undefined;
    return exact.resourceMetrics.length === 0 ? standard : joined(standard, exact);
  };
}

function split(request: ResourceMetrics): { plain: ResourceMetrics; exact: MetricsData } {
  const plain: ScopeMetrics[] = [];
  const exact: { scope: ScopeMetrics['scope']; metrics: Metric[] }[] = [];
  for (const { scope, metrics } of request.scopeMetrics) {
    const ours = metrics.filter(isExact).map((metric) => metric.exact);
    if (ours.length > 0) exact.push({ scope, metrics: ours });
    if (ours.length < metrics.length) plain.push({ scope, metrics: ours.length === 0 ? metrics : metrics.filter((metric) => !isExact(metric)) });
  }
  if (exact.length === 0) return { plain: request, exact: { resourceMetrics: [] } };
  const attributes = Object.entries(request.resource.attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
  return {
    plain: { resource: request.resource, scopeMetrics: plain },
    exact: {
      resourceMetrics: [
        {
          resource: { attributes, droppedAttributesCount: 0 },
          schemaUrl: request.resource.schemaUrl ?? '',
          scopeMetrics: exact.map(({ scope, metrics }) => ({
            scope: { name: scope.name, version: scope.version ?? '', attributes: [], droppedAttributesCount: 0 },
            schemaUrl: scope.schemaUrl ?? '',
            metrics,
          })),
        },
      ],
    },
  };
}

function anyValue(value: unknown): AnyValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(anyValue);
  return null;
}

function joined(official: Uint8Array | undefined, exact: MetricsData): Uint8Array {
  const ours = encodeMetrics(exact);
  return official === undefined ? ours : Buffer.concat([official, ours]);
}
