import type { Link, SpanContext, TraceState } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Resource } from '@opentelemetry/resources';

interface PlainContext extends Omit<SpanContext, 'traceState'> {
  readonly traceState?: string;
}

/** A span as data that can be sent to another thread. Its resource is the process', which the other thread has. */
export interface PlainSpan extends Pick<ReadableSpan, SpanField> {
  readonly context: PlainContext;
  readonly parent: PlainContext | undefined;
  readonly links: readonly (Omit<Link, 'context'> & { readonly context: PlainContext })[];
}

type SpanField =
  | 'name' | 'kind' | 'startTime' | 'endTime' | 'duration' | 'ended' | 'status' | 'attributes' | 'events'
  | 'instrumentationScope' | 'droppedAttributesCount' | 'droppedEventsCount' | 'droppedLinksCount';

export function plainSpan(span: ReadableSpan): PlainSpan {
  return {
    name: span.name,
    kind: span.kind,
    startTime: span.startTime,
    endTime: span.endTime,
    duration: span.duration,
    ended: span.ended,
    status: span.status,
    attributes: span.attributes,
    events: span.events,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    context: plainContext(span.spanContext()),
    parent: span.parentSpanContext && plainContext(span.parentSpanContext),
    links: span.links.map((link) => ({ ...link, context: plainContext(link.context) })),
  };
}

/** The span that an exporter takes. */
export function readableSpan(plain: PlainSpan, resource: Resource): ReadableSpan {
  const { context, parent, links, ...rest } = plain;
  const spanContext = fullContext(context);
  return {
    ...rest,
    resource,
    spanContext: () => spanContext,
    ...(parent === undefined ? {} : { parentSpanContext: fullContext(parent) }),
    links: links.map((link) => ({ ...link, context: fullContext(link.context) })),
  };
}

function plainContext({ traceId, spanId, traceFlags, isRemote, traceState }: SpanContext): PlainContext {
  return {
    traceId,
    spanId,
    traceFlags,
    ...(isRemote === undefined ? {} : { isRemote }),
    ...(traceState === undefined ? {} : { traceState: traceState.serialize() }),
  };
}

function fullContext({ traceState, ...context }: PlainContext): SpanContext {
  return traceState === undefined ? context : { ...context, traceState: new SerializedTraceState(traceState) };
}

/** A trace state that only has to be written out again. */
class SerializedTraceState implements TraceState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  serialize(): string {
    return this.#text;
  }

  get(key: string): string | undefined {
    const entry = this.#text.split(',').find((part) => part.trim().startsWith(`${key}=`));
    return entry?.trim().slice(key.length + 1);
  }

  set(): TraceState {
    return this;
  }

  unset(): TraceState {
    return this;
  }
}
