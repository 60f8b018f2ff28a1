import assert from 'node:assert/strict';
import { KnownValues } from './known-values.js';

describe('known values of labels', () => {
  const found = (values: readonly string[], ...sources: number[]) => ({ values, sources: new Map(sources.map((source) => [source, Infinity])) });
  const sources = (...of: number[]): ReadonlySet<number> => new Set(of);

  it('are those of a tenant\'s label alone, and only where all that they are of is there', () => {
    const known = new KnownValues(1 << 20);
    known.keep('a', 'b"c', found(['x'], 1, 2));
    assert.deepEqual(known.of('a', 'b"c', sources(1, 2, 3)).values, ['x']);
    assert.deepEqual(known.of('a', 'b"c', sources(1, 3)).values, []);
    assert.deepEqual(known.of('a', 'b', sources(1, 2)).values, []);
    assert.deepEqual(known.of('a b"c', '', sources(1, 2)).values, []);
  });

  it('take no more than they may: those that were asked for last stay', () => {
    const many = Array.from({ length: 100 }, (_, i) => `value-${i}`);
    const known = new KnownValues(20_000);
    for (const name of ['a', 'b', 'c', 'd']) known.keep('t', name, found(many, 1));
    assert.equal(known.of('t', 'd', sources(1)).values, many);
    assert.deepEqual(known.of('t', 'a', sources(1)).values, []);
    assert.equal(known.of('t', 'b', sources(1)).values, many, 'asked for, so it is not the next to go');
    known.keep('t', 'e', found(many, 1));
    assert.equal(known.of('t', 'b', sources(1)).values, many);
    assert.deepEqual(known.of('t', 'c', sources(1)).values, []);
    known.keep('t', 'b', found(Array.from({ length: 1000 }, () => 'x'), 1));
    assert.deepEqual(known.of('t', 'b', sources(1)).values, [], 'too many to be kept');
    assert.equal(known.of('t', 'e', sources(1)).values, many);
  });
});
