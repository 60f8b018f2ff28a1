import assert from 'node:assert/strict';
import { readRefresh, refreshEveryMs } from './refresh.js';

const live = { from: 'now-1h', to: 'now' };

describe('asking anew', () => {
  const cases: readonly [refresh: string, ms: number | null][] = [['', null], ['off', null], ['5s', 5_000], ['1m', 60_000], ['2h', 7_200_000]];
  for (const [refresh, ms] of cases) it(`every ${refresh === '' ? 'never' : refresh}`, () => { assert.equal(refreshEveryMs(refresh, live), ms); });

  it('brings nothing new of a range that has ended', () => { assert.equal(refreshEveryMs('5s', { from: '1700000000000', to: '1700000060000' }), null); });

  it('is read from an address', () => {
    assert.equal(readRefresh('30s'), '30s');
    for (const text of [null, '', 'soon', '-5s', '5', '99999s']) assert.equal(readRefresh(text), '');
  });
});
