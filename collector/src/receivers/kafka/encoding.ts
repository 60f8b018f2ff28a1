import { isUtf8 } from 'node:buffer';
import type { AnyValue } from '@signalbox/signals/model/attributes';
import type { LogsData } from '@signalbox/signals/model/log-record';
import type { Signal } from '@signalbox/signals/model/signal';
import { logsFromJson } from '@signalbox/signals/otlp/json/logs';
import { metricsFromJson } from '@signalbox/signals/otlp/json/metrics';
import { tracesFromJson } from '@signalbox/signals/otlp/json/traces';
import { encodeLogs } from '@signalbox/signals/otlp/protobuf/logs';
import { encodeMetrics } from '@signalbox/signals/otlp/protobuf/metrics';
import { encodeTraces } from '@signalbox/signals/otlp/protobuf/traces';
import { newEntry, toAnyValue } from '../../parsing/entry.js';
import { parseJson } from '../../parsing/formats.js';
import { malformed } from '../requests/refusal.js';
import { readProtobufSpans } from '../zipkin/protobuf-spans.js';
import { readJson, readSpans } from '../zipkin/read-spans.js';
import { toOtlpTraces } from '../zipkin/to-otlp.js';

export const TRACE_ENCODINGS = ['otlp_proto', 'otlp_json', 'zipkin_json', 'zipkin_proto'] as const;
export const LOG_ENCODINGS = ['otlp_proto', 'otlp_json', 'text', 'raw', 'json'] as const;
export const METRIC_ENCODINGS = ['otlp_proto', 'otlp_json'] as const;

export type KafkaEncoding = (typeof TRACE_ENCODINGS)[number] | (typeof LOG_ENCODINGS)[number];

/** The times of a message, for records that have none of their own. */
export interface MessageTimes {
  readonly timeNs: bigint;
  readonly observedNs: bigint;
}

/**
 * A message as an Export*ServiceRequest in protobuf. The bytes are copied, since the scan overwrites secrets in place.
 * @throws Refusal, OtlpError where the message is not of the encoding
 */
export function toRequest(signal: Signal, encoding: KafkaEncoding, value: Buffer, maxItems: number, times: MessageTimes): Uint8Array {
  switch (encoding) {
    case 'otlp_proto':
      return new Uint8Array(value);
    case 'otlp_json':
      return fromJson(signal, readJson(value));
    case 'zipkin_json':
      return encodeTraces(toOtlpTraces(readSpans(readJson(value), maxItems)));
    case 'zipkin_proto':
      return encodeTraces(toOtlpTraces(readSpans(readProtobufSpans(value), maxItems)));
    case 'raw':
      return encodeLogs(oneRecord(new Uint8Array(value), times));
    case 'text':
      if (!isUtf8(value)) throw malformed('the message is not UTF-8 (encoding: raw takes any bytes)');
      return encodeLogs(oneRecord(value.toString('utf8'), times));
    case 'json': {
      const fields = parseJson(value.toString('utf8'));
      if (fields === null) throw malformed('the message is no JSON object (encoding: text takes any text)');
      return encodeLogs(oneRecord(toAnyValue(newEntry(fields).body), times));
    }
  }
}

function fromJson(signal: Signal, value: unknown): Uint8Array {
  if (signal === 'traces') return encodeTraces(tracesFromJson(value));
  return signal === 'logs' ? encodeLogs(logsFromJson(value)) : encodeMetrics(metricsFromJson(value));
}

function oneRecord(body: AnyValue, { timeNs, observedNs }: MessageTimes): LogsData {
  const record = { timeNs, observedTimeNs: observedNs, severityNumber: 0, severityText: '', body, attributes: [], droppedAttributesCount: 0, flags: 0, traceId: '', spanId: '', eventName: '' };
  return { resourceLogs: [{ resource: null, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: [record] }] }] };
}
