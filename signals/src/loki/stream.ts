import { KeyValueList, type AnyValue, type Attributes } from '../model/attributes.js';
import type { LogRecord } from '../model/log-record.js';
import type { Resource, Scope } from '../model/resource.js';
import { lokiLabelName } from '../prometheus/label-name.js';
import { labelValue } from '../prometheus/label-value.js';
import { namedStreamLabels, STREAM_LABELS_ATTRIBUTE } from './named-labels.js';
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
 * these over the resource's. A resource that names its labels itself (`named-labels`) has exactly those, whatever the
 * options say, and what was pushed as structured metadata as the only metadata.
 */
export function toLoki(resource: Resource | null, scope: Scope | null, record: LogRecord, options: LokiOptions = {}): LokiEntry {
  return new LokiTranslator(options).translate(resource, scope, record, options.receivedNs);
}

/** Names that a translator remembers; more than real applications have, and a bound for what others make up. */
const MAX_NAMES = 10_000;
const NOTHING = Object.freeze({});

interface OfResource {
  readonly labels: Readonly<Record<string, string>>;
  /** Whether the resource names its labels itself. */
  readonly pushed: boolean;
  readonly metadata: readonly (readonly [string, string])[];
  /** The labels with each severity that came, so that entries of one stream share one object. */
  readonly streams: Map<string, Readonly<Record<string, string>>>;
}

/** `toLoki` for many records: what records share (resource, scope, names of attributes) is translated once. */
export class LokiTranslator {
  private readonly names = new Map<string, string>();
  private readonly resources = new WeakMap<object, OfResource>();
  private readonly scopes = new WeakMap<object, readonly (readonly [string, string])[]>();

  constructor(private readonly options: LokiOptions = {}) {}

  /** @param receivedNs time of a record that carries none itself */
  translate(resource: Resource | null, scope: Scope | null, record: LogRecord, receivedNs = 0n): LokiEntry {
    const { metadata, ...entry } = this.read(resource, scope, record, receivedNs);
    return { ...entry, structuredMetadata: Object.fromEntries(metadata) };
  }

  /** The same with the structured metadata as a map, for who writes it out at once. */
  read(resource: Resource | null, scope: Scope | null, record: LogRecord, receivedNs = 0n): Omit<LokiEntry, 'structuredMetadata'> & { readonly metadata: ReadonlyMap<string, string> } {
    const ofResource = this.ofResource(resource);
    const metadata = new Map<string, string>(ofResource.metadata);
    if (scope !== null) for (const [name, value] of this.ofScope(scope)) metadata.set(name, value);
    this.addAttributes(metadata, record.attributes);
    if (!ofResource.pushed) addSeverity(metadata, record);
    addFields(metadata, record);
    const severity = !ofResource.pushed && (this.options.severity ?? true) ? severityLabel(record.severityText, record.severityNumber) : null;
    return { stream: streamOf(ofResource, severity ?? ''), timeNs: record.timeNs || record.observedTimeNs || receivedNs, line: labelValue(record.body), metadata };
  }

  private ofResource(resource: Resource | null): OfResource {
    let known = this.resources.get(resource ?? NOTHING);
    if (known === undefined) {
      const attributes = resource?.attributes ?? [];
      const named = namedStreamLabels(attributes);
      const { stream, used } = named ?? streamLabels(attributes, this.options.labels ?? DEFAULT_LOKI_LABELS);
      const metadata = new Map<string, string>();
      this.addAttributes(metadata, attributes.filter(({ key }) => !used.has(key) && key !== STREAM_LABELS_ATTRIBUTE));
      known = { labels: stream, pushed: named !== null, metadata: [...metadata], streams: new Map() };
      this.resources.set(resource ?? NOTHING, known);
    }
    return known;
  }

  private ofScope(scope: Scope): readonly (readonly [string, string])[] {
    let known = this.scopes.get(scope);
    if (known === undefined) {
      const metadata = new Map<string, string>();
      this.addAttributes(metadata, scope.attributes);
      set(metadata, 'scope_name', scope.name);
      set(metadata, 'scope_version', scope.version);
      if (scope.droppedAttributesCount !== 0) set(metadata, 'scope_dropped_attributes_count', String(scope.droppedAttributesCount));
      known = [...metadata];
      this.scopes.set(scope, known);
    }
    return known;
  }

  private addAttributes(metadata: Map<string, string>, attributes: Attributes): void {
    for (const { key, value } of attributes) this.addAttribute(metadata, this.nameOf(key), value);
  }

  private addAttribute(metadata: Map<string, string>, name: string, value: AnyValue): void {
    if (value instanceof KeyValueList) {
      for (const entry of value.entries) this.addAttribute(metadata, this.nameOf(`${name}_${entry.key}`), entry.value);
    } else {
      set(metadata, name, labelValue(value));
    }
  }

  private nameOf(key: string): string {
    let name = this.names.get(key);
    if (name === undefined) {
      name = lokiLabelName(key);
      if (this.names.size >= MAX_NAMES) this.names.clear();
      this.names.set(key, name);
    }
    return name;
  }
}

function streamOf(resource: OfResource, severity: string): Readonly<Record<string, string>> {
  let stream = resource.streams.get(severity);
  if (stream === undefined) {
    stream = sorted(severity === '' ? resource.labels : { ...resource.labels, severity });
    resource.streams.set(severity, stream);
  }
  return stream;
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

/** Of pushed lines it was found in a label or in metadata, where it is still. */
function addSeverity(metadata: Map<string, string>, record: LogRecord): void {
  if (record.severityNumber !== 0) set(metadata, 'severity_number', String(record.severityNumber));
  set(metadata, 'severity_text', record.severityText);
}

function addFields(metadata: Map<string, string>, record: LogRecord): void {
  if (record.timeNs !== 0n && record.observedTimeNs !== 0n) set(metadata, 'observed_timestamp', String(record.observedTimeNs));
  if (record.droppedAttributesCount !== 0) set(metadata, 'dropped_attributes_count', String(record.droppedAttributesCount));
  if (record.flags !== 0) set(metadata, 'flags', String(record.flags));
  set(metadata, 'event_name', record.eventName);
  set(metadata, 'trace_id', record.traceId);
  set(metadata, 'span_id', record.spanId);
}

function set(metadata: Map<string, string>, name: string, value: string): void {
  if (value !== '') metadata.set(name, value);
}

function sorted(labels: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
