import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { Span, SpanLink, TracesData } from '@signalbox/signals/model/span';
import type { ZipkinSpan } from './span.js';

/** SPAN_KIND_… of OTLP; spans without a kind are internal. */
const KINDS: Readonly<Record<string, number>> = { SERVER: 2, CLIENT: 3, PRODUCER: 4, CONSUMER: 5 };
const INTERNAL = 1;
const STATUS_OK = 1;
const STATUS_ERROR = 2;
const SAMPLED = 1;
/** Tags that OpenTelemetry's exporters to Zipkin write for what Zipkin has no place for. */
const OWN_TAGS = new Set(['otel.status_code', 'otel.status_description', 'error', 'w3c.tracestate', 'otel.scope.name', 'otel.scope.version', 'otel.library.name', 'otel.library.version', 'otel.dropped_attributes_count', 'otel.dropped_events_count']);

/** Zipkin spans as OTLP, by the OpenTelemetry specification's mapping (trace/sdk_exporters/zipkin) read backwards. */
export function toOtlpTraces(spans: readonly ZipkinSpan[]): TracesData {
  const services = new Map<string, Map<string, { readonly name: string; readonly version: string; readonly spans: Span[] }>>();
  for (const span of spans) {
    const service = span.localEndpoint?.serviceName ?? '';
    const tags = span.tags ?? {};
    const name = tags['otel.scope.name'] ?? tags['otel.library.name'] ?? '';
    const version = tags['otel.scope.version'] ?? tags['otel.library.version'] ?? '';
    let scopes = services.get(service);
    if (!scopes) services.set(service, (scopes = new Map()));
    const key = `${name}\u0000${version}`;
    let scope = scopes.get(key);
    if (!scope) scopes.set(key, (scope = { name, version, spans: [] }));
    scope.spans.push(spanOf(span, tags));
  }
  return {
    resourceSpans: [...services].map(([service, scopes]) => ({
      resource: { attributes: [{ key: 'service.name', value: service === '' ? 'unknown_service' : service }], droppedAttributesCount: 0 },
      schemaUrl: '',
      scopeSpans: [...scopes.values()].map(({ name, version, spans: list }) => ({ scope: name === '' ? null : { name, version, attributes: [], droppedAttributesCount: 0 }, schemaUrl: '', spans: list })),
    })),
  };
}

function spanOf(span: ZipkinSpan, tags: Readonly<Record<string, string>>): Span {
  const startNs = microseconds(span.timestamp);
  const attributes: KeyValue[] = Object.entries(tags).filter(([key]) => !OWN_TAGS.has(key)).map(([key, value]) => ({ key, value }));
  addEndpoint(attributes, span.localEndpoint, 'network.local', 'zipkin.local_endpoint.ipv6');
  addEndpoint(attributes, span.remoteEndpoint, 'network.peer', 'zipkin.remote_endpoint.ipv6');
  if (span.remoteEndpoint?.serviceName) attributes.push({ key: 'peer.service', value: span.remoteEndpoint.serviceName });
  return {
    traceId: span.traceId.toLowerCase().padStart(32, '0'),
    spanId: span.id.toLowerCase(),
    traceState: tags['w3c.tracestate'] ?? '',
    parentSpanId: span.parentId?.toLowerCase() ?? '',
    flags: SAMPLED,
    name: span.name ?? '',
    kind: KINDS[span.kind?.toUpperCase() ?? ''] ?? INTERNAL,
    startNs,
    endNs: startNs + microseconds(span.duration),
    attributes,
    droppedAttributesCount: dropped(tags['otel.dropped_attributes_count']),
    events: (span.annotations ?? []).map(({ timestamp, value }) => ({ timeNs: microseconds(timestamp), ...eventOf(value), droppedAttributesCount: 0 })),
    droppedEventsCount: dropped(tags['otel.dropped_events_count']),
    links: NO_LINKS,
    droppedLinksCount: 0,
    status: statusOf(tags),
  };
}

const NO_LINKS: readonly SpanLink[] = [];

/** A tag `error` marks a failure, whatever it says but `false`; its text is the description. */
function statusOf(tags: Readonly<Record<string, string>>): Span['status'] {
  const { error, 'otel.status_code': code, 'otel.status_description': description } = tags;
  if (code === 'ERROR' || (error !== undefined && error !== 'false')) return { code: STATUS_ERROR, message: description ?? (error === 'true' ? '' : (error ?? '')) };
  return { code: code === 'OK' ? STATUS_OK : 0, message: '' };
}

/** OpenTelemetry's exporters write an event with attributes as `"name": {json}`. */
function eventOf(value: string): { readonly name: string; readonly attributes: readonly KeyValue[] } {
  const match = /^"?([^"]+)"?: (\{.*\})$/s.exec(value);
  if (match) {
    try {
      const parsed: unknown = JSON.parse(match[2]!);
      if (typeof parsed === 'object' && parsed !== null) return { name: match[1]!, attributes: Object.entries(parsed).map(([key, text]: [string, unknown]) => ({ key, value: typeof text === 'string' || typeof text === 'boolean' || typeof text === 'number' ? text : JSON.stringify(text) })) };
    } catch {
      // Then it is the name of an event that looks so.
    }
  }
  return { name: value, attributes: [] };
}

/**
 * The conventions have one address on each side. Of an endpoint with two it is that of version 4, and that of version 6 stands beside it;
 * the OpenTelemetry Collector keeps the latter alone.
 */
function addEndpoint(attributes: KeyValue[], endpoint: ZipkinSpan['localEndpoint'], prefix: string, second: string): void {
  const add = (key: string, value: string | bigint): void => {
    if (!attributes.some((each) => each.key === key)) attributes.push({ key, value });
  };
  const { ipv4, ipv6, port } = endpoint ?? {};
  const address = ipv4 || ipv6;
  if (address) add(`${prefix}.address`, address);
  if (ipv4 && ipv6) add(second, ipv6);
  if (port) add(`${prefix}.port`, BigInt(port));
}

function dropped(text: string | undefined): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function microseconds(value: number | null | undefined): bigint {
  return BigInt(Math.min(Math.floor(value ?? 0), Number.MAX_SAFE_INTEGER)) * 1000n;
}
