import { BLOCK_ROWS } from './block-terms.js';
import type { TermSource } from './term-merge.js';

/** Blocks of a merged file that the rows of a source's block lie in: one, or two where it straddles a border. */
export function targetBlocks(block: number, rowsBefore: number, rows: number): readonly [number, number] {
  const first = rowsBefore + block * BLOCK_ROWS;
  const last = rowsBefore + Math.min(rows, (block + 1) * BLOCK_ROWS) - 1;
  return [Math.floor(first / BLOCK_ROWS), Math.floor(last / BLOCK_ROWS)];
}

/** The terms of a file whose rows lie behind `rowsBefore` others in a merged file. A term may be said of a neighbouring block too. */
export class MappedTerms implements TermSource {
  term = 0;
  block = 0;
  private second: number | null = null;

  constructor(private readonly source: TermSource, private readonly rowsBefore: number, private readonly rows: number) {}

  next(): boolean {
    if (this.second !== null) {
      this.block = this.second;
      this.second = null;
      return true;
    }
    if (!this.source.next()) return false;
    const [first, second] = targetBlocks(this.source.block, this.rowsBefore, this.rows);
    this.term = this.source.term;
    this.block = first;
    this.second = second === first ? null : second;
    return true;
  }
}
