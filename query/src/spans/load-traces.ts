import type { ReadContext, SpanReader, StoredSpan } from '../readers.js';

/** Traces read together, which bounds what the store holds at once for a request. */
const AT_ONCE = 20;

/** Whole traces in the order asked for; `found` is empty where there is none. @throws the signal's reason */
export async function loadTraces(reader: SpanReader, context: ReadContext, traceIds: readonly string[]): Promise<{ traceId: string; found: readonly StoredSpan[] }[]> {
  const loaded: { traceId: string; found: readonly StoredSpan[] }[] = [];
  for (let i = 0; i < traceIds.length; i += AT_ONCE) {
    const asked = traceIds.slice(i, i + AT_ONCE);
    const traces = await reader.traces(context, asked);
    for (const traceId of asked) loaded.push({ traceId, found: traces.get(traceId) ?? [] });
    context.signal.throwIfAborted();
  }
  return loaded;
}
