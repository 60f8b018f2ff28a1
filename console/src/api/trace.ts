import { readAttributes } from './any-value.js';
import type { Attribute } from './any-value.js';
import type { Client } from './client.js';
import { field, listOf, nanosOf, numberOf, textOf } from './json.js';
import type { Json } from './json.js';

export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type SpanStatus = 'unset' | 'ok' | 'error';

export interface SpanEvent {
  readonly name: string;
  readonly timeNs: bigint;
  readonly attributes: readonly Attribute[];
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: readonly Attribute[];
}

export interface TraceSpan {
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly status: SpanStatus;
  readonly statusMessage: string;
  readonly attributes: readonly Attribute[];
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
  readonly service: string;
  readonly resource: readonly Attribute[];
  readonly scope: string;
  /** Attributes, events and links that the sender dropped. */
  readonly dropped: number;
}

export function traceUrl(traceId: string): string {
  return `/tempo/api/v2/traces/${encodeURIComponent(traceId)}`;
}

/** The spans of a trace, from Tempo's API. Throws ApiError with status 404 where there is none. */
export async function loadTrace(client: Client, traceId: string, signal: AbortSignal): Promise<readonly TraceSpan[]> {
  return readTrace(await client.get(traceUrl(traceId), {}, signal));
}

/** `{ trace: { resourceSpans } }` of Tempo's second version, `{ batches }` of its first, `{ resourceSpans }` of OTLP. */
export function readTrace(answer: Json): readonly TraceSpan[] {
  const groups = field(answer, 'trace', 'resourceSpans') ?? field(answer, 'batches') ?? field(answer, 'resourceSpans');
  return listOf(groups).flatMap((group) => {
    const resource = readAttributes(field(group, 'resource', 'attributes'));
    const service = resource.find(({ key }) => key === 'service.name')?.value ?? 'unknown_service';
    return listOf(field(group, 'scopeSpans')).flatMap((scoped) => {
      const scope = [textOf(field(scoped, 'scope', 'name')), textOf(field(scoped, 'scope', 'version'))].filter((part) => part !== '').join(' ');
      return listOf(field(scoped, 'spans')).map((span) => readSpan(span, service, resource, scope));
    });
  });
}

function readSpan(span: Json, service: string, resource: readonly Attribute[], scope: string): TraceSpan {
  const startNs = nanosOf(field(span, 'startTimeUnixNano'));
  const endNs = nanosOf(field(span, 'endTimeUnixNano'));
  return {
    spanId: readId(field(span, 'spanId'), 8),
    parentId: readId(field(span, 'parentSpanId'), 8),
    name: textOf(field(span, 'name'), '(no name)') || '(no name)',
    kind: kinds[enumOf(field(span, 'kind'), 'SPAN_KIND_', kinds)] ?? 'unspecified',
    startNs,
    endNs: endNs > startNs ? endNs : startNs,
    status: statuses[enumOf(field(span, 'status', 'code'), 'STATUS_CODE_', statuses)] ?? 'unset',
    statusMessage: textOf(field(span, 'status', 'message')),
    attributes: readAttributes(field(span, 'attributes')),
    events: listOf(field(span, 'events')).map((event) => ({
      name: textOf(field(event, 'name')), timeNs: nanosOf(field(event, 'timeUnixNano')), attributes: readAttributes(field(event, 'attributes')),
    })),
    links: listOf(field(span, 'links')).map((link) => ({
      traceId: readId(field(link, 'traceId'), 16), spanId: readId(field(link, 'spanId'), 8), attributes: readAttributes(field(link, 'attributes')),
    })),
    service,
    resource,
    scope,
    dropped: numberOf(field(span, 'droppedAttributesCount')) + numberOf(field(span, 'droppedEventsCount')) + numberOf(field(span, 'droppedLinksCount')),
  };
}

const kinds: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const statuses: readonly SpanStatus[] = ['unset', 'ok', 'error'];

/** Enums are numbers in OTLP's JSON and names in protobuf's. */
function enumOf(value: Json | undefined, prefix: string, names: readonly string[]): number {
  if (typeof value === 'number') return value;
  const name = textOf(value).replace(prefix, '').toLowerCase();
  return Math.max(0, names.indexOf(name));
}

/** Ids are hexadecimal in OTLP's JSON and base64 in protobuf's; all zeros is none. */
export function readId(value: Json | undefined, bytes: 8 | 16): string {
  const text = textOf(value);
  if (text === '') return '';
  const hex = new RegExp(`^[0-9a-fA-F]{${bytes * 2}}$`).test(text) ? text.toLowerCase() : fromBase64(text);
  return /^0*$/.test(hex) ? '' : hex;
}

function fromBase64(text: string): string {
  try {
    return [...atob(text)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  } catch {
    return '';
  }
}
