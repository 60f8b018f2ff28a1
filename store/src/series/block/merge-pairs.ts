import type { Turn } from '../../duckdb/turn.js';
import type { BlockIndex } from './block-index.js';
import type { SortedPairs } from './block-writer.js';

export interface MergedPairs {
  readonly pairs: SortedPairs;
  /** Per index: its pairs' numbers among the merged ones. They ascend as the pairs do, so that the order of series stays. */
  readonly numbers: readonly Uint32Array[];
}

/** The pairs of several indexes as one sorted row. */
export async function mergePairs(indexes: readonly BlockIndex[], turn: Turn): Promise<MergedPairs> {
  const names = [...new Set(indexes.flatMap((index) => index.names))].sort();
  const counts: number[] = [];
  const values: string[] = [];
  const numbers = indexes.map((index) => new Uint32Array(index.pairCount));
  for (const name of names) {
    const before = values.length;
    const rows = indexes.map((index) => {
      const nameId = index.nameId(name);
      const { namePairs } = index.columns;
      return nameId < 0 ? { next: 0, end: 0 } : { next: namePairs[nameId], end: namePairs[nameId + 1] };
    });
    for (;;) {
      let least: string | null = null;
      for (const [i, { next, end }] of rows.entries()) {
        if (next === end) continue;
        const value = indexes[i].value(next);
        if (least === null || value < least) least = value;
      }
      if (least === null) break;
      for (const [i, row] of rows.entries()) if (row.next < row.end && indexes[i].value(row.next) === least) numbers[i][row.next++] = values.length;
      values.push(least);
      if (turn.due) await turn.give();
    }
    counts.push(values.length - before);
  }
  return { pairs: { names, counts, values }, numbers };
}
