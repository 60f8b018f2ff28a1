import assert from 'node:assert/strict';
import { parseUrlQuery } from './url-query.js';

describe('queries as Go reads them', () => {
  const cases: readonly [text: string, pairs: [string, string][], error: string | null][] = [
    ['', [], null],
    ['a=1&b=x+y%2B&a=%C5%BC', [['a', '1'], ['b', 'x y+'], ['a', 'ż']], null],
    ['a=%zz&b=1', [['b', '1']], 'invalid URL escape "%zz"'],
    ['a=1&b=%', [['a', '1']], 'invalid URL escape "%"'],
    ['%e=1&c=2', [['c', '2']], 'invalid URL escape "%e"'],
    ['a=1;b=2&c=3', [['c', '3']], 'invalid semicolon separator in query'],
    ['a=%z1&b=1;2', [], 'invalid semicolon separator in query'],
  ];
  for (const [text, pairs, error] of cases) {
    it(JSON.stringify(text), () => {
      const read = parseUrlQuery(text);
      assert.deepEqual([[...read.params], read.error], [pairs, error]);
    });
  }
});
