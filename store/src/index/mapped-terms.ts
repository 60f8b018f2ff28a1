import type { TermSource } from './term-merge.js';

/** For each block of a source, the first and the last block of a merged file that its rows lie in. */
export interface BlockTargets {
  readonly first: Uint32Array;
  /** The same as `first`, or the one behind it where the source's block straddles a border. */
  readonly last: Uint32Array;
}

/** The terms of a file whose blocks have become others in a merged file. A term may be said of a neighbouring block too. */
export class MappedTerms implements TermSource {
  term = 0;
  block = 0;
  private second = -1;

  constructor(private readonly source: TermSource, private readonly targets: BlockTargets) {}

  next(): boolean {
    if (this.second >= 0) {
      this.block = this.second;
      this.second = -1;
      return true;
    }
    const { source, targets } = this;
    if (!source.next()) return false;
    this.term = source.term;
    this.block = targets.first[source.block];
    const last = targets.last[source.block];
    if (last !== this.block) this.second = last;
    return true;
  }
}
