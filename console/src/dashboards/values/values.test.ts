import assert from 'node:assert/strict';
import { reduce } from './reduce.js';
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
