import { performance } from 'node:perf_hooks';
import type { Attributes, AttributeValue, Context, Histogram, Span, SpanOptions, Tracer } from '@opentelemetry/api';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { GrpcInstrumentation } from '@opentelemetry/instrumentation-grpc';

/** Names of gRPC's status codes (gRPC, "Status codes and their use"). */
const CODES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
] as const;
const UNKNOWN = 2;
/** What of them is the server's failing, seen from the server (semantic conventions for gRPC). */
const SERVER_ERRORS: ReadonlySet<string> = new Set(['UNKNOWN', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS']);
const BOUNDS_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * OpenTelemetry's instrumentation, which makes spans alone, with the durations of calls beside them: all calls, sampled
 * or not. Names and attributes are those of the semantic conventions for RPC metrics.
 */
export class MeteredGrpcInstrumentation extends GrpcInstrumentation {
  // Declared only: the constructor above this one already makes them.
  declare private serverDuration: Histogram;
  declare private clientDuration: Histogram;
  declare private metered: { readonly of: Tracer; readonly tracer: Tracer } | undefined;

  protected override _updateMetricInstruments(): void {
    this.serverDuration = this.meter.createHistogram('rpc.server.call.duration', durationOf('Duration of calls, as the server sees them'));
    this.clientDuration = this.meter.createHistogram('rpc.client.call.duration', durationOf('Duration of calls, as the client sees them'));
  }

  protected override get tracer(): Tracer {
    const of = super.tracer;
    if (this.metered?.of === of) return this.metered.tracer;
    const tracer: Tracer = {
      startSpan: (name, options, parent) => this.measure(of.startSpan(name, options, parent), options, parent),
      startActiveSpan: of.startActiveSpan.bind(of),
    };
    this.metered = { of, tracer };
    return tracer;
  }

  /** Sees what the instrumentation tells the span, also one that is not sampled and keeps nothing. */
  private measure(span: Span, options: SpanOptions | undefined, parent: Context = context.active()): Span {
    const startMs = performance.now();
    const told: Record<string, AttributeValue | undefined> = {};
    const { setAttribute, setAttributes, end } = span;
    span.setAttribute = (key, value) => {
      told[key] = value;
      return setAttribute.call(span, key, value);
    };
    span.setAttributes = (attributes) => {
      Object.assign(told, attributes);
      return setAttributes.call(span, attributes);
    };
    let ended = false;
    span.end = (time) => {
      end.call(span, time);
      if (ended) return;
      ended = true;
      const server = options?.kind === SpanKind.SERVER;
      (server ? this.serverDuration : this.clientDuration).record((performance.now() - startMs) / 1e3, metricAttributes(told, server), trace.setSpan(parent, span));
    };
    return span;
  }
}

function durationOf(description: string) {
  return { description, unit: 's', advice: { explicitBucketBoundaries: BOUNDS_S } };
}

function metricAttributes(told: Readonly<Record<string, AttributeValue | undefined>>, server: boolean): Attributes {
  // A server's error without a code reaches the client as UNKNOWN.
  const code = Number(told['rpc.grpc.status_code'] ?? UNKNOWN);
  const status = CODES[code] ?? String(code);
  const failed = server ? SERVER_ERRORS.has(status) : status !== 'OK';
  const attributes: Attributes = {
    'rpc.system.name': 'grpc',
    'rpc.method': `${String(told['rpc.service'])}/${String(told['rpc.method'])}`,
    'rpc.response.status_code': status,
  };
  if (failed) attributes['error.type'] = status;
  if (!server && told['server.address'] !== undefined) attributes['server.address'] = told['server.address'];
  const port = told['server.port'];
  if (!server && typeof port === 'number' && Number.isFinite(port)) attributes['server.port'] = port;
  return attributes;
}
