import type { KeyValue } from '../../model/attributes.js';
import type { Metric, MetricsData, MetricValues, ResourceMetrics, ScopeMetrics } from '../../model/metric.js';
import { readKeyValue, writeAttributes } from './attributes.js';
import { readGrouped, writeGrouped, type GroupedReading } from './grouped.js';
import type { ItemCounter } from './items.js';
import { readExponentialHistogramDataPoint, readHistogramDataPoint, readNumberDataPoint, readSummaryDataPoint } from './read-data-points.js';
import type { Reader } from './reader.js';
import { writeExponentialHistogramDataPoint, writeHistogramDataPoint, writeNumberDataPoint, writeSummaryDataPoint } from './write-data-points.js';
import type { Writer } from './writer.js';

/**
 * Decodes an ExportMetricsServiceRequest (the same bytes as MetricsData) as the official definitions have it
 * (opentelemetry/proto/metrics/v1/metrics.proto). Unknown fields are passed over; exemplars' ids of zeros become ''.
 * Where a metric was sent with several kinds of data, the last kind stands, and the points of the others count as
 * ordinals all the same.
 *
 * @param skip ordinals (from 0, in document order) of data points to leave out
 * @throws OtlpError with the byte offset where the bytes are malformed
 */
export function decodeMetrics(bytes: Uint8Array, skip?: readonly number[], maxDepth?: number): MetricsData {
  return { resourceMetrics: readGrouped<Metric, ScopeMetrics, ResourceMetrics>(bytes, skip, maxDepth, READING) };
}

const READING: GroupedReading<Metric, ScopeMetrics, ResourceMetrics> = {
  item: readMetric,
  scopeGroup: (scope, schemaUrl, metrics) => ({ scope, schemaUrl, metrics }),
  resourceGroup: (resource, schemaUrl, scopeMetrics) => ({ resource, schemaUrl, scopeMetrics }),
};

function readMetric(reader: Reader, end: number, items: ItemCounter): Metric {
  let name = '';
  let description = '';
  let unit = '';
  const metadata: KeyValue[] = [];
  let values: MetricValues = { type: 'none' };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 name
        name = reader.string(end);
        break;
      case 18: // 2 description
        description = reader.string(end);
        break;
      case 26: // 3 unit
        unit = reader.string(end);
        break;
      case 42: // 5 gauge
      case 58: // 7 sum
      case 74: // 9 histogram
      case 82: // 10 exponential_histogram
      case 90: // 11 summary
        values = readValues(reader, tag, reader.limit(end), items, values);
        break;
      case 98: // 12 metadata
        metadata.push(readKeyValue(reader, reader.limit(end)));
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { name, description, unit, metadata, values };
}

function readValues(reader: Reader, tag: number, end: number, items: ItemCounter, before: MetricValues): MetricValues {
  switch (tag) {
    case 42:
      return { type: 'gauge', dataPoints: readPoints(reader, end, items, readNumberDataPoint, before.type === 'gauge' ? before : null).dataPoints };
    case 58:
      return { type: 'sum', ...readPoints(reader, end, items, readNumberDataPoint, before.type === 'sum' ? before : null) };
    case 74: {
      const { dataPoints, temporality } = readPoints(reader, end, items, readHistogramDataPoint, before.type === 'histogram' ? before : null);
      return { type: 'histogram', dataPoints, temporality };
    }
    case 82: {
      const { dataPoints, temporality } = readPoints(reader, end, items, readExponentialHistogramDataPoint, before.type === 'exponentialHistogram' ? before : null);
      return { type: 'exponentialHistogram', dataPoints, temporality };
    }
    default:
      return { type: 'summary', dataPoints: readPoints(reader, end, items, readSummaryDataPoint, before.type === 'summary' ? before : null).dataPoints };
  }
}

interface Points<P> {
  readonly dataPoints: readonly P[];
  readonly temporality: number;
  readonly monotonic: boolean;
}

/**
 * Gauge, Sum, Histogram, ExponentialHistogram and Summary agree in their fields: data_points 1,
 * aggregation_temporality 2, is_monotonic 3, of which each has the first ones. `before` is what an earlier part of the
 * same message held.
 */
function readPoints<P>(
  reader: Reader, end: number, items: ItemCounter, read: (reader: Reader, end: number) => P, before: Partial<Points<P>> | null,
): Points<P> {
  const dataPoints = (before?.dataPoints ?? []) as P[];
  let temporality = before?.temporality ?? 0;
  let monotonic = before?.monotonic ?? false;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 data_points
        if (items.take()) dataPoints.push(read(reader, reader.limit(end)));
        else reader.skip(tag, end);
        break;
      case 16: // 2 aggregation_temporality
        temporality = reader.int32(end);
        break;
      case 24: // 3 is_monotonic
        monotonic = reader.bool(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { dataPoints, temporality, monotonic };
}

/** Encodes an ExportMetricsServiceRequest. */
export function encodeMetrics(data: MetricsData): Uint8Array {
  return writeGrouped<Metric, ScopeMetrics, ResourceMetrics>(data.resourceMetrics, { scopeGroups: (group) => group.scopeMetrics, items: (group) => group.metrics, item: writeMetric });
}

function writeMetric(writer: Writer, metric: Metric): void {
  const end = writer.mark();
  writeAttributes(writer, 98, metric.metadata);
  writeValues(writer, metric.values);
  writer.string(26, metric.unit);
  writer.string(18, metric.description);
  writer.string(10, metric.name);
  writer.message(18, end);
}

function writeValues(writer: Writer, values: MetricValues): void {
  const end = writer.mark();
  switch (values.type) {
    case 'none':
      return;
    case 'gauge':
      writePoints(writer, values.dataPoints, writeNumberDataPoint);
      writer.message(42, end);
      return;
    case 'sum':
      writer.bool(24, values.monotonic);
      writer.int32(16, values.temporality);
      writePoints(writer, values.dataPoints, writeNumberDataPoint);
      writer.message(58, end);
      return;
    case 'histogram':
      writer.int32(16, values.temporality);
      writePoints(writer, values.dataPoints, writeHistogramDataPoint);
      writer.message(74, end);
      return;
    case 'exponentialHistogram':
      writer.int32(16, values.temporality);
      writePoints(writer, values.dataPoints, writeExponentialHistogramDataPoint);
      writer.message(82, end);
      return;
    case 'summary':
      writePoints(writer, values.dataPoints, writeSummaryDataPoint);
      writer.message(90, end);
  }
}

function writePoints<P>(writer: Writer, points: readonly P[], write: (writer: Writer, point: P) => void): void {
  for (let i = points.length - 1; i >= 0; i--) {
    const end = writer.mark();
    write(writer, points[i]);
    writer.message(10, end);
  }
}
