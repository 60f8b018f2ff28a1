import { copyToParquet } from '../duckdb/parquet.js';
import { BLOCK_ROWS, BlockTerms } from '../index/block-terms.js';
import { IndexSpace, writeIndex } from '../index/index-writer.js';
import { BlockSource, MergedTerms } from '../index/term-merge.js';
import type { TermSpace } from '../index/term-space.js';
import type { Context, Contexts } from './contexts.js';
import type { HotKind, WriteContext, Written } from './hot-kind.js';
import type { HotTable } from './hot-table.js';
import type { Names } from './names.js';

/** Rows with contexts, an index of their terms and lists of names: what spans and log records have in common. */
export abstract class IndexedRows implements HotKind {
  abstract readonly kind: 'spans' | 'logs';
  readonly terms: BlockTerms;

  protected constructor(readonly table: HotTable, readonly contexts: Contexts, readonly names: Names, private readonly fileColumns: readonly string[], space: TermSpace) {
    this.terms = new BlockTerms(space);
  }

  /** A query in the shape of a file, with the column `row_number` beside. */
  abstract get source(): string;

  get rows(): number {
    return this.table.total;
  }

  get bytes(): number {
    return this.table.bytes + this.contexts.table.bytes + this.terms.bytes;
  }

  flush(): void {
    this.contexts.table.flush();
    this.table.flush();
  }

  seal(): void {
    this.contexts.table.seal();
    this.table.seal();
  }

  async write({ database, paths, signal, space = new IndexSpace() }: WriteContext): Promise<Written> {
    const { rows } = this;
    const columns = this.fileColumns.map((name) => `"${name}"`).join(', ');
    const dataBytes = await database.background(signal, (connection) => copyToParquet(connection, `SELECT ${columns} FROM (${this.source})`, paths.data));
    const blocks = this.terms.finish();
    const terms = new MergedTerms(blocks.map((block, i) => new BlockSource(block.terms, i)));
    const indexBytes = await writeIndex(paths.index, { blockRows: BLOCK_ROWS, blocks, terms, names: this.names.toJson() }, space, signal);
    return {
      rows,
      bytes: dataBytes + indexBytes,
      minNs: blocks.reduce((min, block) => (block.minNs < min ? block.minNs : min), blocks[0].minNs),
      maxNs: blocks.reduce((max, block) => (block.maxNs > max ? block.maxNs : max), 0n),
      tenants: this.names.tenantNames(),
    };
  }

  async drop(): Promise<void> {
    this.terms.release();
    await this.table.drop();
    await this.contexts.table.drop();
  }

  /** Ends the row; `timeHigh` and `timeLow` are its time's words. */
  protected finishRow(context: Context, timeHigh: number, timeLow: number): void {
    const { terms } = this;
    if (context.lastBlock !== terms.current) {
      context.lastBlock = terms.current;
      terms.add(context.seeds.service);
      for (const term of context.resourceTerms) terms.add(term);
    }
    terms.endRow(timeHigh, timeLow);
    this.table.endRow();
  }
}
