import type { Attributes } from './attributes.js';
import type { Resource, Scope } from './resource.js';

/** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer; unknown numbers are kept. */
export type SpanKind = number;
/** 0 unset, 1 ok, 2 error; unknown numbers are kept. */
export type StatusCode = number;

export interface SpanEvent {
  readonly timeNs: bigint;
  readonly name: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
}

export interface SpanLink {
  /** 32 lowercase hex digits. */
  readonly traceId: string;
  /** 16 lowercase hex digits. */
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly flags: number;
}

export interface Span {
  /** 32 lowercase hex digits. */
  readonly traceId: string;
  /** 16 lowercase hex digits. */
  readonly spanId: string;
  readonly traceState: string;
  /** 16 lowercase hex digits, or '' for a root span. */
  readonly parentSpanId: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: SpanKind;
  /** Unix time in nanoseconds. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly droppedAttributesCount: number;
  readonly events: readonly SpanEvent[];
  readonly droppedEventsCount: number;
  readonly links: readonly SpanLink[];
  readonly droppedLinksCount: number;
  readonly status: { readonly code: StatusCode; readonly message: string };
}

export interface ScopeSpans {
  readonly scope: Scope | null;
  readonly schemaUrl: string;
  readonly spans: readonly Span[];
}

export interface ResourceSpans {
  readonly resource: Resource | null;
  readonly schemaUrl: string;
  readonly scopeSpans: readonly ScopeSpans[];
}

/** The content of an ExportTraceServiceRequest. */
export interface TracesData {
  readonly resourceSpans: readonly ResourceSpans[];
}
