import type { AnyValue } from '@signalbox/signals/model/attributes';
import { attribute, attributeText } from '@signalbox/signals/model/attribute-text';
import { serviceName } from '@signalbox/signals/model/service';
import type { TracesData } from '@signalbox/signals/model/span';
import { Turns } from '../event-loop.js';
import type { Dependency, FoundTrace, Operation, ReadContext, SpanCondition, SpanReader, SpanSearch, StoredSpan, TimeRange, TraceSearch, TraceSummary } from '../readers.js';
import { allOf, intrinsicValue } from '../spans/condition.js';
import type { TraceRoot } from '../spans/condition.js';
import { rootOf } from '../spans/root.js';
import { summarize } from '../spans/summary.js';

type TagValues = Awaited<ReturnType<SpanReader['tagValues']>>;

const NO_RESOURCE = { attributes: [], droppedAttributesCount: 0 };
const NO_SCOPE = { name: '', version: '', attributes: [], droppedAttributesCount: 0 };

interface Trace {
  readonly spans: StoredSpan[];
  root: TraceRoot;
}

interface Match extends FoundTrace {
  readonly trace: Trace;
  readonly matched: StoredSpan[];
}

/** Spans in memory, by tenant and trace. For tests and for small amounts: every search looks at every span. */
export class MemorySpans implements SpanReader {
  readonly #tenants = new Map<string, Map<string, Trace>>();

  add(tenant: string, data: TracesData): void {
    let traces = this.#tenants.get(tenant);
    if (traces === undefined) this.#tenants.set(tenant, (traces = new Map()));
    for (const { resource, scopeSpans } of data.resourceSpans) {
      const service = serviceName(resource);
      for (const { scope, spans } of scopeSpans) {
        for (const span of spans) {
          let trace = traces.get(span.traceId);
          if (trace === undefined) traces.set(span.traceId, (trace = { spans: [], root: { name: '', service: '' } }));
          trace.spans.push({ span, resource: resource ?? NO_RESOURCE, scope: scope ?? NO_SCOPE, service });
          trace.spans.sort((a, b) => (a.span.startNs < b.span.startNs ? -1 : a.span.startNs > b.span.startNs ? 1 : 0));
          const root = rootOf(trace.spans);
          trace.root = { name: root?.span.name ?? '', service: root?.service ?? '' };
        }
      }
    }
  }

  trace(context: ReadContext, traceId: string): Promise<readonly StoredSpan[]> {
    return Promise.resolve(this.#of(context).get(traceId)?.spans ?? []);
  }

  traces(context: ReadContext, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly StoredSpan[]>> {
    const traces = this.#of(context);
    return Promise.resolve(new Map(traceIds.flatMap((traceId) => {
      const spans = traces.get(traceId)?.spans;
      return spans === undefined ? [] : [[traceId, spans] as const];
    })));
  }

  async find(context: ReadContext, search: TraceSearch): Promise<readonly FoundTrace[]> {
    return (await this.#matches(context, search)).map(({ traceId, newestNs }) => ({ traceId, newestNs }));
  }

  async search(context: ReadContext, search: SpanSearch): Promise<readonly TraceSummary[]> {
    return (await this.#matches(context, search)).map(({ traceId, trace, matched }) => summarize(traceId, trace.spans, matched, search.spansPerTrace));
  }

  async #matches(context: ReadContext, search: TraceSearch): Promise<readonly Match[]> {
    const test = allOf(search.conditions);
    const turns = new Turns(context.signal);
    const found: Match[] = [];
    for (const [traceId, trace] of this.#of(context)) {
      const matched: StoredSpan[] = [];
      for (const stored of trace.spans) {
        if (inRange(stored, search.range) && test(stored, trace.root)) matched.push(stored);
        if (turns.due()) await turns.turn();
      }
      const newest = matched.at(-1);
      if (newest !== undefined) found.push({ traceId, trace, matched, newestNs: newest.span.startNs });
    }
    found.sort((a, b) => (a.newestNs > b.newestNs ? -1 : a.newestNs < b.newestNs ? 1 : a.traceId < b.traceId ? -1 : 1));
    return found.slice(0, search.limit);
  }

  async services(context: ReadContext, range?: TimeRange): Promise<readonly string[]> {
    const names = new Set<string>();
    for await (const { service } of this.#spans(context, range)) names.add(service);
    return [...names].sort();
  }

  async operations(context: ReadContext, service: string, kind?: number): Promise<readonly Operation[]> {
    const found = new Map<string, Operation>();
    for await (const { span, service: of } of this.#spans(context)) {
      if (of === service && (kind === undefined || span.kind === kind)) found.set(`${span.kind} ${span.name}`, { name: span.name, kind: span.kind });
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.kind - b.kind));
  }

  async tagNames(context: ReadContext, range: TimeRange): Promise<{ span: readonly string[]; resource: readonly string[] }> {
    const span = new Set<string>();
    const resource = new Set<string>();
    for await (const stored of this.#spans(context, range)) {
      for (const { key } of stored.span.attributes) span.add(key);
      for (const { key } of stored.resource.attributes) resource.add(key);
    }
    return { span: [...span].sort(), resource: [...resource].sort() };
  }

  async tagValues(context: ReadContext, scope: SpanCondition['scope'], key: string, range: TimeRange, limit: number): Promise<TagValues> {
    const found = new Map<string, TagValues[number]>();
    for await (const stored of this.#spans(context, range)) {
      for (const value of this.#valuesOf(context, stored, scope, key)) {
        const tag = { type: tagType(scope, key, value), value: attributeText(value) };
        found.set(`${tag.type} ${tag.value}`, tag);
      }
    }
    return [...found.values()].sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0)).slice(0, limit);
  }

  async dependencies(context: ReadContext, range: TimeRange): Promise<readonly Dependency[]> {
    const calls = new Map<string, { parent: string; child: string; callCount: number }>();
    for await (const { span, service } of this.#spans(context, range)) {
      if (span.parentSpanId === '') continue;
      const parent = this.#of(context).get(span.traceId)?.spans.find((other) => other.span.spanId === span.parentSpanId);
      if (parent === undefined || parent.service === service) continue;
      const id = JSON.stringify([parent.service, service]);
      const call = calls.get(id);
      if (call === undefined) calls.set(id, { parent: parent.service, child: service, callCount: 1 });
      else call.callCount++;
    }
    return [...calls.values()];
  }

  #of(context: ReadContext): Map<string, Trace> {
    context.signal.throwIfAborted();
    return this.#tenants.get(context.tenant) ?? new Map<string, Trace>();
  }

  async *#spans(context: ReadContext, range?: TimeRange): AsyncGenerator<StoredSpan> {
    const turns = new Turns(context.signal);
    for (const { spans } of this.#of(context).values()) {
      for (const stored of spans) {
        if (range === undefined || inRange(stored, range)) yield stored;
        if (turns.due()) await turns.turn();
      }
    }
  }

  #valuesOf(context: ReadContext, stored: StoredSpan, scope: SpanCondition['scope'], key: string): AnyValue[] {
    const root = this.#of(context).get(stored.span.traceId)?.root ?? { name: '', service: '' };
    const values = scope === 'intrinsic' ? [intrinsicValue(key, stored, root)]
      : [scope === 'resource' ? undefined : attribute(stored.span.attributes, key), scope === 'span' ? undefined : attribute(stored.resource.attributes, key)];
    return values.filter((value): value is AnyValue => value !== undefined && value !== null && value !== '');
  }
}

function inRange({ span }: StoredSpan, range: TimeRange): boolean {
  return span.startNs >= range.startNs && span.startNs < range.endNs;
}

function tagType(scope: SpanCondition['scope'], key: string, value: AnyValue): TagValues[number]['type'] {
  if (scope === 'intrinsic' && (key === 'status' || key === 'kind')) return 'keyword';
  if (scope === 'intrinsic' && key === 'duration') return 'duration';
  switch (typeof value) {
    case 'bigint': return 'int';
    case 'number': return 'float';
    case 'boolean': return 'bool';
    default: return 'string';
  }
}
