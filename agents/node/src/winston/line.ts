import type { Context, SpanContext } from '@opentelemetry/api';
import { context, isSpanContextValid, trace, TraceFlags } from '@opentelemetry/api';

/** What is known of a line when it is logged and would be lost on its way through the formats. */
export interface Line {
  readonly context: Context;
  /** The error that was logged as the line itself; formats turn it into text. */
  readonly error: Error | undefined;
  /** Names of the fields that the line was given here. */
  readonly given: readonly string[];
}

/**
 * Gives a line the fields of its trace and of the service's version. Fields of the application's own stay; those that
 * an earlier logging of the same object left (`earlier`) are renewed.
 */
export function beginLine(info: object, earlier: Line | undefined, serviceVersion: string | undefined): Line {
  for (const name of earlier?.given ?? []) Reflect.deleteProperty(info, name);
  const active = context.active();
  const given: string[] = [];
  const give = (name: string, value: string): void => {
    if (Reflect.get(info, name) === undefined && Reflect.set(info, name, value)) given.push(name);
  };
  const span = trace.getSpanContext(active);
  if (span !== undefined && isSpanContextValid(span)) {
    give('trace_id', span.traceId);
    give('span_id', span.spanId);
  }
  if (serviceVersion !== undefined) give('service_version', serviceVersion);
  const message: unknown = Reflect.get(info, 'message');
  return { context: active, error: info instanceof Error ? info : message instanceof Error ? message : undefined, given };
}

/** A line that came out of the formats as another object in a later turn: its fields still tell its span. */
export function lineOfFields(info: object): Line {
  const span: SpanContext = { traceId: text(info, 'trace_id'), spanId: text(info, 'span_id'), traceFlags: TraceFlags.SAMPLED };
  return { context: isSpanContextValid(span) ? trace.setSpanContext(context.active(), span) : context.active(), error: undefined, given: [] };
}

function text(info: object, name: string): string {
  const value: unknown = Reflect.get(info, name);
  return typeof value === 'string' ? value : '';
}
