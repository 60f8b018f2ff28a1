import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { Payload } from '../messages.js';
import { metricsSerializer } from './metrics-serializer.js';
import { readableLogRecord } from '../outbox/plain-log-record.js';
import { readableSpan } from '../outbox/plain-span.js';

/** Writes a payload as an Export*ServiceRequest in protobuf. */
export type Encode = (payload: Payload) => Promise<Uint8Array>;

/** Encodes with OpenTelemetry's serializers, loaded with the first payload. */
export function createEncode(resourceAttributes: Attributes): Encode {
  const resource = resourceFromAttributes(resourceAttributes);
  return async (payload) => {
    const { ProtobufLogsSerializer, ProtobufMetricsSerializer, ProtobufTraceSerializer } = await import('@opentelemetry/otlp-transformer');
    switch (payload.signal) {
      case 'traces':
        return written(ProtobufTraceSerializer.serializeRequest(payload.spans.map((span) => readableSpan(span, resource))));
      case 'logs':
        return written(ProtobufLogsSerializer.serializeRequest(payload.records.map((record) => readableLogRecord(record, resource))));
      case 'metrics':
        return written(metricsSerializer(ProtobufMetricsSerializer)({ resource, scopeMetrics: [...payload.scopeMetrics] }));
    }
  };
}

/** The bytes of a payload, written when they are first asked for. */
export function encodedOnce(payload: Payload, encode: Encode): () => Promise<Uint8Array> {
  let bytes: Promise<Uint8Array> | undefined;
  return () => (bytes ??= encode(payload));
}

function written(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Error('the batch could not be encoded');
  return bytes;
}
