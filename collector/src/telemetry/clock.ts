import type { Clock } from '../component.js';

/** The machine's clock, which may jump (wall clock, milliseconds), and its monotonic one. */
export function systemClock(): Clock {
  return {
    nowNs: () => BigInt(Date.now()) * 1_000_000n,
    monotonicMs: () => performance.now(),
  };
}
