import type { LineFilter, LogEntry, LogSelect, Matcher, ReadContext } from '@signalbox/query/readers';
import { STOP } from '../duckdb/database.js';
import { literal, uuidLiteral } from '../duckdb/sql.js';
import type { View } from '../files/catalog.js';
import { streamTerm, traceTerm } from '../index/hash.js';
import type { RowRange } from '../index/row-range.js';
import { Bindings } from './bindings.js';
import { Candidates, type BlockSource, type Candidate } from './candidates.js';
import { logEntry, STORED_LOG_COLUMNS } from './log-row.js';
import { inRows, withView, type ReadParts } from './parts.js';
import { labelTests, StreamFilter } from './streams.js';

const FIRST_BATCH = 2;
const LAST_BATCH = 32;
/** With more matching streams than this in a file, its index is not asked for each of them. */
const MAX_STREAMS_ASKED = 500;
const TRACE_ID = /^[0-9a-fA-F]{32}$/;

/** Log lines in the order of time. Reading ends when no block left can come before what is at hand. */
export function selectLogs(parts: ReadParts, context: ReadContext, select: LogSelect): Promise<readonly LogEntry[]> {
  if (select.limit <= 0 || select.range.startNs >= select.range.endNs) return Promise.resolve([]);
  return withView(parts, (view) => new Selection(parts, context, view, select).run());
}

class Selection {
  private readonly streams: StreamFilter;
  private readonly metadataMatches: (labels: Readonly<Record<string, string>>) => boolean;
  /** Streams of everything looked into so far that match. */
  private readonly matching = new Set<string>();
  private found: LogEntry[] = [];

  constructor(private readonly parts: ReadParts, private readonly context: ReadContext, private readonly view: View, private readonly select: LogSelect) {
    this.streams = new StreamFilter(select.matchers);
    this.metadataMatches = labelTests(select.metadata);
  }

  async run(): Promise<readonly LogEntry[]> {
    const { select, context } = this;
    const traceIds = select.metadata.flatMap(({ name, op, value }) => (name === 'trace_id' && op === '=' && TRACE_ID.test(value) ? [value.toLowerCase()] : []));
    const candidates = new Candidates(this.parts, this.view, {
      kind: 'logs', tenant: context.tenant, range: select.range, direction: select.direction,
      groups: async (names) => {
        const all = (await names())?.streams ?? [];
        const matching = all.filter((stream) => this.streams.matches(stream));
        for (const stream of matching) this.matching.add(stream);
        if (matching.length === 0) return [];
        const clauses = traceIds.map((id) => [traceTerm(id)]);
        if (matching.length < all.length && matching.length <= MAX_STREAMS_ASKED) clauses.push(matching.map((stream) => streamTerm(context.tenant, stream)));
        return clauses.length === 0 ? 'all' : [clauses];
      },
    });
    for (let batch = FIRST_BATCH; ; batch = Math.min(LAST_BATCH, batch * 2)) {
      const left = await candidates.next();
      if (left === null || this.enough(candidates, left)) return this.found;
      await this.scan(await candidates.take(batch), traceIds);
    }
  }

  private enough(candidates: Candidates, left: bigint): boolean {
    const last = this.found[this.select.limit - 1];
    return last !== undefined && candidates.rank({ minNs: last.timeNs, maxNs: last.timeNs }) >= left;
  }

  private async scan(blocks: readonly Candidate[], traceIds: readonly string[]): Promise<void> {
    const { context, select } = this;
    const bindings = new Bindings();
    const bySource = new Map<BlockSource, RowRange[]>();
    for (const { source, rows } of blocks) bySource.set(source, [...(bySource.get(source) ?? []), rows]);
    const where = this.conditions(bindings, traceIds).join(' AND ');
    const columns = STORED_LOG_COLUMNS.join(', ');
    const selects = [...bySource].map(([source, rows], i) => {
      return `SELECT ${columns}, ${i} AS source_number, ${source.rowNumber} AS ordinal FROM ${source.from} WHERE ${inRows(source.rowNumber, rows)} AND ${where}`;
    });
    const order = select.direction === 'backward' ? 'DESC' : 'ASC';
    // Metadata is looked at here, row by row, so any number of rows may be needed.
    const limit = select.metadata.length > 0 ? '' : ` LIMIT ${Math.floor(select.limit)}`;
    let matched = 0;
    const entries = await this.parts.database.query(context.signal, `SELECT * FROM (${selects.join(' UNION ALL ')}) ORDER BY time_ns ${order}, source_number ${order}, ordinal ${order}${limit}`, bindings.values, (row) => {
      if (matched >= select.limit) return STOP;
      const entry = logEntry(row);
      if (!this.metadataMatches({ ...entry.structuredMetadata, ...entry.stream })) return null;
      matched++;
      return entry;
    });
    const sign = select.direction === 'backward' ? -1 : 1;
    this.found = [...this.found, ...entries].sort((a, b) => (a.timeNs < b.timeNs ? -sign : a.timeNs > b.timeNs ? sign : 0)).slice(0, select.limit);
  }

  private conditions(bindings: Bindings, traceIds: readonly string[]): string[] {
    const { context, select } = this;
    const { startNs, endNs } = select.range;
    const conditions = [`tenant = ${bindings.bind(context.tenant)}`];
    if (startNs > 0n) conditions.push(`time_ns >= ${startNs}`);
    if (endNs < 1n << 64n) conditions.push(`time_ns < ${endNs < 0n ? 0n : endNs}`);
    if (select.matchers.length > 0) conditions.push(`stream IN (${[...this.matching].map(literal).join(', ')})`);
    for (const filter of select.lineFilters) conditions.push(lineCondition(filter, bindings));
    for (const id of traceIds) conditions.push(`trace_id = ${uuidLiteral(id)}`);
    for (const matcher of select.metadata) conditions.push(...metadataHint(matcher, bindings));
    return conditions;
  }
}

function lineCondition({ op, value }: LineFilter, bindings: Bindings): string {
  switch (op) {
    case '|=':
      return `contains(line, ${bindings.bind(value)})`;
    case '!=':
      return `NOT contains(line, ${bindings.bind(value)})`;
    case '|~':
      return `regexp_matches(line, ${bindings.bind(value)})`;
    case '!~':
      return `NOT regexp_matches(line, ${bindings.bind(value)})`;
  }
}

const PLAIN_VALUE = /^[A-Za-z_ .:-]+$/;

/** A condition that every match fulfils, cheap to check: a plain text value stands somewhere in the record as it is. */
function metadataHint({ name, op, value }: Matcher, bindings: Bindings): string[] {
  // Numbers may be written in another way; ids and counts are columns of their own.
  if (op !== '=' || !PLAIN_VALUE.test(value) || ['trace_id', 'span_id', 'severity_text', 'event_name', 'scope_name', 'scope_version'].includes(name)) return [];
  const placeholder = bindings.bind(value);
  return [`(contains(stream, ${placeholder}) OR contains(attributes, ${placeholder}) OR contains(resource, ${placeholder}) OR contains(coalesce(context_rest, ''), ${placeholder}))`];
}
