import fc from 'fast-check';
import { KeyValueList } from '@signalbox/signals/model/attributes';
import type { AnyValue, KeyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Exemplar, ExponentialBuckets, Metric, MetricsData, MetricValues } from '@signalbox/signals/model/metric';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span, SpanEvent, SpanLink, TracesData } from '@signalbox/signals/model/span';

/** Random messages of the model, for property tests. */

const uint32 = fc.nat({ max: 0xffffffff });
const int32 = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer());
const uint64 = fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }));
const int64 = fc.oneof(fc.bigInt({ min: -200n, max: 200n }), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }));
const double = fc.double();
const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ minLength: 40, maxLength: 200 }));
const blob = fc.uint8Array({ maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));

const notZero = (hex: string): boolean => /[1-9a-f]/.test(hex);
const hexOf = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((id) => Buffer.from(id).toString('hex')).filter(notZero);
export const traceId = hexOf(16);
export const spanId = hexOf(8);
const optionalTraceId = fc.oneof(fc.constant(''), traceId);
const optionalSpanId = fc.oneof(fc.constant(''), spanId);

/** Few keys that come again, and any others. */
const key = fc.oneof(fc.constantFrom('service.name', 'http.route', 'db.system', 'a', 'ключ'), text);

export const anyValue: fc.Arbitrary<AnyValue> = fc.letrec<{ value: AnyValue; keyValue: KeyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    text, fc.boolean(), int64, double, blob, fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(tie('keyValue'), { maxLength: 4 }).map((entries) => new KeyValueList(entries)),
  ),
  keyValue: fc.record({ key, value: tie('value') }, { noNullPrototype: true }),
})).value;

export const attributes = fc.array(fc.record({ key, value: anyValue }, { noNullPrototype: true }), { maxLength: 5 });

function list<T>(item: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> {
  return fc.array(item, { maxLength });
}

function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const resource = fc.oneof(fc.constant(null), record<Resource>({ attributes, droppedAttributesCount: uint32 }));
const scope = fc.oneof(fc.constant(null), record<Scope>({ name: text, version: text, attributes, droppedAttributesCount: uint32 }));

const event = record<SpanEvent>({ timeNs: uint64, name: text, attributes, droppedAttributesCount: uint32 });
const link = record<SpanLink>({ traceId, spanId, traceState: text, attributes, droppedAttributesCount: uint32, flags: uint32 });
const span = record<Span>({
  traceId, spanId, traceState: text, parentSpanId: optionalSpanId, flags: uint32, name: text, kind: int32,
  startNs: uint64, endNs: uint64, attributes, droppedAttributesCount: uint32, events: list(event), droppedEventsCount: uint32,
  links: list(link), droppedLinksCount: uint32, status: record({ code: int32, message: text }),
});

export const tracesData: fc.Arbitrary<TracesData> = record({
  resourceSpans: list(record({
    resource, schemaUrl: text,
    scopeSpans: list(record({ scope, schemaUrl: text, spans: list(span) })),
  })),
});

const logRecord = record<LogRecord>({
  timeNs: uint64, observedTimeNs: uint64, severityNumber: int32, severityText: text, body: anyValue, attributes,
  droppedAttributesCount: uint32, flags: uint32, traceId: optionalTraceId, spanId: optionalSpanId, eventName: text,
});

export const logsData: fc.Arbitrary<LogsData> = record({
  resourceLogs: list(record({
    resource, schemaUrl: text,
    scopeLogs: list(record({ scope, schemaUrl: text, logRecords: list(logRecord) })),
  })),
});

const numberValue = fc.oneof(int64, double, fc.constant(null));
const optionalDouble = fc.oneof(fc.constant(null), double);
const exemplar = record<Exemplar>({
  filteredAttributes: attributes, timeNs: uint64, value: numberValue, spanId: optionalSpanId, traceId: optionalTraceId,
});
const point = { attributes, startNs: uint64, timeNs: uint64, flags: uint32 };
const numberPoint = record({ ...point, value: numberValue, exemplars: list(exemplar) });
const distribution = { ...point, count: uint64, sum: optionalDouble, min: optionalDouble, max: optionalDouble, exemplars: list(exemplar) };
const histogramPoint = fc.array(double, { maxLength: 4 }).chain((bounds) => record({
  ...distribution,
  bucketCounts: fc.oneof(fc.constant([]), fc.array(uint64, { minLength: bounds.length + 1, maxLength: bounds.length + 1 })),
  explicitBounds: fc.constant(bounds),
}));
const buckets = fc.oneof(fc.constant(null), record<ExponentialBuckets>({ offset: fc.integer(), bucketCounts: list(uint64, 5) }));
const exponentialPoint = record({
  ...distribution, scale: fc.integer(), zeroCount: uint64, zeroThreshold: double, positive: buckets, negative: buckets,
});
const summaryPoint = record({ ...point, count: uint64, sum: double, quantileValues: list(record({ quantile: double, value: double })) });

const values: fc.Arbitrary<MetricValues> = fc.oneof(
  record({ type: fc.constant('gauge' as const), dataPoints: list(numberPoint) }),
  record({ type: fc.constant('sum' as const), dataPoints: list(numberPoint), temporality: int32, monotonic: fc.boolean() }),
  record({ type: fc.constant('histogram' as const), dataPoints: list(histogramPoint), temporality: int32 }),
  record({ type: fc.constant('exponentialHistogram' as const), dataPoints: list(exponentialPoint), temporality: int32 }),
  record({ type: fc.constant('summary' as const), dataPoints: list(summaryPoint) }),
  record({ type: fc.constant('none' as const) }),
);

const metricName = text.filter((name) => name !== '');
const metric = record<Metric>({ name: metricName, description: text, unit: text, metadata: attributes, values });

export const metricsData: fc.Arbitrary<MetricsData> = record({
  resourceMetrics: list(record({
    resource, schemaUrl: text,
    scopeMetrics: list(record({ scope, schemaUrl: text, metrics: list(metric) })),
  })),
});
