import type { ReadContext, StoredSpan } from '@signalbox/query/readers';
import { uuidLiteral } from '../duckdb/sql.js';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf } from '../files/stored-file.js';
import { traceTerm } from '../index/hash.js';
import { askIndex, inBlocks, parquet, withView, type ReadParts } from './parts.js';
import { STORED_SPAN_COLUMNS, storedSpan } from './span-row.js';

const TRACE_ID = /^[0-9a-f]{32}$/;

/** All spans of a trace by start time. */
export async function readTrace(parts: ReadParts, context: ReadContext, traceId: string): Promise<readonly StoredSpan[]> {
  const id = traceId.toLowerCase();
  if (!TRACE_ID.test(id)) return [];
  return withView(parts, async (view) => {
    const sources = await traceSources(parts, view, context, id);
    if (sources.length === 0) return [];
    const columns = STORED_SPAN_COLUMNS.join(', ');
    const sql = sources.map((source) => `SELECT ${columns} FROM ${source} AND trace_id = ${uuidLiteral(id)} AND tenant = $1`).join(' UNION ALL ');
    const spans = await parts.database.query(context.signal, sql, [context.tenant], storedSpan);
    return spans.sort((a, b) => (a.span.startNs < b.span.startNs ? -1 : a.span.startNs > b.span.startNs ? 1 : 0));
  });
}

/** `… WHERE …` of everything that may hold spans of the trace. */
async function traceSources(parts: ReadParts, view: View, context: ReadContext, traceId: string): Promise<string[]> {
  const sources = view.generations.filter((generation) => generation.spans.table.rows > 0).map((generation) => `(${generation.spans.source}) WHERE true`);
  const term = traceTerm(traceId);
  for (const file of view.files) {
    if (file.kind !== 'spans' || !holdsTenant(file, context.tenant)) continue;
    context.signal.throwIfAborted();
    const blocks = await askIndex(parts, file, async (index) => index.blocksOf(term));
    if (blocks?.length === 0) continue;
    sources.push(`${parquet(pathsOf(parts.dir, file).data)} WHERE ${blocks ? inBlocks('file_row_number', blocks) : 'true'}`);
  }
  return sources;
}
