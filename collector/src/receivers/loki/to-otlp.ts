import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { PushedEntry, PushedStream } from './push.js';

/** Labels that OTLP has names of its own for; signals/loki/stream maps them back. */
const RESOURCE_KEYS: Readonly<Record<string, string>> = {
  service_name: 'service.name',
  service_namespace: 'service.namespace',
  deployment_environment: 'deployment.environment.name',
};
/** Where Loki looks for the service of a stream that does not name it (limits_config, discover_service_name). */
const SERVICE_LABELS = ['service', 'app', 'application', 'app_name', 'name', 'app_kubernetes_io_name', 'container', 'container_name', 'k8s_container_name', 'component', 'workload', 'job', 'k8s_job_name'];
const SEVERITY_NUMBERS: Readonly<Record<string, number>> = { trace: 1, debug: 5, info: 9, information: 9, notice: 10, warn: 13, warning: 13, error: 17, err: 17, critical: 21, fatal: 21, emergency: 24 };
const LEVEL_LABELS = ['severity', 'level', 'detected_level', 'severity_text'];
const TRACE_ID = /^[0-9a-fA-F]{32}$/;
const SPAN_ID = /^[0-9a-fA-F]{16}$/;

/**
 * Streams as OTLP logs: each is a resource whose attributes are its labels, service_name, service_namespace and
 * deployment_environment under OTLP's names. `severity` or `level`, and trace_id and span_id in structured metadata, go where OTLP
 * has a place for them; the rest of the metadata are attributes of the record.
 */
export function toOtlpLogs(streams: readonly PushedStream[], receivedNs: bigint): LogsData {
  return {
    resourceLogs: streams.filter(({ entries }) => entries.length > 0).map(({ labels, entries }) => {
      const level = LEVEL_LABELS.map((name) => labels.find(([label]) => label === name)?.[1]).find((value) => value !== undefined) ?? '';
      const attributes: KeyValue[] = labels.filter(([name]) => name !== 'severity').map(([name, value]) => ({ key: RESOURCE_KEYS[name] ?? name, value }));
      if (!labels.some(([name]) => name === 'service_name')) attributes.push({ key: 'service.name', value: SERVICE_LABELS.map((name) => labels.find(([label]) => label === name)?.[1]).find((value) => value !== undefined) ?? 'unknown_service' });
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
  return { timeNs: timeNs > 0n ? timeNs : 0n, observedTimeNs: receivedNs, severityNumber: SEVERITY_NUMBERS[level.toLowerCase()] ?? 0, severityText: level, body: line, attributes, droppedAttributesCount: 0, flags: 0, traceId, spanId, eventName: '' };
}
