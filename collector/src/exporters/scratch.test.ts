import assert from 'node:assert/strict';
import { Scratch } from './scratch.js';

describe('exporters/scratch', () => {
  it('gives out what was given back, and nothing twice', () => {
    const scratch = new Scratch();
    const first = scratch.take(1000);
    const second = scratch.take(1000);
    assert.ok(first.length >= 1000 && second.length >= 1000);
    assert.notEqual(first.buffer, second.buffer);
    scratch.give(first);
    assert.equal(scratch.take(900), first);
    assert.notEqual(scratch.take(900), first);
  });

  it('makes a larger piece where none is large enough, and keeps no huge ones', () => {
    const scratch = new Scratch();
    scratch.give(scratch.take(100));
    const large = scratch.take(5000);
    assert.ok(large.length >= 5000);
    scratch.give(large);
    assert.equal(scratch.take(5000), large);
    const huge = scratch.take(20 << 20);
    scratch.give(huge);
    assert.notEqual(scratch.take(20 << 20), huge);
  });
});
