import assert from 'node:assert/strict';
import { durationScale, nearest, timeScale, timeTickLabel } from './scatter.js';

describe('scatter', () => {
  it('has powers of ten for durations far apart, and round minutes and hours beyond', () => {
    assert.deepEqual(durationScale([2e6, 3e9], 100, 0).ticks, [1e7, 1e8, 1e9]);
    assert.deepEqual(durationScale([1e8, 9e12], 100, 0).ticks, [1e8, 1e9, 1e10, 6e10, 6e11, 3.6e12]);
  });

  it('has finer ticks for durations close together', () => {
    assert.deepEqual(durationScale([2e6, 4e6], 100, 0).ticks, [2e6, 5e6]);
  });

  it('puts longer traces higher, and all within its bounds', () => {
    const { at } = durationScale([1e6, 5e8], 180, 10);
    assert.ok(at(5e8) < at(1e6) && at(5e8) >= 10 && at(1e6) <= 180);
  });

  it('shows something sensible without traces and for durations of zero', () => {
    for (const durations of [[], [0], [0, 0]]) {
      const { at, ticks } = durationScale(durations, 180, 10);
      assert.ok(ticks.length > 0 && Number.isFinite(at(0)));
    }
  });

  it('has round moments, not more than asked', () => {
    const { ticks, at } = timeScale(0, 3_600_000, 0, 600, 6);
    assert.deepEqual(ticks, [0, 1, 2, 3, 4, 5, 6].map((i) => i * 600_000));
    assert.equal(at(1_800_000), 300);
    assert.ok(timeScale(5, 20, 0, 100, 4).ticks.length <= 5);
  });

  it('writes ticks as exactly as they are apart', () => {
    const ms = new Date(2026, 4, 3, 7, 8, 9, 10).getTime();
    assert.equal(timeTickLabel(ms, 60_000), '07:08');
    assert.equal(timeTickLabel(ms, 1_000), '07:08:09');
    assert.equal(timeTickLabel(ms, 10), '07:08:09.010');
    assert.equal(timeTickLabel(ms, 86_400_000), '05-03');
    assert.equal(timeTickLabel(new Date(2026, 4, 3).getTime(), 3_600_000), '05-03');
  });

  it('finds the nearest point within reach', () => {
    const points = [{ x: 0, y: 0 }, { x: 10, y: 0 }];
    assert.equal(nearest(points, 8, 1, 5), 1);
    assert.equal(nearest(points, 50, 0, 5), -1);
  });
});
