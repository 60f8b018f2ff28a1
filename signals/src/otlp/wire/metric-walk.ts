import type { Reader } from '../protobuf/reader.js';

export const GAUGE = 42;
export const SUM = 58;
export const HISTOGRAM = 74;
const EXPONENTIAL_HISTOGRAM = 82;
const SUMMARY = 90;
const METADATA = 98;

/** Places in a reader's bytes: from and to, by turns. */
export type Places = readonly number[];

/** A metric as most are sent: name, description and unit, then data of one kind. The object is used again for the next one. */
export interface UsualMetric {
  /** Where name, description and unit lie, with their tags. */
  headFrom: number;
  headTo: number;
  /** Where the metric ends. */
  to: number;
  /** Tag of its data. */
  kind: number;
  temporality: number;
  monotonic: boolean;
  readonly points: number[];
}

/** Is told what a request of metrics holds, in its order. The reader stands where it will. */
export interface MetricVisitor {
  /** The metrics of this resource and scope follow. */
  scope(resource: Places, scope: Places, schemaUrl: string): void;
  metric(metric: UsualMetric): void;
  /** A metric with something that is rare: several kinds of data, fields behind it, unknown ones. */
  rareMetric(from: number, to: number): void;
  /** The last of the resource's metrics was told. */
  resourceEnd(): void;
}

/**
 * Walks an ExportMetricsServiceRequest down to its data points, which are left to the visitor.
 * @throws OtlpError with the byte offset where the bytes are malformed
 */
export function walkMetrics(reader: Reader, visitor: MetricVisitor): void {
  const end = reader.bytes.length;
  const metric: UsualMetric = { headFrom: 0, headTo: 0, to: 0, kind: 0, temporality: 0, monotonic: false, points: [] };
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) walkResource(reader, reader.limit(end), visitor, metric);
    else reader.skip(tag, end);
  }
}

/** A resource may stand behind its metrics, so a first pass looks for it. */
function walkResource(reader: Reader, end: number, visitor: MetricVisitor, metric: UsualMetric): void {
  const resource: number[] = [];
  const scopes: number[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10 || tag === 18) place(reader, end, tag === 10 ? resource : scopes);
    else if (tag === 26) reader.string(end);
    else reader.skip(tag, end);
  }
  for (let i = 0; i < scopes.length; i += 2) {
    reader.pos = scopes[i]!;
    walkScope(reader, scopes[i + 1]!, resource, visitor, metric);
  }
  visitor.resourceEnd();
  reader.pos = end;
}

function walkScope(reader: Reader, end: number, resource: Places, visitor: MetricVisitor, metric: UsualMetric): void {
  const scope: number[] = [];
  const metrics: number[] = [];
  let schemaUrl = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10 || tag === 18) place(reader, end, tag === 10 ? scope : metrics);
    else if (tag === 26) schemaUrl = reader.string(end);
    else reader.skip(tag, end);
  }
  visitor.scope(resource, scope, schemaUrl);
  for (let i = 0; i < metrics.length; i += 2) {
    const [from, to] = [metrics[i]!, metrics[i + 1]!];
    if (readMetric(reader, from, to, metric)) visitor.metric(metric);
    else visitor.rareMetric(from, to);
  }
}

/** False where it has something rare. */
function readMetric(reader: Reader, from: number, end: number, metric: UsualMetric): boolean {
  metric.headFrom = from;
  metric.to = end;
  metric.points.length = 0;
  metric.kind = 0;
  reader.pos = from;
  while (reader.pos < end) {
    const at = reader.pos;
    const tag = reader.tag(end);
    switch (tag) {
      case GAUGE:
      case SUM:
      case HISTOGRAM:
      case EXPONENTIAL_HISTOGRAM:
      case SUMMARY:
        if (metric.kind !== 0) return false;
        metric.kind = tag;
        metric.headTo = at;
        if (!readData(reader, reader.limit(end), metric)) return false;
        break;
      case 10: // 1 name
      case 18: // 2 description
      case 26: // 3 unit
      case METADATA:
        if (metric.kind !== 0) return false;
        reader.pos = reader.limit(end);
        break;
      default:
        return false;
    }
  }
  return metric.kind !== 0;
}

function readData(reader: Reader, end: number, metric: UsualMetric): boolean {
  metric.temporality = 0;
  metric.monotonic = false;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) place(reader, end, metric.points);
    else if (tag === 16 && metric.kind !== GAUGE && metric.kind !== SUMMARY) metric.temporality = reader.int32(end);
    else if (tag === 24 && metric.kind === SUM) metric.monotonic = reader.bool(end);
    else return false;
  }
  return true;
}

function place(reader: Reader, end: number, places: number[]): void {
  const to = reader.limit(end);
  places.push(reader.pos, to);
  reader.pos = to;
}
