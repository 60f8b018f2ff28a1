import assert from 'node:assert/strict';
import { formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  const read: readonly [text: string, ns: number | null][] = [
    ['100ms', 1e8], ['1.5s', 1.5e9], ['250us', 250e3], ['250µs', 250e3], ['2m30s', 1.5e11], ['1h', 3.6e12], [' 5 s ', 5e9], ['12ns', 12],
    ['5', null], ['', null], ['fast', null], ['-1s', null], ['1s2', null], ['1,5s', null],
  ];
  for (const [text, ns] of read) it(`reads ${JSON.stringify(text)}`, () => { assert.equal(parseDuration(text), ns); });

  const written: readonly [ns: number, text: string][] = [
    [0, '0'], [840, '840 ns'], [1_234, '1.23 µs'], [12_345, '12.3 µs'], [999_600, '1 ms'], [4_560_000, '4.56 ms'], [123_456_789, '123 ms'], [999_600_000, '1 s'],
    [1_200_000_000, '1.2 s'], [59_990_000_000, '1 m'], [200_000_000_000, '3 m 20 s'], [3_600_000_000_000, '1 h'], [5_400_000_000_000, '1 h 30 m'], [-5_000_000, '-5 ms'], [NaN, '–'],
  ];
  for (const [ns, text] of written) it(`writes ${ns} as ${text}`, () => { assert.equal(formatDuration(ns), text); });
});
