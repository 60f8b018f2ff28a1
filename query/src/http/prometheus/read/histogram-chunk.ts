import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { BitWriter, fits } from './bits.js';
import { spansOf } from './spans.js';
import { XorColumn, bitsOf } from './xor.js';

const RESET_FLAGS: Readonly<Record<NativeHistogram['counterReset'], number>> = { unknown: 0, reset: 0b1000_0000, no: 0b0100_0000, gauge: 0b1100_0000 };

/** Prometheus' chunk of float histograms that have one layout: number, reset flag, layout, then column by column per sample. */
export function floatHistogramChunk(timesMs: Float64Array, histograms: readonly NativeHistogram[]): Uint8Array {
  const writer = new BitWriter(3);
  const [first] = histograms;
  if (first === undefined) return writer.finish([0, 0, 0]);
  writeLayout(writer, first);
  const columns = rowOf(first).map(() => new XorColumn());
  let lastMs = 0n;
  let lastDelta = 0n;
  histograms.forEach((histogram, i) => {
    const timeMs = BigInt(timesMs[i] ?? 0);
    const delta = i === 0 ? 0n : timeMs - lastMs;
    writeVarbitInt(writer, i === 0 ? timeMs : delta - lastDelta);
    lastMs = timeMs;
    lastDelta = delta;
    rowOf(histogram).forEach((value, column) => {
      if (i === 0) columns[column]?.first(writer, bitsOf(value));
      else columns[column]?.next(writer, bitsOf(value));
    });
  });
  return writer.finish([histograms.length >> 8, histograms.length & 0xff, RESET_FLAGS[first.counterReset]]);
}

function rowOf({ count, zeroCount, sum, positive, negative }: NativeHistogram): number[] {
  return [count, zeroCount, sum, ...positive.counts, ...negative.counts];
}

function writeLayout(writer: BitWriter, { schema, zeroThreshold, positive, negative, customBounds }: NativeHistogram): void {
  writeZeroThreshold(writer, zeroThreshold);
  writeVarbitInt(writer, BigInt(schema));
  for (const { offsets } of [positive, negative]) {
    const spans = spansOf(offsets);
    writeVarbitUint(writer, BigInt(spans.length));
    for (const { offset, length } of spans) {
      writeVarbitUint(writer, BigInt(length));
      writeVarbitInt(writer, BigInt(offset));
    }
  }
  if (customBounds === null) return;
  writeVarbitUint(writer, BigInt(customBounds.length));
  for (const bound of customBounds) {
    const thousandths = Math.round(bound * 1000);
    if (bound >= 0 && thousandths <= 33_554_430 && thousandths / 1000 === bound) {
      writeVarbitUint(writer, BigInt(thousandths) + 1n);
    } else {
      writer.write(0n, 1);
      writer.write(bitsOf(bound), 64);
    }
  }
}

/** A power of two between 2^-243 and 2^10 takes one byte. */
function writeZeroThreshold(writer: BitWriter, threshold: number): void {
  const exponent = Math.log2(threshold) + 1;
  if (threshold === 0) writer.byte(0);
  else if (Number.isInteger(exponent) && 2 ** (exponent - 1) === threshold && exponent >= -242 && exponent <= 11) writer.byte(exponent + 243);
  else {
    writer.byte(255);
    writer.write(bitsOf(threshold), 64);
  }
}

/** Bits of a number, and the prefix that says how many. */
const WIDTHS = [3, 6, 9, 12, 18, 25, 56] as const;

function writeVarbitInt(writer: BitWriter, value: bigint): void {
  writeVarbit(writer, value, WIDTHS.findIndex((bits) => fits(value, bits)));
}

function writeVarbitUint(writer: BitWriter, value: bigint): void {
  writeVarbit(writer, value, WIDTHS.findIndex((bits) => value < 1n << BigInt(bits)));
}

function writeVarbit(writer: BitWriter, value: bigint, width: number): void {
  if (value === 0n) return writer.write(0n, 1);
  if (width < 0) {
    writer.write(0xffn, 8);
    writer.write(value, 64);
    return undefined;
  }
  writer.write((1n << BigInt(width + 2)) - 2n, width + 2);
  writer.write(value, WIDTHS[width] ?? 64);
  return undefined;
}
