import assert from 'node:assert/strict';
import { BLOCK_ROWS } from './block-terms.js';
import { MappedTerms } from './mapped-terms.js';
import { MergedBlocks } from './merged-blocks.js';
import { blockStarts } from './row-range.js';
import { MergedTerms, type TermSource } from './term-merge.js';

/** A file of blocks with so many rows; the n-th block has times from n + offset on. */
function file(rows: readonly number[], offset: number): { readonly starts: Uint32Array; readonly times: BigUint64Array } {
  return { starts: blockStarts(rows), times: BigUint64Array.from(rows.flatMap((_, block) => [BigInt(block + offset), BigInt(block + offset) + 5n])) };
}

class Listed implements TermSource {
  term = 0;
  block = 0;
  private at = 0;
  constructor(private readonly records: readonly (readonly [number, number])[]) {}
  next(): boolean {
    if (this.at === this.records.length) return false;
    [this.term, this.block] = this.records[this.at++];
    return true;
  }
}

describe('blocks of a merged file', () => {
  it('are those of its sources where these stay as they are', () => {
    const merged = new MergedBlocks();
    assert.deepEqual([...merged.append(file([BLOCK_ROWS, 10], 1)).first], [0, 1]);
    const targets = merged.append(file([BLOCK_ROWS, BLOCK_ROWS, 3], 7));
    assert.deepEqual([[...targets.first], [...targets.last]], [[2, 3, 4], [2, 3, 4]]);
    assert.deepEqual(merged.blocks.map(({ rows }) => rows), [BLOCK_ROWS, 10, BLOCK_ROWS, BLOCK_ROWS, 3]);
    assert.deepEqual(merged.blocks.map(({ minNs, maxNs }) => [minNs, maxNs]), [[1n, 6n], [2n, 7n], [7n, 12n], [8n, 13n], [9n, 14n]]);
  });

  it('are full where the rows are written anew, and each knows what may be in it', () => {
    const sources = [[100, BLOCK_ROWS, 5], [BLOCK_ROWS - 105], [1], [BLOCK_ROWS, BLOCK_ROWS, 7]];
    const merged = new MergedBlocks();
    let row = 0;
    for (const [i, rows] of sources.entries()) {
      const { first, last } = merged.spread(file(rows, i * 10));
      for (const [block, count] of rows.entries()) {
        assert.deepEqual([first[block], last[block]], [Math.floor(row / BLOCK_ROWS), Math.floor((row + count - 1) / BLOCK_ROWS)]);
        for (let target = first[block]; target <= last[block]; target++) {
          const { minNs, maxNs } = merged.blocks[target];
          assert.ok(minNs <= BigInt(i * 10 + block) && maxNs >= BigInt(i * 10 + block + 5));
        }
        row += count;
      }
    }
    const total = sources.flat().reduce((sum, rows) => sum + rows, 0);
    assert.deepEqual(merged.blocks.map(({ rows }) => rows), [...Array.from({ length: Math.floor(total / BLOCK_ROWS) }, () => BLOCK_ROWS), total % BLOCK_ROWS]);
  });

  it('get the terms of what lies in them, once each and in order', () => {
    const merged = new MergedBlocks();
    const a = new MappedTerms(new Listed([[3, 0], [3, 1], [9, 1]]), merged.spread(file([BLOCK_ROWS, 100], 0)));
    const b = new MappedTerms(new Listed([[3, 0], [5, 0]]), merged.spread(file([BLOCK_ROWS], 0)));
    const terms = new MergedTerms([a, b]);
    const records: [number, number][] = [];
    while (terms.next()) records.push([terms.term, terms.block]);
    assert.deepEqual(records, [[3, 0], [3, 1], [3, 2], [5, 1], [5, 2], [9, 1]]);
  });
});
