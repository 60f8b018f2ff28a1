import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Series } from '../../../readers.js';
import { BitWriter, fits } from './bits.js';
import { floatHistogramChunk } from './histogram-chunk.js';
import { XorColumn, bitsOf } from './xor.js';

/** A chunk of Prometheus' storage, times inclusive. */
export interface Chunk {
  readonly minMs: number;
  readonly maxMs: number;
  readonly encoding: typeof XOR | typeof FLOAT_HISTOGRAM;
  readonly data: Uint8Array;
}

const XOR = 1;
const FLOAT_HISTOGRAM = 3;
/** Samples of one chunk, as many as Prometheus itself cuts at. */
const CHUNK_SAMPLES = 120;

/** A series' samples in the order of time; a new chunk begins where floats and native histograms take turns. */
export function* chunksOf({ timesMs, values, histograms }: Series): Generator<Chunk> {
  for (let at = 0; at < timesMs.length;) {
    const histogram = histograms?.[at] ?? null;
    let end = at + 1;
    if (histogram === null) {
      while (end < timesMs.length && end - at < CHUNK_SAMPLES && (histograms?.[end] ?? null) === null) end++;
      yield { minMs: timesMs[at] ?? 0, maxMs: timesMs[end - 1] ?? 0, encoding: XOR, data: xorChunk(timesMs.subarray(at, end), values.subarray(at, end)) };
    } else {
      const run: NativeHistogram[] = [histogram];
      for (let next = histograms?.[end] ?? null; next !== null && end - at < CHUNK_SAMPLES && continues(histogram, next); next = histograms?.[++end] ?? null) run.push(next);
      yield { minMs: timesMs[at] ?? 0, maxMs: timesMs[end - 1] ?? 0, encoding: FLOAT_HISTOGRAM, data: floatHistogramChunk(timesMs.subarray(at, end), run) };
    }
    at = end;
  }
}

/** A chunk holds histograms of one layout that are all gauges, or follow each other without a reset. */
function continues(first: NativeHistogram, next: NativeHistogram): boolean {
  const follows = first.counterReset === 'gauge' ? next.counterReset === 'gauge' : next.counterReset === 'no';
  return follows && first.schema === next.schema && first.zeroThreshold === next.zeroThreshold
    && same(first.positive.offsets, next.positive.offsets) && same(first.negative.offsets, next.negative.offsets)
    && same(first.customBounds ?? [], next.customBounds ?? []);
}

function same(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Prometheus' XOR chunk (tsdb/docs/format/chunks.md): number of samples, first sample, delta of the second, then deltas of deltas. */
function xorChunk(timesMs: Float64Array, values: Float64Array): Uint8Array {
  const writer = new BitWriter(2);
  const column = new XorColumn();
  let lastMs = 0n;
  let lastDelta = 0n;
  for (let i = 0; i < timesMs.length; i++) {
    const timeMs = BigInt(timesMs[i] ?? 0);
    const bits = bitsOf(values[i] ?? NaN);
    const delta = timeMs - lastMs;
    if (i === 0) writer.varint(timeMs);
    else if (i === 1) writer.uvarint(delta);
    else writeDelta(writer, delta - lastDelta);
    if (i === 0) column.first(writer, bits);
    else column.next(writer, bits);
    lastMs = timeMs;
    lastDelta = i === 0 ? 0n : delta;
  }
  return writer.finish([timesMs.length >> 8, timesMs.length & 0xff]);
}

function writeDelta(writer: BitWriter, delta: bigint): void {
  if (delta === 0n) return writer.write(0n, 1);
  const [prefix, length, bits] = fits(delta, 14) ? [0b10n, 2, 14] : fits(delta, 17) ? [0b110n, 3, 17] : fits(delta, 20) ? [0b1110n, 4, 20] : [0b1111n, 4, 64];
  writer.write(prefix, length);
  writer.write(delta, bits);
  return undefined;
}
