import { strict as assert } from 'node:assert';
import { OutcomeTally } from './outcome.js';

describe('exporters/outcome', () => {
  it('counts what nobody spoke of as delivered', () => {
    assert.deepEqual(new OutcomeTally(3).outcome(), { kind: 'settled', delivered: 3, duplicate: 0, retry: { items: [] }, rejected: [] });
  });

  it('is retryable as a whole only where nothing else became of any item', () => {
    const tally = new OutcomeTally(2);
    tally.retry([0, 1], { reason: 'down', unknown: true });
    tally.retry([], { reason: 'later', afterMs: 5 });
    assert.deepEqual(tally.outcome(), { kind: 'retryable', reason: 'down', unknown: true, afterMs: 5 });
    tally.reject([1], 'bad');
    assert.deepEqual(tally.outcome(), { kind: 'settled', delivered: 0, duplicate: 0, retry: { items: [0], reason: 'down', unknown: true, afterMs: 5 }, rejected: [{ item: 1, reason: 'bad' }] });
  });

  it('gives each item one fate, so that the sum is always the batch', () => {
    const tally = new OutcomeTally(5);
    tally.duplicate([0, 1, 2, 2]);
    tally.retry([1, 3], { reason: 'r' });
    tally.reject([2, 3, 4, 4], 'x');
    tally.reject([4], 'y');
    tally.retry([4], { reason: 'z' });
    const outcome = tally.outcome();
    assert.equal(outcome.kind, 'settled');
    assert.equal(outcome.delivered + outcome.duplicate + outcome.retry.items.length + outcome.rejected.length, 5);
    assert.deepEqual(outcome.retry.items, [1]);
    assert.deepEqual(outcome.rejected.map(({ item, reason }) => [item, reason]), [[2, 'x'], [3, 'x'], [4, 'x']]);
    assert.equal(outcome.duplicate, 1);
  });
});
