import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { RepeatsGzip } from '../deflate/gzip-repeats.js';
import { JsonBuffer } from './json-buffer.js';
import { PhraseRuns } from './phrase-runs.js';
import { Phrase } from './phrase.js';

const phraseOf = (index: number): Phrase => Phrase.of(`,"größe.${index}":"${'ab'.repeat(index % 9)}"`);

/** What phrases make together, by themselves and as gzip has it that is told of repeats. */
function written(phrases: Iterable<Phrase>, runs: PhraseRuns): readonly [string, string] {
  const out = new JsonBuffer(16, undefined, runs);
  for (const phrase of phrases) out.phrase(phrase);
  const text = out.written();
  assert.equal(out.length, text.length);
  return [text.toString(), gunzipSync(new RepeatsGzip().compress(text, 0, text.length, out.repeats)).toString()];
}

describe('exporters/elasticsearch/phrase-runs', () => {
  it('writes phrases one behind the other, whatever came before', () => {
    const phrases = Array.from({ length: 40 }, (_, index) => phraseOf(index));
    const runs = new PhraseRuns();
    // Few that come again and again, each behind each other, and more than a phrase knows followers.
    let seed = 1;
    for (const among of [2, 5, 40, 3]) {
      const order = Array.from({ length: 3000 }, () => phrases[(seed = (seed * 48_271) % 0x7fffffff) % among]!);
      const expected = order.map((phrase) => Buffer.from(phrase.bytes).toString()).join('');
      assert.deepEqual(written(order, runs), [expected, expected]);
    }
  });

  it('makes a run of what came twice, and begins anew when it has made many', () => {
    const runs = new PhraseRuns();
    const [front, last] = [phraseOf(1), phraseOf(2)];
    assert.equal(runs.join(front, last), null);
    const run = runs.join(front, last);
    assert.equal(run?.length, front.length + last.length);
    assert.equal(runs.join(front, last), run);
    for (let i = 0; i < 5000; i++) {
      const other = phraseOf(i);
      for (let again = 0; again < 2; again++) runs.join(other, last);
    }
    assert.notEqual(runs.join(front, last), run);
  });

  it('makes no run that is too long', () => {
    const runs = new PhraseRuns();
    const [front, last] = [Phrase.of('x'.repeat(1000)), Phrase.of('y'.repeat(25))];
    for (let again = 0; again < 3; again++) assert.equal(runs.join(front, last), null);
  });

  it('forgets where phrases stand that were taken back', () => {
    const runs = new PhraseRuns();
    const out = new JsonBuffer(16, undefined, runs);
    const [one, two] = [phraseOf(7), phraseOf(8)];
    const text = Buffer.concat([one.bytes, two.bytes]).toString();
    for (let again = 0; again < 5; again++) {
      const begin = out.length;
      out.phrase(one);
      out.phrase(two);
      out.rewind(begin);
      for (const each of [one, two]) out.phrase(each);
    }
    const whole = out.written();
    assert.equal(whole.toString(), text.repeat(5));
    assert.equal(gunzipSync(new RepeatsGzip().compress(whole, 0, whole.length, out.repeats)).toString(), text.repeat(5));
  });
});
