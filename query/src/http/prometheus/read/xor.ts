import { STALE_NAN_BITS } from '@signalbox/signals/prometheus/types';
import { isStale } from '../../../promql/numbers/stale.js';
import type { BitWriter } from './bits.js';

const FLOAT = new Float64Array(1);
const BITS = new BigUint64Array(FLOAT.buffer);

/** A value's bits; a stale marker is written as the signalling NaN that it is, whatever became of it on the way. */
export function bitsOf(value: number): bigint {
  if (isStale(value)) return STALE_NAN_BITS;
  FLOAT[0] = value;
  return BITS[0] ?? 0n;
}

/** Writes each value as what differs from the one before: nothing, bits within the last window, or a new window with its place. */
export class XorColumn {
  #last = 0n;
  #leading = 0xff;
  #trailing = 0;

  first(writer: BitWriter, bits: bigint): void {
    writer.write(bits, 64);
    this.#last = bits;
  }

  next(writer: BitWriter, bits: bigint): void {
    const delta = bits ^ this.#last;
    this.#last = bits;
    if (delta === 0n) return writer.write(0n, 1);
    const leading = Math.min(31, leadingZeros(delta));
    const trailing = trailingZeros(delta);
    if (this.#leading !== 0xff && leading >= this.#leading && trailing >= this.#trailing) {
      writer.write(0b10n, 2);
      writer.write(delta >> BigInt(this.#trailing), 64 - this.#leading - this.#trailing);
      return undefined;
    }
    this.#leading = leading;
    this.#trailing = trailing;
    const significant = 64 - leading - trailing;
    writer.write(0b11n, 2);
    writer.write(BigInt(leading), 5);
    // 64 is written as 0, which cannot occur otherwise.
    writer.write(BigInt(significant & 63), 6);
    writer.write(delta >> BigInt(trailing), significant);
    return undefined;
  }
}

function leadingZeros(value: bigint): number {
  const high = Number(value >> 32n);
  return high === 0 ? 32 + Math.clz32(Number(value & 0xffffffffn)) : Math.clz32(high);
}

function trailingZeros(value: bigint): number {
  const low = Number(value & 0xffffffffn);
  const word = low === 0 ? Number(value >> 32n) : low;
  return (low === 0 ? 32 : 0) + 31 - Math.clz32(word & -word);
}
