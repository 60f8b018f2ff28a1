import type { KeyValue } from '../../model/attributes.js';
import type { Metric, MetricsData, MetricValues, ResourceMetrics, ScopeMetrics } from '../../model/metric.js';
import type { Resource, Scope } from '../../model/resource.js';
import { MAX_DEPTH_CEILING } from '../limits.js';
import { readKeyValue, writeAttributes } from './attributes.js';
import { ItemCounter } from './items.js';
import { readExponentialHistogramDataPoint, readHistogramDataPoint, readNumberDataPoint, readSummaryDataPoint } from './read-data-points.js';
import { Reader } from './reader.js';
import { readResource, readScope, writeResource, writeScope } from './resource.js';
import { writeExponentialHistogramDataPoint, writeHistogramDataPoint, writeNumberDataPoint, writeSummaryDataPoint } from './write-data-points.js';
import { Writer } from './writer.js';

/**
 * Decodes an ExportMetricsServiceRequest (the same bytes as MetricsData) as the official definitions have it
 * (opentelemetry/proto/metrics/v1/metrics.proto). Unknown fields are passed over; exemplars' ids of zeros become ''.
 * Where a metric was sent with several kinds of data, the last kind stands, and the points of the others count as
 * ordinals all the same.
 *
 * @param skip ordinals (from 0, in document order) of data points to leave out
 * @throws OtlpError with the byte offset where the bytes are malformed
 */
export function decodeMetrics(bytes: Uint8Array, skip?: readonly number[], maxDepth = MAX_DEPTH_CEILING): MetricsData {
  const reader = new Reader(bytes, maxDepth);
  const items = new ItemCounter(skip);
  const end = bytes.length;
  const resourceMetrics: ResourceMetrics[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) resourceMetrics.push(readResourceMetrics(reader, reader.limit(end), items));
    else reader.skip(tag, end);
  }
  return { resourceMetrics };
}

function readResourceMetrics(reader: Reader, end: number, items: ItemCounter): ResourceMetrics {
  let resource: Resource | null = null;
  const scopeMetrics: ScopeMetrics[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 resource
        resource = readResource(reader, reader.limit(end), resource);
        break;
      case 18: // 2 scope_metrics
        scopeMetrics.push(readScopeMetrics(reader, reader.limit(end), items));
        break;
      case 26: // 3 schema_url
        schemaUrl = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { resource, schemaUrl, scopeMetrics };
}

function readScopeMetrics(reader: Reader, end: number, items: ItemCounter): ScopeMetrics {
  let scope: Scope | null = null;
  const metrics: Metric[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 scope
        scope = readScope(reader, reader.limit(end), scope);
        break;
      case 18: // 2 metrics
        metrics.push(readMetric(reader, reader.limit(end), items));
        break;
      case 26: // 3 schema_url
        schemaUrl = reader.string(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { scope, schemaUrl, metrics };
}

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
  const writer = new Writer();
  for (let i = data.resourceMetrics.length - 1; i >= 0; i--) {
    const { resource, schemaUrl, scopeMetrics } = data.resourceMetrics[i];
    const end = writer.mark();
    writer.string(26, schemaUrl);
    for (let j = scopeMetrics.length - 1; j >= 0; j--) writeScopeMetrics(writer, scopeMetrics[j]);
    writeResource(writer, 10, resource);
    writer.message(10, end);
  }
  return writer.finish();
}

function writeScopeMetrics(writer: Writer, { scope, schemaUrl, metrics }: ScopeMetrics): void {
  const end = writer.mark();
  writer.string(26, schemaUrl);
  for (let i = metrics.length - 1; i >= 0; i--) writeMetric(writer, metrics[i]);
  writeScope(writer, 10, scope);
  writer.message(18, end);
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
