import type { Database } from '../duckdb/database.js';
import { streamTerm, traceTermOfWords } from '../index/hash.js';
import { TermSpace } from '../index/term-space.js';
import { hotLogs, LOG, LOG_COLUMNS, LOG_FILE_COLUMNS } from '../tables/logs.js';
import { Contexts, type Context } from './contexts.js';
import { HotTable } from './hot-table.js';
import { IndexedRows } from './indexed-rows.js';
import { Names } from './names.js';

/** A log record as it goes into the table. */
export interface LogRow {
  readonly timeNs: bigint;
  readonly recordTimeNs: bigint;
  readonly observedNs: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly line: string;
  readonly body: string | null;
  readonly attributes: string;
  /** 32 hex digits or ''. */
  readonly traceId: string;
  readonly spanId: string;
  readonly eventName: string;
  readonly flags: number;
  readonly droppedAttributes: number;
}

/** The log records of a generation. */
export class HotLogs extends IndexedRows {
  readonly kind = 'logs';
  private readonly u64: Record<'time' | 'recordTime' | 'observed' | 'spanId', BigUint64Array>;
  private readonly u32: Record<'context' | 'traceId' | 'flags' | 'droppedAttributes', Uint32Array>;
  private readonly severity: Int32Array;
  /** Of each context's stream. */
  private readonly streamTerms = new Map<number, number>();

  private constructor(table: HotTable, contexts: Contexts, names: Names, space: TermSpace) {
    super(table, contexts, names, LOG_FILE_COLUMNS, space);
    const { chunk } = table;
    const longs = (column: number): BigUint64Array => new BigUint64Array(chunk.buffer(column));
    const words = (column: number): Uint32Array => new Uint32Array(chunk.buffer(column));
    this.u64 = { time: longs(LOG.timeNs), recordTime: longs(LOG.recordTimeNs), observed: longs(LOG.observedNs), spanId: longs(LOG.spanId) };
    this.u32 = { context: words(LOG.context), traceId: words(LOG.traceId), flags: words(LOG.flags), droppedAttributes: words(LOG.droppedAttributes) };
    this.severity = new Int32Array(chunk.buffer(LOG.severityNumber));
  }

  static async create(database: Database, generation: number, namesLimit: number, space = new TermSpace()): Promise<HotLogs> {
    const names = new Names(namesLimit);
    const contexts = await Contexts.create(database, `log_contexts_${generation}`, (tenant) => names.tenant(tenant));
    return new HotLogs(await HotTable.create(database, `logs_${generation}`, LOG_COLUMNS), contexts, names, space);
  }

  get source(): string {
    return hotLogs(this.table.name, this.contexts.table.name);
  }

  append(context: Context, tenant: string, stream: string, record: LogRow): void {
    const { chunk } = this.table;
    const row = chunk.rows;
    const text = (column: number, value: string): void => chunk.setText(column, row, Buffer.from(value));
    this.u32.context[row] = context.id;
    this.u64.time[row] = record.timeNs;
    this.u64.recordTime[row] = record.recordTimeNs;
    this.u64.observed[row] = record.observedNs;
    this.severity[row] = record.severityNumber;
    this.u32.flags[row] = record.flags;
    this.u32.droppedAttributes[row] = record.droppedAttributes;
    text(LOG.line, record.line);
    text(LOG.attributes, record.attributes);
    if (record.severityText !== '') text(LOG.severityText, record.severityText);
    if (record.body !== null) text(LOG.body, record.body);
    if (record.eventName !== '') text(LOG.eventName, record.eventName);
    this.setTraceId(row, record.traceId);
    if (record.spanId !== '') {
      this.u64.spanId[row] = BigInt(`0x${record.spanId}`);
      chunk.setValid(LOG.spanId, row);
    }
    let term = this.streamTerms.get(context.id);
    if (term === undefined) this.streamTerms.set(context.id, (term = streamTerm(tenant, stream)));
    this.terms.add(term);
    this.finishRow(context, Number(record.timeNs >> 32n), Number(record.timeNs & 0xffffffffn));
  }

  private setTraceId(row: number, hex: string): void {
    if (hex === '') return;
    const [a, b, c, d] = [0, 8, 16, 24].map((at) => parseInt(hex.slice(at, at + 8), 16));
    const { traceId } = this.u32;
    traceId[row * 4 + 3] = a ^ 0x80000000;
    traceId[row * 4 + 2] = b;
    traceId[row * 4 + 1] = c;
    traceId[row * 4] = d;
    this.table.chunk.setValid(LOG.traceId, row);
    this.terms.add(traceTermOfWords(a, b, c, d));
  }
}
