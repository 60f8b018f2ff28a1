import assert from 'node:assert/strict';
import { conditionsOfChoices, conditionsOfLabels, joined } from './trace-conditions.js';
import { waysFrom } from './ways.js';
import { toTraceQl } from '../../traces/trace-ql.js';
import { emptySearch, readSearch } from '../../traces/search.js';
import { ALL } from '../variables/variables.js';
import type { Choice } from '../variables/variables.js';

const known = ['orders', 'team/checkout', 'storefront'];
const range = { from: 'now-30m', to: 'now' };

describe('ways from a number', () => {
  it('find the service in a job, with or without its namespace', () => {
    assert.deepEqual(conditionsOfLabels({ job: 'shop/orders' }, known), { service: 'orders' });
    assert.deepEqual(conditionsOfLabels({ job: 'shop/team/checkout' }, known), { service: 'team/checkout' });
    assert.deepEqual(conditionsOfLabels({ job: 'team/checkout' }, known), { service: 'team/checkout' });
    assert.deepEqual(conditionsOfLabels({ job: 'shop/unheard-of' }, known), { service: 'unheard-of' });
    assert.deepEqual(conditionsOfLabels({ service_name: 'a/b', job: 'shop/orders' }, known), { service: 'a/b' });
    assert.deepEqual(conditionsOfLabels({ le: '0.5', quantile: '0.9' }, known), {});
  });

  it('take over what spans say too', () => {
    assert.deepEqual(conditionsOfLabels({ job: 'storefront', http_request_method: 'POST', http_route: '/checkout' }, known), { service: 'storefront', tags: 'http.request.method=POST http.route=/checkout' });
    assert.deepEqual(conditionsOfLabels({ job: 'orders', http_request_method: 'RPC', http_route: 'shop.Orders/PlaceOrder' }, known), { service: 'orders', tags: 'rpc.service=shop.Orders rpc.method=PlaceOrder' });
    assert.deepEqual(conditionsOfLabels({ service_name: 'orders', span_name: 'GET /a b', span_kind: 'SPAN_KIND_SERVER' }, known), { service: 'orders', operation: 'GET /a b', tags: 'span.kind=server' });
    assert.deepEqual(conditionsOfLabels({ server_address: '127.0.0.1', server_port: '5432', db_operation_name: 'SELECT' }, known), { tags: 'server.address=127.0.0.1 server.port=5432' });
  });

  const choice = (chosen: readonly string[], label = 'job'): Choice => ({
    variable: { name: 'service', label: 'Service', source: { kind: 'values', match: '', label, regex: '', descending: false }, multi: true, includeAll: true, allValue: '.+', current: [], hidden: false }, chosen, options: chosen,
  });

  it('keep to the services that are chosen', () => {
    assert.deepEqual(conditionsOfChoices([choice([ALL])], known), {});
    assert.deepEqual(conditionsOfChoices([choice(['shop/orders'])], known), { service: 'orders' });
    assert.deepEqual(conditionsOfChoices([choice(['region-1'], 'region')], known), {});
    const several = conditionsOfChoices([choice(['shop/orders', 'shop/a.b'])], known);
    assert.deepEqual(toTraceQl({ ...emptySearch, ...several }), { query: '{ resource.service.name =~ "orders|a\\\\.b" }' });
    assert.deepEqual(joined(several, { service: 'orders', tags: 'http.route=/x' }), { service: 'orders', tags: 'http.route=/x' });
    assert.deepEqual(joined({ service: 'orders' }, { tags: 'http.route=/x' }), { service: 'orders', tags: 'http.route=/x' });
  });

  it('lead to failed traces, to all, and to lines', () => {
    const ways = waysFrom({ conditions: { service: 'storefront', tags: 'http.route=/checkout' }, range }, 0.03, 'percentunit');
    assert.deepEqual(ways.map(({ label }) => label), ['Failed traces', 'All traces', 'Log lines']);
    assert.equal(ways[0]?.href, '/traces?service=storefront&tags=http.route%3D%2Fcheckout&errors=1&from=now-30m&to=now');
    assert.match(decodeURIComponent(ways[2]?.href ?? ''), /^\/logs\?query=\{service_name="storefront"\}&from=now-30m&to=now$/);
  });

  const durations: readonly [value: number, unit: string, label: string, min: string][] = [[0.9126, 's', 'Traces of 912 ms and longer', '912ms'], [1.3377, 's', 'Traces of 1.33 s and longer', '1330ms'], [12.5, 'ms', 'Traces of 12.5 ms and longer', '12.5ms'], [0.0000421, 's', 'Traces of 42.1 µs and longer', '42.1us']];
  for (const [value, unit, label, min] of durations) it(`lead from ${value} ${unit} to those that took longer`, () => {
    const way = waysFrom({ conditions: {}, range }, value, unit)[0];
    assert.equal(way?.label, label);
    const search = readSearch(new URLSearchParams(way.href.slice(way.href.indexOf('?'))));
    assert.equal(search.min, min);
    assert.equal(search.order, 'longest');
    assert.ok('query' in toTraceQl(search));
  });

  it('make no duration of what is none', () => {
    for (const [value, unit] of [[NaN, 's'], [0, 's'], [12, 'reqps'], [-1, 'ms']] as const) assert.equal(waysFrom({ conditions: {}, range }, value, unit)[0]?.label, 'Failed traces');
  });
});
