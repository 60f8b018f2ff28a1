import assert from 'node:assert/strict';
import type { Side } from '../buckets.js';
import { GrowingSide } from './growing-side.js';

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomSide(next: (below: number) => number): Side {
  const buckets = new Map(Array.from({ length: next(12) }, () => [next(40) - 20, 1 + next(9)] as const));
  const sorted = [...buckets].sort(([a], [b]) => a - b);
  return { offsets: Int32Array.from(sorted, ([index]) => index), counts: Float64Array.from(sorted, ([, count]) => count) };
}

function plain({ offsets, counts }: Side): [number, number][] {
  return Array.from(offsets, (index, i) => [index, counts[i] as number]);
}

/** What a side holds, said as plainly as can be; empty buckets are left out. */
function sorted(counts: ReadonlyMap<number, number>): [number, number][] {
  return [...counts].filter(([, count]) => count !== 0).sort(([a], [b]) => a - b);
}

describe('one side of a sum of histograms', () => {
  it('holds what adding each bucket by its index holds', () => {
    const next = numbers(5);
    for (let run = 0; run < 500; run++) {
      const first = randomSide(next);
      const side = new GrowingSide(first);
      const expected = new Map(plain(first));
      for (let i = next(6); i >= 0; i--) {
        const added = randomSide(next);
        const from = next(added.offsets.length + 1);
        const factor = next(3) - 1;
        side.add(added, from, factor);
        for (const [index, count] of plain(added).slice(from)) expected.set(index, (expected.get(index) ?? 0) + count * factor);
      }
      assert.deepEqual(plain(side.value(1)), sorted(expected), `run ${run}`);
    }
  });

  it('joins neighbours under equal indexes, and leaves out the first', () => {
    const next = numbers(6);
    for (let run = 0; run < 200; run++) {
      const side = new GrowingSide(randomSide(next));
      side.add(randomSide(next), 0, 1);
      const before = plain(side.view);
      const gone = next(before.length + 1);
      side.dropFirst(gone);
      side.reindex((index) => Math.floor(index / 2));
      side.scale(3);
      const expected = new Map<number, number>();
      for (const [index, count] of before.slice(gone)) expected.set(Math.floor(index / 2), (expected.get(Math.floor(index / 2)) ?? 0) + count * 3);
      assert.deepEqual(plain(side.value(1)), sorted(expected), `run ${run}`);
    }
  });

  it('keeps what rounding would take', () => {
    const one = (count: number): Side => ({ offsets: Int32Array.of(7), counts: Float64Array.of(count) });
    const side = new GrowingSide(one(1e16));
    for (let i = 0; i < 1000; i++) side.add(one(1), 0, 1);
    side.add(one(1e16), 0, -1);
    assert.deepEqual(plain(side.value(1)), [[7, 1000]]);
    assert.deepEqual(plain(side.value(4)), [[7, 250]]);
  });
});
