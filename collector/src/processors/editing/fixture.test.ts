import { KeyValueList, type AnyValue, type Attributes } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Metric, MetricsData, NumberDataPoint } from '@signalbox/signals/model/metric';
import type { Span, TracesData } from '@signalbox/signals/model/span';
import type { Batch } from '../../component.js';

export type Plain = string | number | bigint | boolean | null | Uint8Array | readonly Plain[] | { readonly [key: string]: Plain };

export function value(plain: Plain): AnyValue {
  if (Array.isArray(plain)) return plain.map(value);
  if (typeof plain === 'object' && plain !== null && !(plain instanceof Uint8Array)) return new KeyValueList(attributes(plain as { readonly [key: string]: Plain }));
  return plain as AnyValue;
}

export function attributes(plain: { readonly [key: string]: Plain }): Attributes {
  return Object.entries(plain).map(([key, item]) => ({ key, value: value(item) }));
}

/** The other way round, for comparisons. */
export function plain(list: Attributes): Record<string, unknown> {
  const unwrap = (item: AnyValue): unknown => (item instanceof KeyValueList ? plain(item.entries) : Array.isArray(item) ? item.map(unwrap) : item);
  return Object.fromEntries(list.map(({ key, value: item }) => [key, unwrap(item)]));
}

export function span(more: Partial<Span> = {}): Span {
  return {
    traceId: '0102030405060708090a0b0c0d0e0f10', spanId: '0102030405060708', traceState: '', parentSpanId: '', flags: 1, name: 'GET /', kind: 2, startNs: 1_700_000_000_000_000_000n, endNs: 1_700_000_000_250_000_000n,
    attributes: [], droppedAttributesCount: 0, events: [], droppedEventsCount: 0, links: [], droppedLinksCount: 0, status: { code: 0, message: '' }, ...more,
  };
}

export function log(more: Partial<LogRecord> = {}): LogRecord {
  return { timeNs: 1_700_000_000_000_000_000n, observedTimeNs: 0n, severityNumber: 9, severityText: 'INFO', body: 'hello', attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '', ...more };
}

export function point(more: Partial<NumberDataPoint> = {}): NumberDataPoint {
  return { attributes: [], startNs: 0n, timeNs: 1_700_000_000_000_000_000n, flags: 0, value: 1n, exemplars: [], ...more };
}

export function metric(name: string, values: Metric['values'], more: Partial<Metric> = {}): Metric {
  return { name, description: '', unit: '', metadata: [], values, ...more };
}

const resourceOf = (plainAttributes: { readonly [key: string]: Plain }): { attributes: Attributes; droppedAttributesCount: number } => ({ attributes: attributes(plainAttributes), droppedAttributesCount: 0 });
const scope = { name: 'lib', version: '1.0', attributes: [], droppedAttributesCount: 0 };

export function traces(spans: readonly Span[], resource: { readonly [key: string]: Plain } = { 'service.name': 'shop' }): TracesData {
  return { resourceSpans: [{ resource: resourceOf(resource), schemaUrl: '', scopeSpans: [{ scope, schemaUrl: '', spans }] }] };
}

export function logs(logRecords: readonly LogRecord[], resource: { readonly [key: string]: Plain } = { 'service.name': 'shop' }): LogsData {
  return { resourceLogs: [{ resource: resourceOf(resource), schemaUrl: '', scopeLogs: [{ scope, schemaUrl: '', logRecords }] }] };
}

export function metrics(list: readonly Metric[], resource: { readonly [key: string]: Plain } = { 'service.name': 'shop' }): MetricsData {
  return { resourceMetrics: [{ resource: resourceOf(resource), schemaUrl: '', scopeMetrics: [{ scope, schemaUrl: '', metrics: list }] }] };
}

export function spansOf(batch: Batch): readonly Span[] {
  return batch.parts.flatMap(({ data }) => (data.signal === 'traces' ? data.traces.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)) : []));
}

export function logsOf(batch: Batch): readonly LogRecord[] {
  return batch.parts.flatMap(({ data }) => (data.signal === 'logs' ? data.logs.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)) : []));
}

export function metricsOf(batch: Batch): readonly Metric[] {
  return batch.parts.flatMap(({ data }) => (data.signal === 'metrics' ? data.metrics.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics: list }) => list)) : []));
}

/** Freezes it all the way down, so that a processor that writes into what it was given throws. */
export function frozen<T>(data: T): T {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data) || Object.isFrozen(data)) return data;
  Object.freeze(data);
  for (const child of Object.values(data)) frozen(child);
  return data;
}
