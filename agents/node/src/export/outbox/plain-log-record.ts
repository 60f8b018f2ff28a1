import type { Resource } from '@opentelemetry/resources';
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';

type LogField =
  | 'hrTime' | 'hrTimeObserved' | 'severityText' | 'severityNumber' | 'body' | 'eventName' | 'instrumentationScope'
  | 'attributes' | 'droppedAttributesCount';

/** A log record as data that can be sent to another thread. */
export interface PlainLogRecord extends Pick<ReadableLogRecord, LogField> {
  readonly trace: { readonly traceId: string; readonly spanId: string; readonly traceFlags: number } | undefined;
}

export function plainLogRecord(record: ReadableLogRecord): PlainLogRecord {
  const trace = record.spanContext;
  return {
    hrTime: record.hrTime,
    hrTimeObserved: record.hrTimeObserved,
    ...(record.severityText === undefined ? {} : { severityText: record.severityText }),
    ...(record.severityNumber === undefined ? {} : { severityNumber: record.severityNumber }),
    ...(record.body === undefined ? {} : { body: record.body }),
    ...(record.eventName === undefined ? {} : { eventName: record.eventName }),
    instrumentationScope: record.instrumentationScope,
    attributes: record.attributes,
    droppedAttributesCount: record.droppedAttributesCount,
    trace: trace && { traceId: trace.traceId, spanId: trace.spanId, traceFlags: trace.traceFlags },
  };
}

/** The log record that an exporter takes. */
export function readableLogRecord({ trace, ...plain }: PlainLogRecord, resource: Resource): ReadableLogRecord {
  return { ...plain, resource, ...(trace === undefined ? {} : { spanContext: trace }) };
}
