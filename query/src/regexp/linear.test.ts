import assert from 'node:assert/strict';
import { RegexpError, anchoredRegexp, searchRegexp } from './linear.js';

describe('regular expressions from outside', () => {
  it('are anchored for labels, with . over newlines', () => {
    assert.equal(anchoredRegexp('a.c')('abc'), true);
    assert.equal(anchoredRegexp('a.c')('xabc'), false);
    assert.equal(anchoredRegexp('a.c')('a\nc'), true);
    assert.equal(anchoredRegexp('a|ab')('ab'), true);
    assert.equal(anchoredRegexp('a|a.')('ab'), true);
    assert.equal(anchoredRegexp('.+')(''), false);
    assert.equal(anchoredRegexp('')(''), true);
    assert.equal(anchoredRegexp('(?i:PRO).*')('production'), true);
  });

  it('search anywhere in a line', () => {
    assert.equal(searchRegexp('b+c')('aabbcc'), true);
    assert.equal(searchRegexp('plain')('a plain line'), true);
    assert.equal(searchRegexp('^b')('ab'), false);
  });

  it('run in linear time on what backtracking engines choke on', () => {
    const text = `${'a'.repeat(50_000)}b`;
    assert.equal(anchoredRegexp('(a+)+c')(text), false);
    assert.equal(anchoredRegexp('(a|aa)+$')(text), false);
  });

  it('name what is wrong with a pattern', () => {
    for (const pattern of ['(', '[a', 'a**', 'a{1001}', '((a{100}){100}){100}', `${'('.repeat(2000)}${')'.repeat(2000)}`]) {
      assert.throws(() => anchoredRegexp(pattern), (error: unknown) => error instanceof RegexpError && error.message.startsWith('error parsing regexp: '));
    }
    assert.throws(() => searchRegexp(`(${'x'.repeat(20_000)})`), /longer than 16384/);
  });
});
