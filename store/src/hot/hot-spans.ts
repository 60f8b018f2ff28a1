import type { Database } from '../duckdb/database.js';
import { copyToParquet } from '../duckdb/parquet.js';
import { BLOCK_ROWS, BlockTerms } from '../index/block-terms.js';
import { hashBytes, traceTermOfWords } from '../index/hash.js';
import { writeIndex } from '../index/index-writer.js';
import { BlockSource, MergedTerms } from '../index/term-merge.js';
import { hotSpans, SPAN, SPAN_FILE_COLUMNS, SPAN_COLUMNS } from '../tables/spans.js';
import { Contexts, type Context } from './contexts.js';
import type { HotKind, WriteContext, Written } from './hot-kind.js';
import { HotTable } from './hot-table.js';
import { Names } from './names.js';

const ERROR = 2;
const ERROR_TEXT = Buffer.from('2');

/** The spans of a generation: table, contexts, index and names, filled row by row. */
export class HotSpans implements HotKind {
  readonly kind = 'spans';
  readonly terms = new BlockTerms();
  readonly names: Names;
  private readonly u32: { readonly context: Uint32Array; readonly traceId: Uint32Array; readonly spanId: Uint32Array; readonly parent: Uint32Array; readonly start: Uint32Array; readonly end: Uint32Array; readonly flags: Uint32Array; readonly droppedAttributes: Uint32Array; readonly droppedEvents: Uint32Array; readonly droppedLinks: Uint32Array };
  private readonly kinds: Int32Array;
  private readonly statuses: Int32Array;

  private constructor(readonly table: HotTable, readonly contexts: Contexts, names: Names) {
    this.names = names;
    const words = (column: number): Uint32Array => new Uint32Array(table.chunk.buffer(column));
    this.u32 = {
      context: words(SPAN.context), traceId: words(SPAN.traceId), spanId: words(SPAN.spanId), parent: words(SPAN.parentSpanId), start: words(SPAN.startNs), end: words(SPAN.endNs),
      flags: words(SPAN.flags), droppedAttributes: words(SPAN.droppedAttributes), droppedEvents: words(SPAN.droppedEvents), droppedLinks: words(SPAN.droppedLinks),
    };
    this.kinds = new Int32Array(table.chunk.buffer(SPAN.kind));
    this.statuses = new Int32Array(table.chunk.buffer(SPAN.statusCode));
  }

  static async create(database: Database, generation: number, namesLimit: number): Promise<HotSpans> {
    const names = new Names(namesLimit);
    const contexts = await Contexts.create(database, `span_contexts_${generation}`, (tenant) => names.tenant(tenant));
    return new HotSpans(await HotTable.create(database, `spans_${generation}`, SPAN_COLUMNS), contexts, names);
  }

  get rows(): number {
    return this.table.total;
  }

  /** A query in the shape of a file. */
  get source(): string {
    return hotSpans(this.table.name, this.contexts.table.name);
  }

  get bytes(): number {
    return this.table.bytes + this.contexts.table.bytes;
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

  setNumbers(kind: number, status: number, flags: number, droppedAttributes: number, droppedEvents: number, droppedLinks: number): void {
    const { row, u32 } = this;
    this.kinds[row] = kind;
    this.statuses[row] = status;
    u32.flags[row] = flags;
    u32.droppedAttributes[row] = droppedAttributes;
    u32.droppedEvents[row] = droppedEvents;
    u32.droppedLinks[row] = droppedLinks;
  }

  setText(column: number, utf8: Uint8Array): void {
    this.table.chunk.setText(column, this.row, utf8);
  }

  /** One attribute of the span as it stands in the column, `"key":value`, in bytes from..to. */
  addAttributeTerm(context: Context, bytes: Uint8Array, from: number, to: number): void {
    this.terms.add(hashBytes(context.seeds.attribute, bytes, from, to));
  }

  /** Ends the row. `name` are the bytes of the span's name. */
  endRow(context: Context, name: Uint8Array): void {
    const { row, u32, terms } = this;
    u32.context[row] = context.id;
    terms.add(hashBytes(context.seeds.name, name, 0, name.length));
    if (this.statuses[row] === ERROR) terms.add(hashBytes(context.seeds.status, ERROR_TEXT, 0, ERROR_TEXT.length));
    if (context.lastBlock !== terms.current) {
      context.lastBlock = terms.current;
      terms.add(context.seeds.service);
      for (const term of context.resourceTerms) terms.add(term);
    }
    terms.endRow(u32.start[row * 2 + 1], u32.start[row * 2]);
    this.table.endRow();
  }

  flush(): void {
    this.contexts.table.flush();
    this.table.flush();
  }

  seal(): void {
    this.contexts.table.seal();
    this.table.seal();
  }

  async write({ database, paths, signal }: WriteContext): Promise<Written> {
    const { rows } = this;
    const columns = SPAN_FILE_COLUMNS.map((name) => `"${name}"`).join(', ');
    const dataBytes = await database.background(signal, (connection) => copyToParquet(connection, `SELECT ${columns} FROM (${this.source})`, paths.data));
    const blocks = this.terms.finish();
    const terms = new MergedTerms(blocks.map((block, i) => new BlockSource(block.terms, i)));
    const indexBytes = await writeIndex(paths.index, { blockRows: BLOCK_ROWS, rows, blocks, terms, names: this.names.toJson() }, signal);
    return {
      rows,
      bytes: dataBytes + indexBytes,
      minNs: blocks.reduce((min, block) => (block.minNs < min ? block.minNs : min), blocks[0].minNs),
      maxNs: blocks.reduce((max, block) => (block.maxNs > max ? block.maxNs : max), 0n),
      tenants: this.names.tenantNames(),
    };
  }

  async drop(): Promise<void> {
    await this.table.drop();
    await this.contexts.table.drop();
  }
}
