import assert from 'node:assert/strict';
import { exploreHref, firstQuery, readExplore, unitOf } from './explore-query.js';
import type { ExploreQuery } from './explore-query.js';

describe('exploring metrics', () => {
  it('keeps the whole question in the address', () => {
    const query: ExploreQuery = { expr: 'sum by (job) (rate(x_total{a="b&c"}[$__rate_interval]))', range: { from: 'now-6h', to: 'now' }, shape: 'table', refresh: '10s' };
    assert.deepEqual(readExplore(new URLSearchParams(exploreHref(query).split('?')[1])), query);
    assert.equal(exploreHref({}), '/explore');
    assert.deepEqual(readExplore(new URLSearchParams('shape=odd&from=x&refresh=soon')), { expr: '', range: { from: 'now-1h', to: 'now' }, shape: 'graph', refresh: '' });
  });

  const first: readonly [metric: string, type: string, query: string][] = [
    ['process_resident_memory_bytes', 'gauge', 'process_resident_memory_bytes'],
    ['checkouts_total', 'counter', 'sum by (job) (rate(checkouts_total[$__rate_interval]))'],
    ['checkout_duration_seconds_bucket', 'histogram', 'histogram_quantile(0.95, sum by (le, job) (rate(checkout_duration_seconds_bucket[$__rate_interval])))'],
    ['checkout_duration_seconds_count', 'histogram', 'sum by (job) (rate(checkout_duration_seconds_count[$__rate_interval]))'],
    ['checkouts.done', 'counter', 'sum by (job) (rate({"checkouts.done"}[$__rate_interval]))'],
    ['оплаты', '', '{"оплаты"}'],
  ];
  for (const [metric, type, query] of first) it(`begins with ${query}`, () => { assert.equal(firstQuery(metric, type), query); });

  const units: readonly [expr: string, unit: string][] = [
    ['process_resident_memory_bytes{job="a"}', 'bytes'], ['max by (job) (lag_seconds)', 's'], ['cpu_ratio', 'percentunit'],
    ['histogram_quantile(0.9, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))', 's'],
    ['rate(process_cpu_seconds_total[5m])', ''], ['sum(rate(x_bytes_total[1m]))', ''], ['a_seconds / b_seconds', ''], ['a_seconds + b_bytes', ''], ['up', ''],
  ];
  for (const [expr, unit] of units) it(`knows the unit of ${expr}`, () => { assert.equal(unitOf(expr), unit); });
});
