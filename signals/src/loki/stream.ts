import { KeyValueList, type AnyValue, type Attributes } from '../model/attributes.js';
import type { LogRecord } from '../model/log-record.js';
import type { Resource, Scope } from '../model/resource.js';
import { lokiLabelName } from '../prometheus/label-name.js';
import { labelValue } from '../prometheus/label-value.js';
import { severityLabel } from './severity.js';

export interface LokiEntry {
  /** Stream labels, sorted by name; never empty. */
  readonly stream: Readonly<Record<string, string>>;
  readonly timeNs: bigint;
  readonly line: string;
  readonly structuredMetadata: Readonly<Record<string, string>>;
}

export interface LokiOptions {
  /**
   * Resource attributes that become labels, by label name; the first attribute that is there gives the value.
   * All others become structured metadata. `service_name` is always a label.
   */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Whether the severity is a label. Default true. */
  readonly severity?: boolean;
  /** Time of records that carry none themselves, in Unix nanoseconds. Default 0. */
  readonly receivedNs?: bigint;
}

/** Few values each, so that streams stay few. */
export const DEFAULT_LOKI_LABELS: Readonly<Record<string, readonly string[]>> = Object.freeze({
  service_name: ['service.name'],
  service_namespace: ['service.namespace'],
  deployment_environment: ['deployment.environment.name', 'deployment.environment'],
});

const UNKNOWN_SERVICE = 'unknown_service';

/**
 * A log record as Loki keeps it. The line is the body (a string as it is, anything else as JSON text); what is not a
 * label becomes structured metadata, named as Loki's own OTLP endpoint names it: nested maps are flattened with `_`,
 * names are sanitised. Where names collide, the record's own fields win over its attributes, these over the scope's,
 * these over the resource's.
 */
export function toLoki(resource: Resource | null, scope: Scope | null, record: LogRecord, options: LokiOptions = {}): LokiEntry {
  const resourceAttributes = resource?.attributes ?? [];
  const { stream, used } = streamLabels(resourceAttributes, options.labels ?? DEFAULT_LOKI_LABELS);
  if (options.severity ?? true) {
    const severity = severityLabel(record.severityText, record.severityNumber);
    if (severity !== null) stream['severity'] = severity;
  }

  const metadata = new Map<string, string>();
  addAttributes(metadata, resourceAttributes.filter((attribute) => !used.has(attribute.key)));
  if (scope !== null) addScope(metadata, scope);
  addAttributes(metadata, record.attributes);
  addFields(metadata, record);

  const timeNs = record.timeNs !== 0n ? record.timeNs : record.observedTimeNs !== 0n ? record.observedTimeNs : (options.receivedNs ?? 0n);
  return { stream: sorted(stream), timeNs, line: labelValue(record.body), structuredMetadata: Object.fromEntries(metadata) };
}

function streamLabels(attributes: Attributes, labels: Readonly<Record<string, readonly string[]>>): { stream: Record<string, string>; used: Set<string> } {
  const stream: Record<string, string> = {};
  const used = new Set<string>();
  const wanted = 'service_name' in labels ? labels : { ...labels, service_name: ['service.name'] };
  for (const [label, keys] of Object.entries(wanted)) {
    for (const key of keys) {
      const found = attributes.findLast((attribute) => attribute.key === key);
      const value = found === undefined ? '' : labelValue(found.value);
      if (value === '') continue;
      stream[label] = value;
      used.add(key);
      break;
    }
  }
  stream['service_name'] ??= UNKNOWN_SERVICE;
  return { stream, used };
}

function addScope(metadata: Map<string, string>, scope: Scope): void {
  addAttributes(metadata, scope.attributes);
  set(metadata, 'scope_name', scope.name);
  set(metadata, 'scope_version', scope.version);
  if (scope.droppedAttributesCount !== 0) set(metadata, 'scope_dropped_attributes_count', String(scope.droppedAttributesCount));
}

function addFields(metadata: Map<string, string>, record: LogRecord): void {
  if (record.timeNs !== 0n && record.observedTimeNs !== 0n) set(metadata, 'observed_timestamp', String(record.observedTimeNs));
  if (record.severityNumber !== 0) set(metadata, 'severity_number', String(record.severityNumber));
  set(metadata, 'severity_text', record.severityText);
  if (record.droppedAttributesCount !== 0) set(metadata, 'dropped_attributes_count', String(record.droppedAttributesCount));
  if (record.flags !== 0) set(metadata, 'flags', String(record.flags));
  set(metadata, 'event_name', record.eventName);
  set(metadata, 'trace_id', record.traceId);
  set(metadata, 'span_id', record.spanId);
}

function addAttributes(metadata: Map<string, string>, attributes: Attributes): void {
  for (const { key, value } of attributes) addAttribute(metadata, lokiLabelName(key), value);
}

function addAttribute(metadata: Map<string, string>, name: string, value: AnyValue): void {
  if (value instanceof KeyValueList) {
    for (const entry of value.entries) addAttribute(metadata, lokiLabelName(`${name}_${entry.key}`), entry.value);
  } else {
    set(metadata, name, labelValue(value));
  }
}

function set(metadata: Map<string, string>, name: string, value: string): void {
  if (value !== '') metadata.set(name, value);
}

function sorted(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
