import type { LogEntry, LogReader, LogSelect, Matcher, ReadContext, StoredLog, TimeRange } from '@signalbox/query/readers';
import { uuidLiteral } from '../duckdb/sql.js';
import { holdsTenant, pathsOf } from '../files/stored-file.js';
import { traceTerm } from '../index/hash.js';
import { selectLogs } from './log-select.js';
import { storedLog, STORED_LOG_COLUMNS } from './log-row.js';
import { askIndex, inRows, parquet, rowsWith, withView, type ReadParts } from './parts.js';
import { StreamFilter, type LabelSet } from './streams.js';
import { namesInRange } from './tags.js';

const TRACE_ID = /^[0-9a-f]{32}$/;

/** Logs of the embedded store. Label lists come from the names kept beside each file, so they are as fine as files are. */
export class StoreLogReader implements LogReader {
  constructor(private readonly parts: ReadParts) {}

  select(context: ReadContext, select: LogSelect): Promise<readonly LogEntry[]> {
    return selectLogs(this.parts, context, select);
  }

  async labelNames(context: ReadContext, range: TimeRange, matchers: readonly Matcher[]): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const labels of await this.series(context, range, [matchers])) for (const name of Object.keys(labels)) names.add(name);
    return [...names].sort();
  }

  async labelValues(context: ReadContext, name: string, range: TimeRange, matchers: readonly Matcher[]): Promise<readonly string[]> {
    const values = new Set<string>();
    for (const labels of await this.series(context, range, [matchers])) if (Object.hasOwn(labels, name)) values.add(labels[name]);
    return [...values].sort();
  }

  async series(context: ReadContext, range: TimeRange, selectors: readonly (readonly Matcher[])[]): Promise<readonly LabelSet[]> {
    const filters = (selectors.length === 0 ? [[]] : selectors).map((matchers) => new StreamFilter(matchers));
    const names = await withView(this.parts, (view) => namesInRange(this.parts, context, view, 'logs', range));
    const streams = new Set(names.flatMap((of) => of.streams));
    return [...streams].filter((stream) => filters.some((filter) => filter.matches(stream))).sort().map((stream) => JSON.parse(stream) as LabelSet);
  }

  ofTrace(context: ReadContext, traceId: string): Promise<readonly StoredLog[]> {
    const id = traceId.toLowerCase();
    if (!TRACE_ID.test(id)) return Promise.resolve([]);
    return withView(this.parts, async (view) => {
      const sources = view.generations.filter((generation) => generation.logs.table.rows > 0).map((generation) => `(${generation.logs.source}) WHERE true`);
      for (const file of view.files) {
        if (file.kind !== 'logs' || !holdsTenant(file, context.tenant)) continue;
        context.signal.throwIfAborted();
        const rows = await askIndex(this.parts, file, async (index) => rowsWith(index, [traceTerm(id)]));
        if (rows?.length !== 0) sources.push(`${parquet(pathsOf(this.parts.dir, file).data)} WHERE ${rows ? inRows('file_row_number', rows) : 'true'}`);
      }
      if (sources.length === 0) return [];
      const columns = STORED_LOG_COLUMNS.join(', ');
      const sql = sources.map((source) => `SELECT ${columns} FROM ${source} AND trace_id = ${uuidLiteral(id)} AND tenant = $1`).join(' UNION ALL ');
      return this.parts.database.query(context.signal, `SELECT * FROM (${sql}) ORDER BY time_ns`, [context.tenant], storedLog);
    });
  }
}
