import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import type { LogRecord, LogsData } from '@signalbox/signals/model/log-record';
import type { Resource, Scope } from '@signalbox/signals/model/resource';
import type { Span, SpanEvent, SpanLink, TracesData } from '@signalbox/signals/model/span';
import type { Random } from './random.js';

export type Values = Readonly<Record<string, AnyValue>>;

export function attributes(values: Values): Attributes {
  return Object.entries(values).map(([key, value]) => ({ key, value }));
}

export function event(timeMs: number, name: string, values: Values): SpanEvent {
  return { timeNs: nanos(timeMs), name, attributes: attributes(values), droppedAttributesCount: 0 };
}

export function nanos(ms: number): bigint {
  return BigInt(Math.round(ms * 1000)) * 1000n;
}

export interface SpanInput {
  readonly service: string;
  readonly name: string;
  /** As in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly parent: string;
  /** Unix milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly values?: Values;
  readonly error?: string;
  readonly events?: readonly SpanEvent[];
  readonly links?: readonly SpanLink[];
  readonly spanId?: string;
}

const severities: Readonly<Record<string, number>> = { debug: 5, info: 9, warn: 13, error: 17 };

/** Collects the spans and log lines of one trace. */
export class TraceWriter {
  readonly #spans: { readonly service: string; readonly span: Span }[] = [];
  readonly #logs: { readonly service: string; readonly record: LogRecord }[] = [];

  constructor(readonly traceId: string, readonly random: Random) {}

  /** Returns the id of the span, for its children. */
  span(input: SpanInput): string {
    const spanId = input.spanId ?? this.random.hex(16);
    this.#spans.push({
      service: input.service,
      span: {
        traceId: this.traceId, spanId, parentSpanId: input.parent, traceState: '', flags: 1, name: input.name, kind: input.kind,
        startNs: nanos(input.startMs), endNs: nanos(input.startMs + input.durationMs), attributes: attributes(input.values ?? {}), droppedAttributesCount: 0,
        events: input.events ?? [], droppedEventsCount: 0, links: input.links ?? [], droppedLinksCount: 0,
        status: input.error === undefined ? { code: 0, message: '' } : { code: 2, message: input.error },
      },
    });
    return spanId;
  }

  log(service: string, level: 'debug' | 'info' | 'warn' | 'error', timeMs: number, body: string, spanId: string, values: Values = {}): void {
    const record: LogRecord = {
      timeNs: nanos(timeMs), observedTimeNs: nanos(timeMs), severityNumber: severities[level] ?? 0, severityText: level, body, attributes: attributes(values),
      droppedAttributesCount: 0, flags: 1, traceId: spanId === '' ? '' : this.traceId, spanId, eventName: '',
    };
    this.#logs.push({ service, record });
  }

  traces(): TracesData {
    return { resourceSpans: [...groupBy(this.#spans)].map(([service, entries]) => ({ resource: resourceOf(service), schemaUrl: '', scopeSpans: [{ scope: scopeOf(service), schemaUrl: '', spans: entries.map(({ span }) => span) }] })) };
  }

  logs(): LogsData {
    return { resourceLogs: [...groupBy(this.#logs)].map(([service, entries]) => ({ resource: resourceOf(service), schemaUrl: '', scopeLogs: [{ scope: { ...scopeOf(service), name: 'winston' }, schemaUrl: '', logRecords: entries.map(({ record }) => record) }] })) };
  }
}

function groupBy<T extends { readonly service: string }>(entries: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) groups.set(entry.service, [...(groups.get(entry.service) ?? []), entry]);
  return groups;
}

function resourceOf(service: string): Resource {
  return {
    attributes: attributes({
      'service.name': service, 'service.version': '1.4.2', 'service.instance.id': `${service}-7c9f`, 'deployment.environment.name': 'demo', 'host.name': 'shop-1',
      'process.pid': BigInt(4000 + service.length), 'process.runtime.name': 'nodejs', 'process.runtime.version': '20.19.5', 'telemetry.sdk.language': 'nodejs', 'telemetry.sdk.name': 'opentelemetry', 'telemetry.sdk.version': '2.10.0',
    }),
    droppedAttributesCount: 0,
  };
}

function scopeOf(service: string): Scope {
  return { name: service === 'inventory' ? '@opentelemetry/instrumentation-pg' : '@opentelemetry/instrumentation-http', version: '0.223.0', attributes: [], droppedAttributesCount: 0 };
}
