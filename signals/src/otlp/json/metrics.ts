import type { Metric, MetricsData, MetricValues, ResourceMetrics, ScopeMetrics } from '../../model/metric.js';
import { MAX_DEPTH_CEILING } from '../limits.js';
import { attributesFromJson, attributesToJson } from './attributes.js';
import {
  exponentialHistogramPointFromJson, exponentialHistogramPointToJson, histogramPointFromJson, histogramPointToJson,
  numberPointFromJson, numberPointToJson, summaryPointFromJson, summaryPointToJson,
} from './data-points.js';
import { JsonReader } from './reader.js';
import type { JsonObject } from './reader.js';
import { resourceFromJson, resourceToJson, scopeFromJson, scopeToJson } from './resource.js';
import { withoutDefaults } from './writer.js';

const TEMPORALITIES = ['AGGREGATION_TEMPORALITY_UNSPECIFIED', 'AGGREGATION_TEMPORALITY_DELTA', 'AGGREGATION_TEMPORALITY_CUMULATIVE'];
const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

/**
 * Reads an ExportMetricsServiceRequest in OTLP/JSON, as JSON.parse has it.
 * @throws OtlpError with the path where the value does not fit
 */
export function metricsFromJson(value: unknown, maxDepth = MAX_DEPTH_CEILING): MetricsData {
  const json = new JsonReader(maxDepth);
  return { resourceMetrics: json.list(json.root(value), 'resourceMetrics', resourceMetricsFromJson) };
}

function resourceMetricsFromJson(json: JsonReader, object: JsonObject): ResourceMetrics {
  return {
    resource: json.message(object, 'resource', resourceFromJson),
    schemaUrl: json.string(object, 'schemaUrl'),
    scopeMetrics: json.list(object, 'scopeMetrics', scopeMetricsFromJson),
  };
}

function scopeMetricsFromJson(json: JsonReader, object: JsonObject): ScopeMetrics {
  return {
    scope: json.message(object, 'scope', scopeFromJson),
    schemaUrl: json.string(object, 'schemaUrl'),
    metrics: json.list(object, 'metrics', metricFromJson),
  };
}

function metricFromJson(json: JsonReader, object: JsonObject): Metric {
  const kind = json.oneof(object, KINDS);
  return {
    name: json.string(object, 'name'),
    description: json.string(object, 'description'),
    unit: json.string(object, 'unit'),
    metadata: attributesFromJson(json, object, 'metadata'),
    values: (kind && json.message(object, kind, (reader, values) => valuesFromJson(reader, values, kind))) ?? { type: 'none' },
  };
}

function valuesFromJson(json: JsonReader, object: JsonObject, type: (typeof KINDS)[number]): MetricValues {
  const temporality = (): number => json.enumeration(object, 'aggregationTemporality', TEMPORALITIES);
  switch (type) {
    case 'gauge':
      return { type, dataPoints: json.list(object, 'dataPoints', numberPointFromJson) };
    case 'sum':
      return { type, dataPoints: json.list(object, 'dataPoints', numberPointFromJson), temporality: temporality(), monotonic: json.bool(object, 'isMonotonic') };
    case 'histogram':
      return { type, dataPoints: json.list(object, 'dataPoints', histogramPointFromJson), temporality: temporality() };
    case 'exponentialHistogram':
      return { type, dataPoints: json.list(object, 'dataPoints', exponentialHistogramPointFromJson), temporality: temporality() };
    case 'summary':
      return { type, dataPoints: json.list(object, 'dataPoints', summaryPointFromJson) };
  }
}

/** An ExportMetricsServiceRequest in OTLP/JSON, to be serialized. */
export function metricsToJson(data: MetricsData): object {
  return withoutDefaults({
    resourceMetrics: data.resourceMetrics.map(({ resource, schemaUrl, scopeMetrics }) => withoutDefaults({
      resource: resourceToJson(resource),
      scopeMetrics: scopeMetrics.map(({ scope, schemaUrl: scopeSchemaUrl, metrics }) => withoutDefaults({
        scope: scopeToJson(scope),
        metrics: metrics.map(metricToJson),
        schemaUrl: scopeSchemaUrl,
      })),
      schemaUrl,
    })),
  });
}

function metricToJson({ name, description, unit, metadata, values }: Metric): object {
  return withoutDefaults({
    name,
    description,
    unit,
    ...(values.type === 'none' ? {} : { [values.type]: valuesToJson(values) }),
    metadata: attributesToJson(metadata),
  });
}

function valuesToJson(values: Exclude<MetricValues, { type: 'none' }>): object {
  switch (values.type) {
    case 'gauge':
      return withoutDefaults({ dataPoints: values.dataPoints.map(numberPointToJson) });
    case 'sum':
      return withoutDefaults({ dataPoints: values.dataPoints.map(numberPointToJson), aggregationTemporality: values.temporality, isMonotonic: values.monotonic });
    case 'histogram':
      return withoutDefaults({ dataPoints: values.dataPoints.map(histogramPointToJson), aggregationTemporality: values.temporality });
    case 'exponentialHistogram':
      return withoutDefaults({ dataPoints: values.dataPoints.map(exponentialHistogramPointToJson), aggregationTemporality: values.temporality });
    case 'summary':
      return withoutDefaults({ dataPoints: values.dataPoints.map(summaryPointToJson) });
  }
}
