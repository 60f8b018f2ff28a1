import type { ReadContext, SpanReader, StoredSpan } from '@signalbox/query/readers';
import type { ReadParts } from './parts.js';
import { readTrace } from './trace.js';

/** Spans of the embedded store. */
export class StoreSpanReader implements Pick<SpanReader, 'trace'> {
  constructor(private readonly parts: ReadParts) {}

  trace(context: ReadContext, traceId: string): Promise<readonly StoredSpan[]> {
    return readTrace(this.parts, context, traceId);
  }
}
