import { resourceKeyOf, STREAM_LABELS_ATTRIBUTE } from '@signalbox/signals/loki/named-labels';
import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { PushedEntry, PushedStream } from './push.js';
import { firstOf } from './stream-labels.js';

const SEVERITY_NUMBERS: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, information: 9, notice: 10, warn: 13, warning: 13, error: 17, err: 17, critical: 21, fatal: 21, emergency: 24 };
const LEVEL_LABELS = ['severity', 'level', 'detected_level', 'severity_text'];
const TRACE_ID = /^[0-9a-fA-F]{32}$/;
const SPAN_ID = /^[0-9a-fA-F]{16}$/;

/**
 * Streams as OTLP logs: each is a resource whose attributes are its labels, service_name, service_namespace and
 * deployment_environment under OTLP's names, and one more that names them, so that they are the stream's labels again.
 * The severity is taken from the labels or the metadata, trace_id and span_id from the metadata; the rest of the metadata are
 * attributes of the record.
 */
export function toOtlpLogs(streams: readonly PushedStream[], receivedNs: bigint): LogsData {
  return {
    resourceLogs: streams.filter(({ entries }) => entries.length > 0).map(({ labels, entries }) => {
      const level = firstOf(LEVEL_LABELS, labels) ?? '';
      const attributes: KeyValue[] = labels.map(([name, value]) => ({ key: resourceKeyOf(name), value }));
      attributes.push({ key: STREAM_LABELS_ATTRIBUTE, value: attributes.map(({ key }) => key) });
      return { resource: { attributes, droppedAttributesCount: 0 }, schemaUrl: '', scopeLogs: [{ scope: null, schemaUrl: '', logRecords: entries.map((entry) => recordOf(entry, level, receivedNs)) }] };
    }),
  };
}

function recordOf({ timeNs, line, metadata }: PushedEntry, streamLevel: string, receivedNs: bigint): LogRecord {
  const attributes: KeyValue[] = [];
  let traceId = '';
  let spanId = '';
  let level = streamLevel;
  for (const [name, value] of metadata) {
    if (name === 'trace_id' && TRACE_ID.test(value)) traceId = value.toLowerCase();
    else if (name === 'span_id' && SPAN_ID.test(value)) spanId = value.toLowerCase();
    else {
      if (level === '' && LEVEL_LABELS.includes(name)) level = value;
      attributes.push({ key: name, value });
    }
  }
  // A time of its own is all that a pushed line has; where it has none, the one of arrival stands for it.
  const ownNs = timeNs > 0n ? timeNs : 0n;
  return { timeNs: ownNs, observedTimeNs: ownNs === 0n ? receivedNs : 0n, severityNumber: SEVERITY_NUMBERS[level.toLowerCase()] ?? 0, severityText: level, body: line, attributes, droppedAttributesCount: 0, flags: 0, traceId, spanId, eventName: '' };
}
