import type { LogLine } from '../api/loki.js';

export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly failed: number;
  readonly warned: number;
  readonly other: number;
}

/** Lengths of time that a bar can stand for. */
const steps = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
] as const;

/** How many lines were written when, in round stretches of time, `most` of them at the most. Stretches without lines are there too. */
export function volumeOf(lines: readonly LogLine[], fromMs: number, toMs: number, most: number): readonly Bar[] {
  const exact = Math.max(1, toMs - fromMs) / Math.max(1, most - 1);
  const step = steps.find((one) => one >= exact) ?? Math.ceil(exact / 86_400_000) * 86_400_000;
  const first = Math.floor(fromMs / step) * step;
  const bars = Array.from({ length: Math.max(1, Math.ceil((toMs - first) / step)) }, (_, index) => ({ fromMs: first + index * step, toMs: first + (index + 1) * step, failed: 0, warned: 0, other: 0 }));
  for (const { timeNs, severity } of lines) {
    const bar = bars[Math.min(bars.length - 1, Math.floor((Number(timeNs / 1_000_000n) - first) / step))];
    if (bar === undefined) continue;
    if (severity === 'error' || severity === 'fatal') bar.failed++;
    else if (severity === 'warn') bar.warned++;
    else bar.other++;
  }
  return bars;
}

/** The part of the range that the lines tell of: where the limit left some out, it ends or begins with the last that is there. */
export function toldRange(lines: readonly LogLine[], range: { readonly fromMs: number; readonly toMs: number }, full: boolean, direction: 'backward' | 'forward'): { readonly fromMs: number; readonly toMs: number } {
  const last = lines.at(-1);
  if (!full || last === undefined) return range;
  const ms = Number(last.timeNs / 1_000_000n);
  return direction === 'backward' ? { fromMs: Math.max(range.fromMs, ms), toMs: range.toMs } : { fromMs: range.fromMs, toMs: Math.min(range.toMs, ms + 1) };
}
