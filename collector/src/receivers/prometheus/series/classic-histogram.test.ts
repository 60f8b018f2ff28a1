import assert from 'node:assert/strict';
import { ClassicHistogram } from './classic-histogram.js';

type Line = readonly [bound: number, count: number] | { readonly count: number } | { readonly sum: number };

function converted(...lines: readonly Line[]): string | { bounds: number[]; offsets: number[]; counts: number[]; count: number; sum: number } {
  const classic = new ClassicHistogram(NaN);
  for (const line of lines) {
    if ('count' in line) classic.add({ kind: 'count', bound: 0 }, line.count);
    else if ('sum' in line) classic.add({ kind: 'sum', bound: 0 }, line.sum);
    else classic.add({ kind: 'bucket', bound: line[0] }, line[1]);
  }
  const histogram = classic.convert();
  if (typeof histogram === 'string') return histogram;
  assert.deepEqual([histogram.schema, histogram.zeroCount, histogram.zeroThreshold, histogram.negative.counts.length, histogram.counterReset], [-53, 0, 0, 0, 'unknown']);
  const { customBounds, positive, count, sum } = histogram;
  return { bounds: [...customBounds ?? []], offsets: [...positive.offsets], counts: [...positive.counts], count, sum };
}

describe('receivers/prometheus: classic histograms', () => {
  const whole = { bounds: [1, 2, 3], offsets: [0, 2, 3], counts: [5, 1, 3], count: 9, sum: 12.5 };

  it('have in each bucket what is not in those below, and no empty ones', () => {
    assert.deepEqual(converted([1, 5], [2, 5], [3, 6], [Infinity, 9], { sum: 12.5 }, { count: 9 }), whole);
    assert.deepEqual(converted([1, 0], [Infinity, 0], { sum: 0 }, { count: 0 }), { bounds: [1], offsets: [], counts: [], count: 0, sum: 0 });
    assert.deepEqual(converted([1, 1.5], [Infinity, 2.75], { count: 2.75 }), { bounds: [1], offsets: [0, 1], counts: [1.5, 1.25], count: 2.75, sum: 0 });
  });

  it('may come in any order, and buckets more than once, of which the first is taken', () => {
    assert.deepEqual(converted({ count: 9 }, [Infinity, 9], [3, 6], [1, 5], [2, 5], { sum: 12.5 }), whole);
    assert.deepEqual(converted([1, 5], [1, 7], [2, 5], [3, 6], [2, 0], [Infinity, 9], [Infinity, 10], { sum: 12.5 }, { count: 9 }), whole);
  });

  it('do without a sum, a count or the last bucket, where the others say it', () => {
    assert.deepEqual(converted([1, 5], [2, 5], [3, 6], { count: 9 }, { sum: 12.5 }), whole);
    assert.deepEqual(converted([1, 5], [2, 5], [3, 6], [Infinity, 9], { sum: 12.5 }), whole);
    assert.deepEqual(converted([1, 5], [2, 9]), { bounds: [1, 2], offsets: [0, 1], counts: [5, 4], count: 9, sum: 0 });
    assert.deepEqual(converted({ count: 4 }), { bounds: [], offsets: [0], counts: [4], count: 4, sum: 0 });
    assert.deepEqual(converted({ sum: 9 }), { bounds: [], offsets: [], counts: [], count: 0, sum: 9 });
  });

  it('keep NaN and infinite numbers where Prometheus does', () => {
    assert.deepEqual(converted([1, NaN], [2, 4], [Infinity, 9], { count: 9 }), { bounds: [1, 2], offsets: [0, 1, 2], counts: [NaN, NaN, 5], count: 9, sum: 0 });
    assert.deepEqual(converted([-Infinity, 0], [1, Infinity], [Infinity, Infinity], { sum: NaN }), { bounds: [-Infinity, 1], offsets: [1, 2], counts: [Infinity, NaN], count: Infinity, sum: NaN });
  });

  for (const [problem, ...lines] of [
    ['its bucket 2 counts 4, the one before it 5', [1, 5], [2, 4], [Infinity, 9], { count: 9 }],
    ['its bucket +Inf counts 4, the one before it 5', [1, 5], { count: 4 }],
    ['its bucket 3 counts 6, the one before it 7', [3, 6], [2, 7], [Infinity, 9]],
    ['its count is 9, that of its bucket +Inf 8', [Infinity, 8], { count: 9 }],
    ['its count is NaN, that of its bucket +Inf 8', [Infinity, 8], { count: NaN }],
    ['its count is NaN, that of its bucket +Inf NaN', [Infinity, NaN]],
    ['its count is negative (-1)', { count: -1 }, [1, -1]],
    ['the bucket 1 is negative (-0.5)', [1, -0.5], { count: -1 }],
  ] as readonly (readonly [string, ...Line[]])[]) {
    it(`are none: ${problem}`, () => assert.equal(converted(...lines), problem));
  }

  it('may have very many buckets in the wrong order', () => {
    const classic = new ClassicHistogram(NaN);
    const size = 200_000;
    for (let i = size; i > 0; i--) classic.add({ kind: 'bucket', bound: i }, i);
    const histogram = classic.convert();
    assert.ok(typeof histogram !== 'string');
    assert.deepEqual([histogram.count, histogram.customBounds?.length, histogram.customBounds?.[0]], [size, size, 1]);
  });
});
