import assert from 'node:assert/strict';
import { TraceFacts } from './trace-facts.js';

describe('sampling/trace-facts', () => {
  const durationMs = (startNs: bigint, endNs: bigint): number => {
    const trace = new TraceFacts('default', 'x'.repeat(16), 0, 0);
    const halves = (ns: bigint): [number, number] => [Number(ns >> 32n), Number(ns & 0xffff_ffffn)];
    trace.spans = 1;
    trace.time(...halves(startNs), ...halves(endNs));
    return trace.durationMs;
  };

  it('measures whole milliseconds of any length, to the nanosecond', () => {
    const startNs = 1_700_000_000_123_456_789n;
    for (const ms of [0n, 1n, 198n, 4_294n, 4_295n, 86_400_000n, 9_007_199_253n, 9_007_199_255n, 16_000_000_000_000n]) {
      for (const [more, wanted] of [[0n, ms], [1n, ms], [999_999n, ms], [1_000_000n, ms + 1n]] as const) assert.equal(durationMs(startNs, startNs + ms * 1_000_000n + more), Number(wanted));
    }
  });

  it('takes an end before the start, or none, for no time', () => {
    assert.deepEqual([durationMs(5_000_000_000n, 1n), durationMs(1_700_000_000_000_000_000n, 0n), new TraceFacts('default', '', 0, 0).durationMs], [0, 0, 0]);
  });
});
