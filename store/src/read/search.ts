import { RE2JS } from 're2js';
import type { FoundTrace, ReadContext, SpanSearch, TraceSearch, TraceSummary } from '@signalbox/query/readers';
import type { View } from '../files/catalog.js';
import type { RowRange } from '../index/row-range.js';
import { Bindings } from './bindings.js';
import { Candidates, type BlockSource, type Candidate } from './candidates.js';
import { compileConditions, rootMatches, type CompiledConditions } from './conditions.js';
import { inRows, timeRange, withView, type ReadParts } from './parts.js';
import { uuidHex } from './span-row.js';
import { readSummaries } from './trace-summaries.js';

const FIRST_BATCH = 4;
const LAST_BATCH = 32;

/**
 * Traces with a span that satisfies all conditions, those with the newest such span first. Blocks are read from the latest to
 * the earliest, and reading ends when no block left can hold a newer match than those at hand.
 */
export function searchTraces(parts: ReadParts, context: ReadContext, search: SpanSearch): Promise<readonly TraceSummary[]> {
  return searched(parts, context, search, async (made) => made.summaries(await made.run()));
}

/** The same traces without their summaries. */
export function findTraces(parts: ReadParts, context: ReadContext, search: TraceSearch): Promise<readonly FoundTrace[]> {
  return searched(parts, context, search, async (made) => (await made.run()).map(([traceId, newestNs]) => ({ traceId, newestNs })));
}

function searched<T>(parts: ReadParts, context: ReadContext, search: TraceSearch & { readonly spansPerTrace?: number }, use: (search: Search) => Promise<readonly T[]>): Promise<readonly T[]> {
  if (search.limit <= 0 || search.range.startNs >= search.range.endNs) return Promise.resolve([]);
  const conditions = compileConditions(search.conditions);
  return withView(parts, (view) => use(new Search(parts, context, view, { spansPerTrace: 0, ...search }, conditions)));
}

class Search {
  /** Newest match by trace; those that are already known not to fit are in `refused`. */
  private readonly newest = new Map<string, bigint>();
  private readonly refused = new Set<string>();
  private readonly accepted = new Map<string, TraceSummary>();

  constructor(private readonly parts: ReadParts, private readonly context: ReadContext, private readonly view: View, private readonly search: SpanSearch, private readonly conditions: CompiledConditions) {}

  /** Ids of the traces with their newest match, newest first. */
  async run(): Promise<readonly [string, bigint][]> {
    const { context, search } = this;
    const candidates = new Candidates(this.parts, this.view, { kind: 'spans', tenant: context.tenant, range: search.range, direction: 'backward', groups: this.conditions.groups(context.tenant) });
    for (let batch = FIRST_BATCH; ; batch = Math.min(LAST_BATCH, batch * 4)) {
      const left = await candidates.next();
      if (await this.enough(left)) break;
      await this.scan(await candidates.take(batch, this.last()));
    }
    return this.best();
  }

  async summaries(found: readonly [string, bigint][]): Promise<readonly TraceSummary[]> {
    if (this.conditions.root.length > 0) return found.flatMap(([id]) => this.accepted.get(id) ?? []);
    return readSummaries(this.parts, this.context, this.view, new Map(found), this.conditions, this.search);
  }

  /** Whether no match at or before `left` can change the answer. */
  private async enough(left: bigint | null): Promise<boolean> {
    await this.checkRoots();
    if (left === null) return true;
    const last = this.last();
    return last !== null && last >= left;
  }

  /** The time of the last trace of a full answer, as far as it is known: what is not above it cannot change it. */
  private last(): bigint | null {
    const best = this.best();
    return best.length === this.search.limit ? best[best.length - 1][1] : null;
  }

  private best(): [string, bigint][] {
    return [...this.newest]
      .filter(([id]) => !this.refused.has(id))
      .sort((a, b) => (a[1] > b[1] ? -1 : a[1] < b[1] ? 1 : a[0] < b[0] ? -1 : 1))
      .slice(0, this.search.limit);
  }

  private async scan(blocks: readonly Candidate[]): Promise<void> {
    if (blocks.length === 0) return;
    const { context, search, conditions } = this;
    const bindings = new Bindings();
    const tenant = bindings.bind(context.tenant);
    const bySource = new Map<BlockSource, RowRange[]>();
    for (const { source, rows } of blocks) bySource.set(source, [...(bySource.get(source) ?? []), rows]);
    const selects = [...bySource].map(([source, rows]) => {
      return `SELECT trace_id, start_ns FROM ${source.from} WHERE ${inRows(source.rowNumber, rows)} AND tenant = ${tenant} AND ${timeRange(search.range)} AND ${conditions.sql(bindings)}`;
    });
    // With conditions on the root any trace may be refused later, so all are needed.
    const limit = conditions.root.length > 0 ? '' : ` LIMIT ${Math.floor(search.limit)}`;
    await this.parts.database.query(context.signal, `SELECT trace_id, max(start_ns) AS newest FROM (${selects.join(' UNION ALL ')}) GROUP BY trace_id ORDER BY newest DESC${limit}`, bindings.values, (row) => {
      const id = uuidHex(row.value(0));
      const ns = row.bigint(1);
      const before = this.newest.get(id);
      if (before === undefined || ns > before) this.newest.set(id, ns);
      return null;
    });
  }

  /** Looks at the roots of the newest traces until as many as wanted fit. */
  private async checkRoots(): Promise<void> {
    const { conditions, context, search } = this;
    if (conditions.root.length === 0) return;
    for (;;) {
      const unknown = this.best().filter(([id]) => !this.accepted.has(id));
      if (unknown.length === 0) return;
      const summaries = await readSummaries(this.parts, context, this.view, new Map(unknown), conditions, search);
      const known = new Map(summaries.map((summary) => [summary.traceId, summary]));
      for (const [id] of unknown) {
        const summary = known.get(id);
        if (summary && rootMatches(conditions.root, { name: summary.rootName, service: summary.rootService }, fullMatch)) this.accepted.set(id, summary);
        else this.refused.add(id);
      }
    }
  }
}

function fullMatch(text: string, pattern: string): boolean {
  return RE2JS.compile(pattern, RE2JS.DOTALL).matches(text);
}
