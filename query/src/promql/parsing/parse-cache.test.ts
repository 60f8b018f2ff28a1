import assert from 'node:assert/strict';
import { PromQLParseError } from '../error.js';
import { ParseCache } from './parse-cache.js';
import { parsePromQL } from './parse.js';

describe('the cache of parsed queries', () => {
  it('answers what the parser does, and the same expression again', () => {
    const cache = new ParseCache();
    const query = 'sum by (job) (rate(x_total{a=~"b.*"}[5m])) > 2';
    const expr = cache.parse(query);
    assert.deepEqual(expr, parsePromQL(query));
    assert.equal(cache.parse(query), expr);
  });

  it('says each time what is wrong', () => {
    const cache = new ParseCache();
    for (let i = 0; i < 2; i++) assert.throws(() => cache.parse('sum(rate(x[5m])'), PromQLParseError);
  });

  it('keeps those that were asked last, and none that is very long', () => {
    const cache = new ParseCache();
    const text = (i: number): string => `x${i}${'y'.repeat(3000)}`;
    const [first, second] = [cache.parse(text(0)), cache.parse(text(1))];
    for (let i = 2; i < 200; i++) {
      cache.parse(text(i));
      assert.equal(cache.parse(text(0)), first);
    }
    assert.notEqual(cache.parse(text(1)), second);
    const long = `x${'y'.repeat(100_000)}`;
    assert.notEqual(cache.parse(long), cache.parse(long));
  });
});
