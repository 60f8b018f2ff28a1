import assert from 'node:assert/strict';
import { SampleBuffer } from '../chunk/sample-buffer.js';
import { GatheredSamples } from './gathered-samples.js';
import { PAGE_SAMPLES, SamplePages } from './sample-pages.js';

describe('pages of samples', () => {
  it('are used again when they were given back, the large ones', () => {
    const pages = new SamplePages();
    const [large, small] = [pages.take(PAGE_SAMPLES), pages.take(512)];
    pages.give([large, small]);
    assert.equal(pages.take(PAGE_SAMPLES), large);
    assert.notEqual(pages.take(PAGE_SAMPLES), large);
    assert.notEqual(pages.take(512), small);
    assert.deepEqual([pages.take(700).times.length, pages.take(700).values.length, pages.take(700).words.length], [700, 700, 1400]);
  });

  it('show nothing of what they held before', () => {
    const pages = new SamplePages();
    for (const [round, lengths] of [[400, 50_000, 9], [70_000, 3], [1, 2, 60_000, 60_000]].entries()) {
      const gathered = new GatheredSamples(-Infinity, pages);
      for (const [series, length] of lengths.entries()) gathered.add(series, samplesOf(length, round * 1000 + series));
      for (const [series, length] of lengths.entries()) {
        const { timesMs, values } = gathered.take(series, []) ?? { timesMs: new Float64Array(), values: new Float64Array() };
        const expected = samplesOf(length, round * 1000 + series);
        assert.ok(Buffer.from(timesMs.buffer, timesMs.byteOffset, timesMs.byteLength).equals(Buffer.from(expected.times.buffer, 0, length * 8)), `times of round ${round}`);
        assert.ok(Buffer.from(values.buffer, values.byteOffset, values.byteLength).equals(Buffer.from(expected.values.buffer, 0, length * 8)), `values of round ${round}`);
      }
      gathered.release();
    }
  });
});

function samplesOf(length: number, value: number): SampleBuffer {
  const samples = new SampleBuffer(length);
  samples.times.forEach((_, i) => { samples.times[i] = value + i; });
  samples.values.fill(value);
  samples.added(length);
  return samples;
}
