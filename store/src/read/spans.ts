import type { Dependency, FoundTrace, Operation, ReadContext, SpanCondition, SpanReader, SpanSearch, StoredSpan, TimeRange, TraceSearch, TraceSummary } from '@signalbox/query/readers';
import type { ReadParts } from './parts.js';
import { findTraces, searchTraces } from './search.js';
import { readTagValues } from './tag-values.js';
import { readDependencies, readOperations, readServices, readTagNames } from './tags.js';
import { readTraces } from './trace.js';

/** Spans of the embedded store. */
export class StoreSpanReader implements SpanReader {
  constructor(private readonly parts: ReadParts) {}

  async trace(context: ReadContext, traceId: string): Promise<readonly StoredSpan[]> {
    return (await readTraces(this.parts, context, [traceId])).get(traceId) ?? [];
  }

  traces(context: ReadContext, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly StoredSpan[]>> {
    return readTraces(this.parts, context, traceIds);
  }

  find(context: ReadContext, search: TraceSearch): Promise<readonly FoundTrace[]> {
    return findTraces(this.parts, context, search);
  }

  search(context: ReadContext, search: SpanSearch): Promise<readonly TraceSummary[]> {
    return searchTraces(this.parts, context, search);
  }

  services(context: ReadContext, range?: TimeRange): Promise<readonly string[]> {
    return readServices(this.parts, context, range);
  }

  operations(context: ReadContext, service: string, kind?: number): Promise<readonly Operation[]> {
    return readOperations(this.parts, context, service, kind);
  }

  tagNames(context: ReadContext, range: TimeRange): ReturnType<SpanReader['tagNames']> {
    return readTagNames(this.parts, context, range);
  }

  tagValues(context: ReadContext, scope: SpanCondition['scope'], key: string, range: TimeRange, limit: number): ReturnType<SpanReader['tagValues']> {
    return readTagValues(this.parts, context, scope, key, range, limit);
  }

  dependencies(context: ReadContext, range: TimeRange): Promise<readonly Dependency[]> {
    return readDependencies(this.parts, context, range);
  }
}
