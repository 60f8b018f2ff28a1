import { z } from 'zod';
import { isOff } from './duration.js';

const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1, b: 1,
  k: 1000, kb: 1000, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12,
  ki: 1024, kib: 1024, mi: 2 ** 20, mib: 2 ** 20, gi: 2 ** 30, gib: 2 ** 30, ti: 2 ** 40, tib: 2 ** 40,
};

/** Bytes of a size such as `4GiB` (powers of 1024), `512MB` (powers of 1000) or a plain number; null when it is none. */
export function parseBytes(text: string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text);
  if (!match) return null;
  const unit = UNIT_BYTES[match[2]!.toLowerCase()];
  if (unit === undefined) return null;
  const bytes = Math.round(Number(match[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** `4GiB`, `1.5MiB`, `900B` */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toFixed(1))}${units[unit]}`;
}

export interface ByteBounds {
  readonly min?: number;
  readonly max?: number;
}

/** A zod type: a size, read into bytes. */
export function byteSize(bounds: ByteBounds = {}): z.ZodType<number> {
  return z.unknown().transform((value, context) => readBytes(value, bounds, '', context)).meta({ title: 'size' });
}

/** A zod type: a size in bytes, or null for `off`. */
export function byteSizeOrOff(bounds: ByteBounds = {}): z.ZodType<number | null> {
  return z
    .unknown()
    .transform((value, context) => (isOff(value) ? null : readBytes(value, bounds, ', or off', context)))
    .meta({ title: 'size or off' });
}

function readBytes(value: unknown, bounds: ByteBounds, or: string, context: z.core.$RefinementCtx<unknown>): number {
  const fail = (message: string): never => {
    context.addIssue({ code: 'custom', message, input: value });
    return z.NEVER;
  };
  const bytes = typeof value === 'number' || typeof value === 'string' ? parseBytes(String(value)) : null;
  if (bytes === null) return fail(`expected a size such as 4GiB, 512MB or a number of bytes${or}`);
  if (bounds.min !== undefined && bytes < bounds.min) return fail(`at least ${formatBytes(bounds.min)}${or}`);
  if (bounds.max !== undefined && bytes > bounds.max) return fail(`at most ${formatBytes(bounds.max)}${or}`);
  return bytes;
}
