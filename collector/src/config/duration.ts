import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6, us: 1e-3, 'µs': 1e-3, 'μs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000,
};
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/gy;

/**
 * Milliseconds of a duration as Go writes it (`300ms`, `1h30m`, `1.5s`), with `d` and `w` for days and weeks; null when it is
 * none. Negative durations mean nothing in a configuration.
 */
export function parseDuration(text: string): number | null {
  const trimmed = text.trim();
  if (trimmed === '0') return 0;
  let total = 0;
  let end = 0;
  for (const match of trimmed.matchAll(PART)) {
    total += Number(match[1]) * UNIT_MS[match[2]!]!;
    end = match.index + match[0].length;
  }
  return trimmed !== '' && end === trimmed.length && Number.isFinite(total) ? total : null;
}

/** The shortest writing of milliseconds: `1h30m`, `250ms`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let text = '';
  let rest = ms;
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const count = Math.floor(rest / UNIT_MS[unit]!);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * UNIT_MS[unit]!;
  }
  return rest > 0 ? `${text}${rest}ms` : text;
}

export interface DurationBounds {
  readonly minMs?: number;
  readonly maxMs?: number;
}

/** A zod type: a duration, read into milliseconds. */
export function duration(bounds: DurationBounds = {}): z.ZodType<number> {
  return z.unknown().transform((value, context) => readDuration(value, bounds, '', context)).meta({ title: 'duration' });
}

/** A zod type: a duration in milliseconds, or null for `off`. */
export function durationOrOff(bounds: DurationBounds = {}): z.ZodType<number | null> {
  return z
    .unknown()
    .transform((value, context) => (isOff(value) ? null : readDuration(value, bounds, ', or off', context)))
    .meta({ title: 'duration or off' });
}

/** `off`, and the `false` that YAML readers of an older kind make of it. */
export function isOff(value: unknown): boolean {
  return value === false || (typeof value === 'string' && value.trim().toLowerCase() === 'off');
}

function readDuration(value: unknown, bounds: DurationBounds, or: string, context: z.core.$RefinementCtx<unknown>): number {
  const fail = (message: string): never => {
    context.addIssue({ code: 'custom', message, input: value });
    return z.NEVER;
  };
  if (value === undefined || value === null) return fail(`expected a duration such as 5s or 1h30m${or}`);
  const ms = typeof value === 'string' ? parseDuration(value) : value === 0 ? 0 : null;
  if (ms === null) {
    return fail(typeof value === 'number' ? `a duration needs a unit: ${value}s or ${value}ms` : `expected a duration such as 5s or 1h30m${or}`);
  }
  if (bounds.minMs !== undefined && ms < bounds.minMs) return fail(`at least ${formatDuration(bounds.minMs)}${or}`);
  if (bounds.maxMs !== undefined && ms > bounds.maxMs) return fail(`at most ${formatDuration(bounds.maxMs)}${or}`);
  return ms;
}
