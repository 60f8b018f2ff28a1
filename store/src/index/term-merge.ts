/** Records (term, block) in ascending order. After `next()` answered true, `term` and `block` are the record's. */
export interface TermSource {
  readonly term: number;
  readonly block: number;
  next(): boolean;
}

/** The terms of one block. */
export class BlockSource implements TermSource {
  term = 0;
  private at = 0;

  constructor(private readonly terms: Uint32Array, readonly block: number) {}

  next(): boolean {
    if (this.at === this.terms.length) return false;
    this.term = this.terms[this.at++];
    return true;
  }
}

/** Merges sources into one, each record once. A binary heap of the sources by their current record. */
export class MergedTerms implements TermSource {
  term = -1;
  block = -1;
  private readonly heap: TermSource[];

  constructor(sources: readonly TermSource[]) {
    this.heap = sources.filter((source) => source.next());
    for (let i = (this.heap.length >> 1) - 1; i >= 0; i--) this.sink(i);
  }

  next(): boolean {
    const { heap } = this;
    while (heap.length > 0) {
      const top = heap[0];
      const { term, block } = top;
      if (!top.next()) {
        const last = heap.pop();
        if (heap.length > 0 && last) heap[0] = last;
      }
      if (heap.length > 1) this.sink(0);
      if (term === this.term && block === this.block) continue;
      this.term = term;
      this.block = block;
      return true;
    }
    return false;
  }

  private sink(from: number): void {
    const { heap } = this;
    const item = heap[from];
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child++;
      if (!before(heap[child], item)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = item;
  }
}

function before(a: TermSource, b: TermSource): boolean {
  return a.term < b.term || (a.term === b.term && a.block < b.block);
}
