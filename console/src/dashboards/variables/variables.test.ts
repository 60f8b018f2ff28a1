import assert from 'node:assert/strict';
import { interpolate, promDuration } from './interpolate.js';
import { intervalOf, parseStep } from './interval.js';
import { ALL, chosenValues, offeredValues, parseLabelValues, readVariable } from './variables.js';
import type { Choice, Variable } from './variables.js';

const variable = (more: Partial<Variable> = {}): Variable => ({ name: 'service', label: 'Service', source: { kind: 'fixed', values: [] }, multi: true, includeAll: true, allValue: '', current: [], hidden: false, ...more });
const choice = (chosen: readonly string[], more: Partial<Variable> = {}, options: readonly string[] = ['a', 'b', 'c.d']): Choice => ({ variable: variable(more), chosen, options });
const interval = { fromMs: 0, toMs: 1_800_000, stepMs: 15_000, rateMs: 60_000 };

describe('variables of a dashboard', () => {
  const queries: readonly [query: string, read: ReturnType<typeof parseLabelValues>][] = [
    ['label_values(job)', { match: '', label: 'job' }],
    ['label_values(http_requests_total, job)', { match: 'http_requests_total', label: 'job' }],
    [' label_values( up{a="x,y", b=~"$z"} , instance ) ', { match: 'up{a="x,y", b=~"$z"}', label: 'instance' }],
    ['label_values({__name__=~"a|b"}, service.name)', { match: '{__name__=~"a|b"}', label: 'service.name' }],
    ['query_result(up)', null],
    ['label_names()', null],
    ['label_values(up{a="x,job"})', null],
  ];
  for (const [query, read] of queries) it(`reads ${query}`, () => { assert.deepEqual(parseLabelValues(query), read); });

  it('reads Grafana’s JSON, with the query as text or as an object', () => {
    for (const query of ['label_values(up, job)', { query: 'label_values(up, job)', refId: 'x' }]) {
      const read = readVariable({ type: 'query', name: 'service', label: 'Service', query, multi: true, includeAll: true, allValue: '.+', current: { text: ['All'], value: ['$__all'] }, sort: 1, regex: '' });
      assert.deepEqual(read, variable({ source: { kind: 'values', match: 'up', label: 'job', regex: '', descending: false }, allValue: '.+', current: [ALL] }));
    }
  });

  it('leaves the choice of a data source out and says what it cannot fill', () => {
    assert.equal(readVariable({ type: 'datasource', name: 'ds' }), null);
    assert.equal(readVariable({ type: 'adhoc', name: 'x' })?.source.kind, 'none');
    assert.equal(readVariable({ type: 'query', name: 'x', query: 'metrics(a.*)' })?.source.kind, 'none');
    assert.deepEqual(readVariable({ type: 'custom', name: 'x', query: 'a, b' })?.source, { kind: 'fixed', values: ['a', 'b'] });
  });

  it('offers values sorted, each once, and filtered', () => {
    assert.deepEqual(offeredValues(['b', 'a', 'b'], '', false), ['a', 'b']);
    assert.deepEqual(offeredValues(['a', 'b'], '', true), ['b', 'a']);
    assert.deepEqual(offeredValues(['shop-a', 'shop-b', 'x'], '/^shop-(.*)$/', false), ['a', 'b']);
    assert.deepEqual(offeredValues(['a'], '/(/', false), ['a']);
  });

  it('chooses by the address, then by the dashboard, then all or the first', () => {
    assert.deepEqual(chosenValues(variable({ current: ['a'] }), ['b'], ['a', 'b']), ['b']);
    assert.deepEqual(chosenValues(variable({ current: ['a'] }), [], ['a', 'b']), ['a']);
    assert.deepEqual(chosenValues(variable({ current: ['gone'] }), [], ['a', 'b']), [ALL]);
    assert.deepEqual(chosenValues(variable({ includeAll: false }), [], ['a', 'b']), ['a']);
    assert.deepEqual(chosenValues(variable({ multi: false, includeAll: false }), ['b', 'a'], ['a', 'b']), ['b']);
    assert.deepEqual(chosenValues(variable(), ['a', ALL], ['a']), [ALL]);
  });
});

describe('variables within queries', () => {
  const cases: readonly [text: string, choices: readonly Choice[], result: string][] = [
    ['up{job=~"$service"}', [choice(['a'])], 'up{job=~"a"}'],
    ['up{job=~"${service}"}', [choice(['a', 'b'])], 'up{job=~"(a|b)"}'],
    ['up{job=~"[[service]]"}', [choice([ALL])], 'up{job=~"(a|b|c\\\\.d)"}'],
    ['up{job=~"$service"}', [choice([ALL], { allValue: '.+' })], 'up{job=~".+"}'],
    ['up{job="$service"}', [choice(['c.d"'], { multi: false, includeAll: false })], 'up{job="c.d\\""}'],
    ['${service:regex} ${service:pipe} ${service:csv} ${service:raw}', [choice(['a', 'c.d'])], '(a|c\\\\.d) a|c.d a,c.d a,c.d'],
    ['rate(x[$__rate_interval]) $__interval ${__interval_ms} $__range $__range_s', [], 'rate(x[1m]) 15s 15000 30m 1800'],
    ['$unknown stays, $service2 too', [choice(['a'])], '$unknown stays, $service2 too'],
    ['label_replace(x, "a", "$1", "b", "(.*)")', [choice(['a'])], 'label_replace(x, "a", "$1", "b", "(.*)")'],
    ['$service', [choice(['$&'])], '\\\\$&'],
  ];
  for (const [text, choices, result] of cases) it(`${text} → ${result}`, () => { assert.equal(interpolate(text, choices, interval), result); });

  it('writes durations in the largest unit that divides them', () => {
    assert.deepEqual([15_000, 60_000, 90_000, 3_600_000, 86_400_000, 250].map(promDuration), ['15s', '1m', '90s', '1h', '1d', '250ms']);
  });
});

describe('interval of a panel', () => {
  it('is round, no shorter than the samples are apart, and lets four of them into a rate', () => {
    assert.deepEqual(intervalOf(1_000_003, 2_800_003, 500, 15_000), { fromMs: 990_000, toMs: 2_790_000, stepMs: 15_000, rateMs: 60_000 });
    assert.equal(intervalOf(0, 86_400_000, 500, 15_000).stepMs, 300_000);
    assert.equal(intervalOf(0, 86_400_000, 500, 15_000).rateMs, 315_000);
    assert.equal(intervalOf(0, 20 * 365 * 86_400_000, 10, 15_000).stepMs % 86_400_000, 0);
  });

  it('never gives more points than asked, by much', () => {
    for (const hours of [1, 5, 30, 200, 5_000]) {
      const { fromMs, toMs, stepMs } = intervalOf(0, hours * 3_600_000, 300, 1_000);
      assert.ok((toMs - fromMs) / stepMs <= 300);
    }
  });

  it('reads steps', () => { assert.deepEqual(['15s', '>1m', '500ms', '', 'x', '1.5s'].map(parseStep), [15_000, 60_000, 500, null, null, null]); });
});
