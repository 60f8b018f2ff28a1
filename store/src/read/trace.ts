import type { ReadContext, StoredSpan } from '@signalbox/query/readers';
import { uuidLiteral } from '../duckdb/sql.js';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf } from '../files/stored-file.js';
import { traceTerm } from '../index/hash.js';
import { askIndex, inRows, parquet, rowsWith, withView, type ReadParts } from './parts.js';
import { STORED_SPAN_COLUMNS, storedSpan } from './span-row.js';

const TRACE_ID = /^[0-9a-f]{32}$/;

/** All spans of each of the traces, by start time. */
export async function readTraces(parts: ReadParts, context: ReadContext, traceIds: readonly string[]): Promise<ReadonlyMap<string, readonly StoredSpan[]>> {
  const asked = new Map(traceIds.map((traceId) => [traceId.toLowerCase(), traceId]));
  const ids = [...asked.keys()].filter((id) => TRACE_ID.test(id));
  const found = new Map<string, StoredSpan[]>();
  if (ids.length === 0) return found;
  await withView(parts, async (view) => {
    const sources = await sourcesOf(parts, view, context, ids);
    if (sources.length === 0) return;
    const columns = STORED_SPAN_COLUMNS.join(', ');
    const condition = `trace_id IN (${ids.map(uuidLiteral).join(', ')}) AND tenant = $1`;
    const sql = sources.map((source) => `SELECT ${columns} FROM ${source} AND ${condition}`).join(' UNION ALL ');
    for (const stored of await parts.database.query(context.signal, sql, [context.tenant], storedSpan)) {
      const traceId = asked.get(stored.span.traceId) ?? stored.span.traceId;
      const spans = found.get(traceId);
      if (spans) spans.push(stored);
      else found.set(traceId, [stored]);
    }
  });
  for (const spans of found.values()) spans.sort((a, b) => (a.span.startNs < b.span.startNs ? -1 : a.span.startNs > b.span.startNs ? 1 : 0));
  return found;
}

/** `… WHERE …` of everything that may hold spans of the traces. */
async function sourcesOf(parts: ReadParts, view: View, context: ReadContext, ids: readonly string[]): Promise<string[]> {
  const sources = view.generations.filter((generation) => generation.spans.table.rows > 0).map((generation) => `(${generation.spans.source}) WHERE true`);
  const terms = ids.map(traceTerm);
  for (const file of view.files) {
    if (file.kind !== 'spans' || !holdsTenant(file, context.tenant)) continue;
    context.signal.throwIfAborted();
    const rows = await askIndex(parts, file, async (index) => rowsWith(index, terms));
    if (rows?.length === 0) continue;
    sources.push(`${parquet(pathsOf(parts.dir, file).data)} WHERE ${rows ? inRows('file_row_number', rows) : 'true'}`);
  }
  return sources;
}
