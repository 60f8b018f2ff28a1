import assert from 'node:assert/strict';
import { align, stack } from './align.js';
import { legendText } from './legend.js';
import { reduce } from './reduce.js';
import { makeTable } from './table.js';
import type { Frame } from './table.js';
import { thresholdColour } from './thresholds.js';
import { formatValue } from './units.js';

describe('units', () => {
  const cases: readonly [value: number, unit: string, decimals: number | null, text: string][] = [
    [0.0123, 's', null, '12.3 ms'], [2.5, 's', null, '2.5 s'], [1500, 'ms', null, '1.5 s'], [18.04, 'reqps', null, '18 req/s'], [1234, 'reqps', null, '1.23K req/s'],
    [0.0123, 'percentunit', null, '1.23 %'], [0.5, 'percentunit', 1, '50.0 %'], [12, 'percent', null, '12 %'], [1_500_000, 'short', null, '1.5 M'], [999, 'short', null, '999'],
    [1536, 'bytes', null, '1.5 KiB'], [1500, 'decbytes', null, '1.5 kB'], [5_368_709_120, 'bytes', null, '5 GiB'], [0, 'bytes', null, '0 B'],
    [0.000123, '', null, '0.00012'], [1e-9, '', null, '1.0e-9'], [3.14159, 'none', 2, '3.14'], [NaN, 's', null, '–'], [Infinity, 's', null, '∞'], [-Infinity, '', null, '−∞'], [7, 'parsec', null, '7'],
  ];
  for (const [value, unit, decimals, text] of cases) it(`${value} in ${JSON.stringify(unit)} is ${text}`, () => { assert.equal(formatValue(value, unit, decimals), text); });
});

describe('legends', () => {
  const cases: readonly [template: string, labels: Record<string, string>, text: string][] = [
    ['{{job}}', { job: 'a' }, 'a'], ['{{ job }} → {{route}}', { job: 'a', route: '/x' }, 'a → /x'], ['{{missing}}!', {}, '!'], ['p95', { job: 'a' }, 'p95'],
    ['', { __name__: 'up', job: 'a', i: 'b' }, 'up{job="a", i="b"}'], ['', {}, 'expr'], ['', { __name__: 'up' }, 'up'], ['__auto', { job: 'a' }, 'a'], ['__auto', { a: '1', b: '2' }, '{a="1", b="2"}'],
  ];
  for (const [template, labels, text] of cases) it(`${JSON.stringify(template)} with ${JSON.stringify(labels)} is ${text}`, () => { assert.equal(legendText(template, labels, 'expr'), text); });
});

describe('calculations', () => {
  const cases: readonly [calc: string, values: readonly number[], result: number][] = [
    ['lastNotNull', [1, 2, NaN], 2], ['last', [1, NaN], NaN], ['mean', [1, NaN, 3], 2], ['max', [NaN, 1, 5, 2], 5], ['min', [3, 1, NaN], 1], ['sum', [1, 2], 3], ['sum', [], NaN],
    ['range', [1, 4], 3], ['count', [1, 2], 2], ['firstNotNull', [NaN, 7], 7], ['odd', [1, 2], 2], ['lastNotNull', [], NaN],
  ];
  for (const [calc, values, result] of cases) it(`${calc} of ${JSON.stringify(values)}`, () => { assert.equal(reduce(calc, values), result); });
});

describe('thresholds', () => {
  const steps = [{ from: -Infinity, colour: 'green' }, { from: 0.01, colour: 'orange' }, { from: 0.05, colour: '#aa0000' }];
  it('colour a value by the highest step it has reached', () => {
    assert.deepEqual([0, 0.01, 0.04, 7].map((value) => thresholdColour(value, steps)), ['var(--ok)', 'var(--warn)', 'var(--warn)', '#aa0000']);
    assert.equal(thresholdColour(1, []), 'var(--text)');
  });
  it('take no colour that is none', () => { assert.equal(thresholdColour(1, [{ from: 0, colour: 'url(x)' }]), 'var(--text)'); });
});

describe('series on one axis', () => {
  it('have nulls where they have no value, and none beyond numbers', () => {
    const aligned = align([{ points: [[0, 1], [20, NaN], [30, 4]] }, { points: [[10, 5]] }], 0, 30, 10);
    assert.deepEqual(aligned, { times: [0, 0.01, 0.02, 0.03], values: [[1, null, null, 4], [null, 5, null, null]] });
  });
  it('stand on one another when stacked', () => {
    assert.deepEqual(stack([[1, null, 3], [1, 2, null], [1, 1, 1]]), [[1, null, 3], [2, 2, null], [3, 3, 4]]);
  });
});

describe('tables', () => {
  const frames: readonly Frame[] = [
    { refId: 'A', rows: [{ labels: { job: 'a', route: '/x' }, ms: 1, value: 5 }, { labels: { job: 'b', route: '/y' }, ms: 1, value: 9 }] },
    { refId: 'B', rows: [{ labels: { route: '/x', job: 'a' }, ms: 1, value: 0.5 }] },
  ];
  const plain = { merge: true, organize: { hidden: new Set<string>(), order: new Map<string, number>(), names: new Map<string, string>() }, sort: null };

  it('merge the answers of several queries by their labels', () => {
    const table = makeTable(frames, plain);
    assert.deepEqual(table.columns, ['Time', 'job', 'route', 'Value #A', 'Value #B']);
    assert.deepEqual(table.rows, [[1, 'a', '/x', 5, 0.5], [1, 'b', '/y', 9, undefined]]);
  });

  it('show the first query alone where nothing merges them', () => {
    assert.deepEqual(makeTable(frames, { ...plain, merge: false }).rows.length, 2);
    assert.ok(!makeTable(frames, { ...plain, merge: false }).columns.includes('Value #B'));
  });

  it('hide, order and rename columns, and sort with what is missing last', () => {
    const table = makeTable(frames, {
      merge: true, sort: { column: 'Share', descending: true },
      organize: { hidden: new Set(['Time']), order: new Map([['Value #B', 0], ['job', 1]]), names: new Map([['Value #B', 'Share']]) },
    });
    assert.deepEqual(table.columns, ['Share', 'job', 'route', 'Value #A']);
    assert.deepEqual(table.rows, [[0.5, 'a', '/x', 5], [undefined, 'b', '/y', 9]]);
  });

  it('are empty without rows', () => { assert.deepEqual(makeTable([{ refId: 'A', rows: [] }], plain), { columns: ['Time', 'Value'], rows: [] }); });
});
