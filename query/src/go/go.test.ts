import assert from 'node:assert/strict';
import { formatGoDuration, parseGoDuration } from './duration.js';
import { goQuote, parseGoBool, parseGoFloat, parseGoInt, parseGoUint } from './strconv.js';

describe('Go durations', () => {
  const cases: readonly [text: string, ns: bigint, shown: string][] = [
    ['0', 0n, '0s'], ['1ns', 1n, '1ns'], ['1.5us', 1500n, '1.5µs'], ['20ms', 20_000_000n, '20ms'], ['1.5s', 1_500_000_000n, '1.5s'],
    ['90s', 90_000_000_000n, '1m30s'], ['-2h', -7_200_000_000_000n, '-2h0m0s'], ['.5m', 30_000_000_000n, '30s'], ['1h1ns', 3_600_000_000_001n, '1h0m0.000000001s'],
  ];
  for (const [text, ns, shown] of cases) {
    it(`reads and writes ${text}`, () => {
      assert.equal(parseGoDuration(text), ns);
      assert.equal(formatGoDuration(ns), shown);
    });
  }
  it('refuses with the texts of Go', () => {
    assert.throws(() => parseGoDuration('5'), { message: 'time: missing unit in duration "5"' });
    assert.throws(() => parseGoDuration('5x'), { message: 'time: unknown unit "x" in duration "5x"' });
    assert.throws(() => parseGoDuration(''), { message: 'time: invalid duration ""' });
    assert.throws(() => parseGoDuration('.s'), { message: 'time: invalid duration ".s"' });
    assert.throws(() => parseGoDuration('99999999h'), { message: 'time: invalid duration "99999999h"' });
  });
});

describe('Go numbers', () => {
  it('are read within their width', () => {
    assert.equal(parseGoInt('-12'), -12n);
    assert.throws(() => parseGoInt('1x'), { message: 'strconv.ParseInt: parsing "1x": invalid syntax' });
    assert.throws(() => parseGoInt('99999999999', 32), { message: 'strconv.ParseInt: parsing "99999999999": value out of range' });
    assert.throws(() => parseGoUint('-1'), { message: 'strconv.ParseUint: parsing "-1": invalid syntax' });
    assert.equal(parseGoUint('4294967295', 32), 4294967295n);
    assert.throws(() => parseGoUint('4294967296', 32), /out of range/);
    assert.equal(parseGoFloat('1.5e3'), 1500);
    assert.equal(parseGoFloat('-Inf'), -Infinity);
    assert.throws(() => parseGoFloat('abc'), /invalid syntax/);
    assert.throws(() => parseGoFloat('1e999'), /out of range/);
    assert.equal(parseGoBool('T'), true);
    assert.throws(() => parseGoBool('yes'), /invalid syntax/);
    assert.equal(goQuote('a"\n\\ż'), '"a\\"\\n\\\\ż"');
  });
});
