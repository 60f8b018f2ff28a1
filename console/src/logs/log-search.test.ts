import assert from 'node:assert/strict';
import { everything, logsHref, readLogSearch, withFilter, withMatcher } from './log-search.js';
import type { LogSearch } from './log-search.js';

describe('address of a log search', () => {
  it('carries the whole search', () => {
    const search: LogSearch = { query: '{service_name="a"} |= "x&y"', range: { from: '1', to: '2' }, limit: 1_000, direction: 'forward', refresh: '5s' };
    assert.deepEqual(readLogSearch(new URLSearchParams(logsHref(search).split('?')[1])), search);
  });
  it('takes the usual for what it cannot read', () => {
    assert.deepEqual(readLogSearch(new URLSearchParams('limit=3&direction=odd')), { query: everything, range: { from: 'now-1h', to: 'now' }, limit: 500, direction: 'backward', refresh: '' });
  });
});

describe('narrowing a LogQL query by a label', () => {
  const cases: readonly [query: string, label: string, value: string, result: string][] = [
    [everything, 'service_name', 'orders', '{service_name="orders"}'],
    [everything, 'severity', 'error', '{severity="error"}'],
    ['{service_name="a"} |= "x"', 'severity', 'error', '{service_name="a", severity="error"} |= "x"'],
    ['{service_name="a", severity="info"}', 'service_name', 'b', '{severity="info", service_name="b"}'],
    ['{path="a,}b"} |~ "}"', 'k', 'v', '{path="a,}b", k="v"} |~ "}"'],
    ['|= "x"', 'k', 'v', '{k="v"} |= "x"'],
    ['{}', 'k', 'a"b\\', '{k="a\\"b\\\\"}'],
  ];
  for (const [query, label, value, result] of cases) it(`${query} + ${label} → ${result}`, () => { assert.equal(withMatcher(query, label, value), result); });
});

describe('narrowing a LogQL query by what a line carries', () => {
  it('puts a filter behind it, once', () => {
    const query = withFilter('{service_name="a"} |= "x"', 'order_id', 'a"b');
    assert.equal(query, '{service_name="a"} |= "x" | order_id="a\\"b"');
    assert.equal(withFilter(query, 'order_id', 'a"b'), query);
  });
});
