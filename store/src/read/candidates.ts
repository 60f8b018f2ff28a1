import type { TimeRange } from '@signalbox/query/readers';
import { Turn } from '../duckdb/turn.js';
import type { View } from '../files/catalog.js';
import { holdsTenant, pathsOf, type StoredFile } from '../files/stored-file.js';
import type { IndexedRows } from '../hot/indexed-rows.js';
import { namesOf, type TenantNamesJson } from '../hot/names.js';
import { BLOCK_ROWS } from '../index/block-terms.js';
import type { IndexReader } from '../index/index-reader.js';
import type { RowRange } from '../index/row-range.js';
import { askIndex, parquet, type ReadParts } from './parts.js';

/** A file or a hot table: what blocks belong to. */
export interface BlockSource {
  /** A relation in the shape of a file of its kind. */
  readonly from: string;
  /** Its column with the row's number. */
  readonly rowNumber: string;
}

/** A block that may hold matches. */
export interface Candidate {
  readonly source: BlockSource;
  readonly rows: RowRange;
  /** Where it stands in the order asked for: no row of it comes before. See `Candidates.rank`. */
  readonly rank: bigint;
}

/**
 * Which terms a block must have: in one of the groups, of each clause at least one. No groups: nothing can match. 'all': the index
 * cannot say.
 */
export type TermGroups = readonly (readonly (readonly number[])[])[] | 'all';

export interface BlockSearch {
  readonly kind: 'spans' | 'logs';
  readonly tenant: string;
  readonly range: TimeRange;
  readonly direction: 'backward' | 'forward';
  /** `names` are those of the tenant in the file or hot table; asked for only when needed. */
  readonly groups: (names: () => Promise<TenantNamesJson | undefined>) => Promise<TermGroups>;
}

/** Before every rank that a time can have. */
const FIRST = 1n << 64n;

/**
 * Hands out the blocks that may hold matches in the order of time, files being looked into when it is their turn. A rank
 * is the time of a block's latest row or, going forward, the negative of its earliest row's time, so that the highest comes
 * first in both directions.
 */
export class Candidates {
  /** Ascending by rank: the next one is the last. */
  private readonly files: { readonly file: StoredFile; readonly rank: bigint }[];
  private readonly blocks: Candidate[] = [];
  private readonly hot: IndexedRows[];

  constructor(private readonly parts: ReadParts, view: View, private readonly search: BlockSearch) {
    const { kind, tenant, range } = search;
    this.hot = view.generations.map((generation) => generation[kind]).filter((rows) => rows.table.rows > 0);
    this.files = view.files
      .filter((file) => file.kind === kind && holdsTenant(file, tenant) && file.minNs < range.endNs && file.maxNs >= range.startNs)
      .map((file) => ({ file, rank: this.rank(file) }))
      .sort(byRank);
  }

  rank({ minNs, maxNs }: { readonly minNs: bigint; readonly maxNs: bigint }): bigint {
    return this.search.direction === 'backward' ? maxNs : -minNs;
  }

  /** No row left comes before this rank; null when there is none left. */
  async next(): Promise<bigint | null> {
    for (const rows of this.hot.splice(0)) await this.addHot(rows);
    for (;;) {
      const file = this.files.at(-1);
      const block = this.blocks.at(-1);
      if (!file || (block && block.rank > file.rank)) return block?.rank ?? null;
      this.files.pop();
      await this.addFile(file.file);
    }
  }

  /** Up to `count` candidates, of those only whose rank is above `above`. */
  async take(count: number, above: bigint | null = null): Promise<Candidate[]> {
    const taken: Candidate[] = [];
    while (taken.length < count) {
      const rank = await this.next();
      if (rank === null || (above !== null && rank <= above)) break;
      const block = this.blocks.pop();
      if (block) taken.push(block);
    }
    return taken;
  }

  private async addHot(rows: IndexedRows): Promise<void> {
    const groups = await this.search.groups(() => Promise.resolve(rows.names.peek(this.search.tenant)?.toJson()));
    if (groups !== 'all' && groups.length === 0) return;
    const source = { from: `(${rows.source})`, rowNumber: 'row_number' };
    rows.terms.closed.forEach(({ terms, ...times }, block) => {
      if (this.inRange(times) && (groups === 'all' || groups.some((clauses) => clauses.every((alternatives) => alternatives.some((term) => includes(terms, term)))))) {
        this.blocks.push({ source, rows: fullBlock(block), rank: this.rank(times) });
      }
    });
    this.blocks.push({ source, rows: fullBlock(rows.terms.current), rank: FIRST });
    this.blocks.sort(byRank);
  }

  private async addFile(file: StoredFile): Promise<void> {
    const source = { from: parquet(pathsOf(this.parts.dir, file).data), rowNumber: 'file_row_number' };
    const found = await askIndex(this.parts, file, async (index) => {
      const blocks = await this.blocksOf(file, index);
      return blocks.map((block) => ({ rows: index.rowsOf(block), minNs: index.times[block * 2], maxNs: index.times[block * 2 + 1] }));
    });
    const blocks = found ?? Array.from({ length: Math.ceil(file.rows / BLOCK_ROWS) }, (_, block) => ({ rows: fullBlock(block), minNs: file.minNs, maxNs: file.maxNs }));
    for (const { rows, ...times } of blocks) if (this.inRange(times)) this.blocks.push({ source, rows, rank: this.rank(times) });
    this.blocks.sort(byRank);
  }

  private async blocksOf(file: StoredFile, index: IndexReader): Promise<number[]> {
    const groups = await this.search.groups(async () => namesOf(await this.parts.indexes.names(file), this.search.tenant));
    if (groups === 'all') return Array.from({ length: index.header.blocks }, (_, block) => block);
    const blocks = new Set<number>();
    const turn = new Turn();
    for (const clauses of groups) {
      let left: number[] | null = null;
      for (const alternatives of clauses) {
        const ofClause = new Set<number>();
        for (const term of alternatives) {
          for (const block of index.blocksOf(term)) ofClause.add(block);
          if (turn.due) await turn.give();
        }
        left = left === null ? [...ofClause] : left.filter((block) => ofClause.has(block));
        if (left.length === 0) break;
      }
      for (const block of left ?? Array.from({ length: index.header.blocks }, (_, block) => block)) blocks.add(block);
    }
    return [...blocks];
  }

  private inRange({ minNs, maxNs }: { readonly minNs: bigint; readonly maxNs: bigint }): boolean {
    return maxNs >= this.search.range.startNs && minNs < this.search.range.endNs;
  }
}

function fullBlock(block: number): RowRange {
  return { from: block * BLOCK_ROWS, to: (block + 1) * BLOCK_ROWS };
}

function byRank(a: { readonly rank: bigint }, b: { readonly rank: bigint }): number {
  return a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0;
}

function includes(sorted: Uint32Array, term: number): boolean {
  const wanted = term === 0 ? 1 : term;
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
