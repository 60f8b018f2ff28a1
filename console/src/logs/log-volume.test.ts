import assert from 'node:assert/strict';
import type { LogLine } from '../api/loki.js';
import { toldRange, volumeOf } from './log-volume.js';

const line = (ms: number, severity: LogLine['severity']): LogLine => ({ timeNs: BigInt(ms) * 1_000_000n + 999n, line: '', labels: {}, fields: {}, severity });

describe('volume of log lines', () => {
  it('is counted in round stretches of time, by severity', () => {
    const lines = [line(60_000, 'error'), line(61_000, 'fatal'), line(61_000, 'warn'), line(119_999, 'info'), line(120_000, 'unknown'), line(299_999, 'debug')];
    const bars = volumeOf(lines, 60_000, 300_000, 5);
    assert.deepEqual(bars.map(({ fromMs, toMs, failed, warned, other }) => [fromMs, toMs, failed, warned, other]), [[60_000, 120_000, 2, 1, 1], [120_000, 180_000, 0, 0, 1], [180_000, 240_000, 0, 0, 0], [240_000, 300_000, 0, 0, 1]]);
  });

  it('loses no line within the range, whatever its length, and has few bars', () => {
    for (const length of [1, 7, 999, 61_003, 3_600_000, 987_654_321]) {
      const from = 1_700_000_000_123;
      const lines = Array.from({ length: 50 }, (_, index) => line(from + Math.floor((index / 50) * length), 'info'));
      const bars = volumeOf(lines, from, from + length, 60);
      assert.ok(bars.length <= 61, `${length}: ${bars.length}`);
      assert.equal(bars.reduce((sum, { other }) => sum + other, 0), 50, String(length));
    }
  });

  it('tells of the part of the range that the lines are of', () => {
    const range = { fromMs: 0, toMs: 1_000 };
    assert.deepEqual(toldRange([line(900, 'info'), line(700, 'info')], range, true, 'backward'), { fromMs: 700, toMs: 1_000 });
    assert.deepEqual(toldRange([line(100, 'info'), line(300, 'info')], range, true, 'forward'), { fromMs: 0, toMs: 301 });
    assert.deepEqual(toldRange([line(900, 'info')], range, false, 'backward'), range);
    assert.deepEqual(toldRange([], range, true, 'backward'), range);
  });
});
