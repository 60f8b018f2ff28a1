import type { ReadContext, SpanSearch, StoredSpan, TraceSummary } from '@signalbox/query/readers';
import type { Row } from '../duckdb/database.js';
import { uuidLiteral } from '../duckdb/sql.js';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf } from '../files/stored-file.js';
import { traceTerm } from '../index/hash.js';
import { Bindings } from './bindings.js';
import type { CompiledConditions } from './conditions.js';
import { askIndex, inRows, parquet, rowsWith, timeRange, type ReadParts } from './parts.js';
import { STORED_SPAN_COLUMNS, storedSpan, uuidHex } from './span-row.js';

/** Spans of a found trace are looked for in files whose times are at most this far from the match. */
const TRACE_REACH_NS = 24n * 3600n * 1_000_000_000n;

const ERROR = 2;
/** Columns of the statement before those of whole spans. */
const LIGHT_COLUMNS = ['trace_id', 'start_ns', 'end_ns', 'service', 'name', 'status_code', 'parent_span_id'];

interface Summary {
  startNs: bigint;
  endNs: bigint;
  root: { readonly startNs: bigint; readonly name: string; readonly service: string } | null;
  spanCount: number;
  errorCount: number;
  readonly services: Map<string, { spanCount: number; errorCount: number }>;
  matched: number;
  readonly matchedSpans: StoredSpan[];
}

/**
 * Whole-trace summaries of traces found by a search. `found` says at which time each trace has a match; the answer is in
 * its order.
 */
export async function readSummaries(parts: ReadParts, context: ReadContext, view: View, found: ReadonlyMap<string, bigint>, conditions: CompiledConditions, { range, spansPerTrace }: Pick<SpanSearch, 'range' | 'spansPerTrace'>): Promise<TraceSummary[]> {
  if (found.size === 0) return [];
  const bindings = new Bindings();
  const tenant = bindings.bind(context.tenant);
  const whole = STORED_SPAN_COLUMNS.join(', ');
  const columns = [...new Set([...LIGHT_COLUMNS, ...STORED_SPAN_COLUMNS])].join(', ');
  const selects = (await traceSources(parts, context, view, found)).map(({ from, traceIds }) => `SELECT ${columns}, (${timeRange(range)} AND ${conditions.sql(bindings)}) AS matched FROM ${from} AND trace_id IN (${traceIds.map(uuidLiteral).join(', ')}) AND tenant = ${tenant}`);
  if (selects.length === 0) return [];
  const summaries = new Map<string, Summary>();
  await parts.database.query(context.signal, `SELECT ${LIGHT_COLUMNS.join(', ')}, matched, ${whole} FROM (${selects.join(' UNION ALL ')})`, bindings.values, (row) => {
    add(summaries, row, spansPerTrace);
    return null;
  });
  return [...found.keys()].flatMap((traceId) => {
    const summary = summaries.get(traceId);
    return summary ? [finish(traceId, summary)] : [];
  });
}

interface TraceSource {
  /** With WHERE, to which further conditions are put. */
  readonly from: string;
  /** Of those found, the traces that it may have spans of: with all of them in each of many files the statement alone takes longer than reading. */
  readonly traceIds: readonly string[];
}

async function traceSources(parts: ReadParts, context: ReadContext, view: View, found: ReadonlyMap<string, bigint>): Promise<TraceSource[]> {
  const sources: TraceSource[] = view.generations.filter((generation) => generation.spans.table.rows > 0).map((generation) => ({ from: `(${generation.spans.source}) WHERE true`, traceIds: [...found.keys()] }));
  const terms = [...found].map(([traceId, ns]) => ({ traceId, term: traceTerm(traceId), ns }));
  for (const file of view.files) {
    if (file.kind !== 'spans' || !holdsTenant(file, context.tenant)) continue;
    context.signal.throwIfAborted();
    const near = terms.filter(({ ns }) => file.minNs <= ns + TRACE_REACH_NS && file.maxNs >= ns - TRACE_REACH_NS);
    const there = await askIndex(parts, file, async (index) => {
      const held = near.filter(({ term }) => index.blocksOf(term).length > 0);
      return { rows: rowsWith(index, held.map(({ term }) => term)), traceIds: held.map(({ traceId }) => traceId) };
    });
    if (there?.traceIds.length === 0) continue;
    sources.push({ from: `${parquet(pathsOf(parts.dir, file).data)} WHERE ${there ? inRows('file_row_number', there.rows) : 'true'}`, traceIds: there?.traceIds ?? near.map(({ traceId }) => traceId) });
  }
  return sources;
}

function add(summaries: Map<string, Summary>, row: Row, spansPerTrace: number): void {
  const traceId = uuidHex(row.value(0));
  const startNs = row.bigint(1);
  const endNs = row.bigint(2);
  const service = row.text(3);
  const name = row.text(4);
  const error = row.number(5) === ERROR ? 1 : 0;
  let summary = summaries.get(traceId);
  if (!summary) summaries.set(traceId, (summary = { startNs, endNs, root: null, spanCount: 0, errorCount: 0, services: new Map(), matched: 0, matchedSpans: [] }));
  if (startNs < summary.startNs) summary.startNs = startNs;
  if (endNs > summary.endNs) summary.endNs = endNs;
  if (row.value(6) === null && (summary.root === null || startNs < summary.root.startNs)) summary.root = { startNs, name, service };
  summary.spanCount++;
  summary.errorCount += error;
  let ofService = summary.services.get(service);
  if (!ofService) summary.services.set(service, (ofService = { spanCount: 0, errorCount: 0 }));
  ofService.spanCount++;
  ofService.errorCount += error;
  if (row.value(7) === true) {
    summary.matched++;
    keepFirst(summary.matchedSpans, startNs, () => storedSpan(row, LIGHT_COLUMNS.length + 1), spansPerTrace);
  }
}

/** Keeps the spans that start first; the others are never made into objects. */
function keepFirst(spans: StoredSpan[], startNs: bigint, make: () => StoredSpan, limit: number): void {
  const last = spans.at(-1);
  if (spans.length >= limit && (!last || last.span.startNs <= startNs)) return;
  const at = spans.findIndex((other) => other.span.startNs > startNs);
  spans.splice(at < 0 ? spans.length : at, 0, make());
  if (spans.length > limit) spans.pop();
}

function finish(traceId: string, { startNs, endNs, root, services, ...summary }: Summary): TraceSummary {
  return {
    traceId, startNs, durationNs: endNs > startNs ? endNs - startNs : 0n, rootService: root?.service ?? '', rootName: root?.name ?? '', ...summary,
    services: [...services].map(([name, counts]) => ({ name, ...counts })).sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
