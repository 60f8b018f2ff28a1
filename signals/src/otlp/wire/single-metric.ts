import { Buffer } from 'node:buffer';

/** A resource and a scope on the wire, each perhaps in several parts. */
export interface ScopeParts {
  readonly resource: readonly Uint8Array[];
  readonly scope: readonly Uint8Array[];
  readonly schemaUrl: string;
}

/** What a metric has beside its points. */
export interface MetricHead {
  /** Name, description and unit, with their tags. */
  readonly head: Uint8Array;
  /** Tag of its data: 42 gauge, 58 sum, 74 histogram, 82 exponential histogram, 90 summary. */
  readonly kind: number;
  readonly temporality: number;
  readonly monotonic: boolean;
}

/** An ExportMetricsServiceRequest with one metric, of its bytes; without content a resource and scope alone. */
export function requestOfMetric({ resource, scope, schemaUrl }: ScopeParts, metric: Uint8Array): Uint8Array {
  const scopeMetrics = Buffer.concat([...scope.map((part) => message(10, part)), message(18, metric), message(26, Buffer.from(schemaUrl))]);
  return message(10, Buffer.concat([...resource.map((part) => message(10, part)), message(18, scopeMetrics)]));
}

/** A metric's bytes, with these points. */
export function metricWithPoints({ head, kind, temporality, monotonic }: MetricHead, points: readonly Uint8Array[]): Uint8Array {
  const parts = points.flatMap((point) => [prefix(10, point.length), point]);
  if (temporality !== 0) parts.push(prefix(16, temporality));
  if (monotonic) parts.push(prefix(24, 1));
  return Buffer.concat([head, message(kind, Buffer.concat(parts))]);
}

function message(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([prefix(tag, content.length), content]);
}

function prefix(tag: number, length: number): Uint8Array {
  const bytes = [tag];
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Uint8Array.from([...bytes, rest]);
}
