import type { ByteSink } from './byte-sink.js';
import type { ByteSource } from './byte-source.js';

/**
 * A column of whole numbers (times, values of counters): the first one, then how much each is more than the one before. The
 * differences are packed in as many bits as their range needs; where outliers make that dear, they are varints.
 *
 *     first (zigzag) | width (0–32: bits, 255: varints) | least difference (zigzag) | differences
 */
const VARINTS = 255;
const MAX_WIDTH = 32;
/** Of values; twice as much, the largest difference, is still exact as a zigzag number. */
export const MAX_WHOLE = 2 ** 50;

interface Plan {
  readonly width: number;
  readonly least: number;
  /** About how many bytes it takes. */
  readonly bytes: number;
}

export function planWhole(values: Float64Array, from: number, to: number): Plan {
  let least = Infinity;
  let most = -Infinity;
  let varints = 0;
  for (let i = from + 1; i < to; i++) {
    const difference = values[i] - values[i - 1];
    if (difference < least) least = difference;
    if (difference > most) most = difference;
    varints += varintBytes(difference);
  }
  if (to - from < 2) return { width: 0, least: 0, bytes: 9 };
  const range = most - least;
  const width = range < 2 ** 32 ? 32 - Math.clz32(range) : VARINTS;
  const packed = width === VARINTS ? Infinity : Math.ceil(((to - from - 1) * width) / 8);
  return packed <= varints ? { width, least, bytes: packed + 12 } : { width: VARINTS, least: 0, bytes: varints + 10 };
}

export function writeWhole(sink: ByteSink, values: Float64Array, from: number, to: number, { width, least }: Plan = planWhole(values, from, to)): void {
  sink.zigzag(values[from]);
  sink.byte(width);
  if (width === VARINTS) {
    for (let i = from + 1; i < to; i++) sink.zigzag(values[i] - values[i - 1]);
    return;
  }
  sink.zigzag(least);
  if (width === 0) return;
  sink.reserve(Math.ceil(((to - from) * width) / 8) + 8);
  for (let i = from + 1; i < to; i++) sink.bits32(values[i] - values[i - 1] - least, width);
  sink.align();
}

/** Reads `count` numbers to `out` from `at` on. */
export function readWhole(source: ByteSource, out: Float64Array, at: number, count: number): void {
  let value = source.zigzag();
  const width = source.byte();
  out[at] = value;
  const end = at + count;
  if (width === VARINTS) {
    for (let i = at + 1; i < end; i++) out[i] = value += source.zigzag();
    return;
  }
  const least = source.zigzag();
  if (width === 0) {
    for (let i = at + 1; i < end; i++) out[i] = value += least;
    return;
  }
  source.beginBits();
  if (width <= 24) source.sums(width, least, value, out, at + 1, end);
  else if (width <= MAX_WIDTH) for (let i = at + 1; i < end; i++) out[i] = value += source.bits32(width) + least;
  source.endBits();
}

function varintBytes(value: number): number {
  const magnitude = value < 0 ? -value : value;
  if (magnitude < 64) return 1;
  if (magnitude < 8192) return 2;
  if (magnitude < 1_048_576) return 3;
  return Math.ceil((Math.log2(magnitude) + 2) / 7);
}
