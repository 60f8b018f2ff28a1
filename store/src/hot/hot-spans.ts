import { valueToJson } from '@signalbox/signals/model/attribute-text';
import type { KeyValue } from '@signalbox/signals/model/attributes';
import type { Database } from '../duckdb/database.js';
import { attributeTerms, hashBytes, traceTermOfWords } from '../index/hash.js';
import { TermSpace } from '../index/term-space.js';
import { hotSpans, SPAN, SPAN_COLUMNS, SPAN_FILE_COLUMNS } from '../tables/spans.js';
import { Contexts, type Context } from './contexts.js';
import { HotTable } from './hot-table.js';
import { IndexedRows } from './indexed-rows.js';
import { Names } from './names.js';

const ERROR = 2;
const ERROR_TEXT = Buffer.from('2');

/** The spans of a generation: table, contexts, index and names, filled row by row. */
export class HotSpans extends IndexedRows {
  readonly kind = 'spans';
  private readonly u32: { readonly context: Uint32Array; readonly traceId: Uint32Array; readonly spanId: Uint32Array; readonly parent: Uint32Array; readonly start: Uint32Array; readonly end: Uint32Array; readonly flags: Uint32Array };
  private readonly kinds: Int32Array;
  private readonly statuses: Int32Array;

  private constructor(table: HotTable, contexts: Contexts, names: Names, space: TermSpace) {
    super(table, contexts, names, SPAN_FILE_COLUMNS, space);
    const words = (column: number): Uint32Array => new Uint32Array(table.chunk.buffer(column));
    this.u32 = {
      context: words(SPAN.context), traceId: words(SPAN.traceId), spanId: words(SPAN.spanId), parent: words(SPAN.parentSpanId), start: words(SPAN.startNs), end: words(SPAN.endNs),
      flags: words(SPAN.flags),
    };
    this.kinds = new Int32Array(table.chunk.buffer(SPAN.kind));
    this.statuses = new Int32Array(table.chunk.buffer(SPAN.statusCode));
  }

  static async create(database: Database, generation: number, namesLimit: number, space = new TermSpace()): Promise<HotSpans> {
    const names = new Names(namesLimit);
    const contexts = await Contexts.create(database, `span_contexts_${generation}`, (tenant) => names.tenant(tenant));
    return new HotSpans(await HotTable.create(database, `spans_${generation}`, SPAN_COLUMNS), contexts, names, space);
  }

  get source(): string {
    return hotSpans(this.table.name, this.contexts.table.name);
  }

  /** Row in the chunk that is being set. Everything nullable is NULL, everything else must be set. */
  get row(): number {
    return this.table.chunk.rows;
  }

  /** Ids are given as big-endian words, first word first. */
  setIds(trace0: number, trace1: number, trace2: number, trace3: number, spanHigh: number, spanLow: number, parentHigh: number, parentLow: number): void {
    const { row, u32 } = this;
    // DuckDB keeps a UUID as a little-endian signed 128-bit number whose first bit is turned, so that it sorts as text does.
    u32.traceId[row * 4 + 3] = trace0 ^ 0x80000000;
    u32.traceId[row * 4 + 2] = trace1;
    u32.traceId[row * 4 + 1] = trace2;
    u32.traceId[row * 4] = trace3;
    u32.spanId[row * 2 + 1] = spanHigh;
    u32.spanId[row * 2] = spanLow;
    u32.parent[row * 2 + 1] = parentHigh;
    u32.parent[row * 2] = parentLow;
    if ((parentHigh | parentLow) !== 0) this.table.chunk.setValid(SPAN.parentSpanId, row);
    this.terms.add(traceTermOfWords(trace0, trace1, trace2, trace3));
  }

  setTimes(startHigh: number, startLow: number, endHigh: number, endLow: number): void {
    const { row, u32 } = this;
    u32.start[row * 2 + 1] = startHigh;
    u32.start[row * 2] = startLow;
    u32.end[row * 2 + 1] = endHigh;
    u32.end[row * 2] = endLow;
  }

  setNumbers(kind: number, status: number, flags: number): void {
    const { row, u32 } = this;
    this.kinds[row] = kind;
    this.statuses[row] = status;
    u32.flags[row] = flags;
  }

  setText(column: number, utf8: Uint8Array): void {
    this.table.chunk.setText(column, this.row, utf8);
  }

  /** One attribute of the span; its value stands in typed JSON in bytes from..to. */
  addAttributeTerm(context: Context, term: number, key: { readonly name: string }, bytes: Buffer, from: number, to: number): void {
    // A value that is new is new in its block.
    if (this.terms.add(term) && context.tenant.tags.listed(key.name)) context.tenant.tags.add(key.name, bytes.toString('utf8', from, to));
  }

  /** The same for an attribute of the model. */
  addAttributeTerms(context: Context, attribute: KeyValue): void {
    const [whole, ...elements] = attributeTerms(context.seeds.attribute, attribute);
    if (this.terms.add(whole)) context.tenant.tags.add(attribute.key, valueToJson(attribute.value));
    for (const term of elements) this.terms.add(term);
  }

  /** Ends the row. `nameTerm` is that of the span's name. */
  endRow(context: Context, nameTerm: number): void {
    const { row, u32, terms } = this;
    u32.context[row] = context.id;
    terms.add(nameTerm);
    if (this.statuses[row] === ERROR) terms.add(hashBytes(context.seeds.status, ERROR_TEXT, 0, ERROR_TEXT.length));
    this.finishRow(context, u32.start[row * 2 + 1], u32.start[row * 2]);
  }
}
