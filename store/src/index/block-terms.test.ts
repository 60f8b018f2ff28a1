import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BLOCK_ROWS, BlockTerms } from './block-terms.js';
import { TermSpace } from './term-space.js';

/** Terms of so many rows, as many each; the row's number makes most of them new. */
function termsOf(row: number, each: number, seed: number): number[] {
  return Array.from({ length: each }, (_, i) => Math.imul(i < 2 ? i + seed : row * 64 + i + seed, 0x9e3779b1) >>> 0);
}

describe('terms of blocks', () => {
  it('are those of the rows, ascending and once each, in memory that was used before', () => {
    const space = new TermSpace();
    fc.assert(fc.property(fc.array(fc.record({ rows: fc.integer({ min: 1, max: 2 * BLOCK_ROWS + 5 }), each: fc.integer({ min: 1, max: 20 }), seed: fc.nat(1000) }), { minLength: 1, maxLength: 3 }), (generations) => {
      const held = generations.map(({ rows, each, seed }) => {
        const terms = new BlockTerms(space);
        const expected: Set<number>[] = [];
        for (let row = 0; row < rows; row++) {
          if (row % BLOCK_ROWS === 0) expected.push(new Set());
          for (const term of termsOf(row, each, seed)) assert.equal(terms.add(term), !expected.at(-1)!.has(term || 1), 'says what is new in the block');
          for (const term of termsOf(row, each, seed)) expected.at(-1)!.add(term || 1);
          terms.endRow(0, row);
        }
        return { terms, expected };
      });
      // All of them are filled before one is looked at: none took another's memory.
      for (const { terms, expected } of held) {
        assert.deepEqual(terms.finish().map((block) => [...block.terms]), expected.map((block) => [...block].sort((a, b) => a - b)));
        terms.release();
        assert.deepEqual(terms.closed, []);
      }
    }), { numRuns: 12 });
  });
});
