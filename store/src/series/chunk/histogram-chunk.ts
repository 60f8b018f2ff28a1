import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { ByteSink } from './byte-sink.js';
import type { ByteSource } from './byte-source.js';
import { FORM } from './float-chunk.js';
import { readWhole, writeWhole } from './whole-numbers.js';

type Buckets = NativeHistogram['positive'];
const RESETS = ['unknown', 'reset', 'no', 'gauge'] as const satisfies readonly NativeHistogram['counterReset'][];
const NEW_LAYOUT = 4;
const FLOATS = 8;
const CUSTOM = 16;
const MAX_EXACT = 2 ** 51;

/**
 * Appends a chunk of native histograms: form, count, times, then each histogram. The layout (schema, threshold, bounds, which
 * buckets are filled) is written when it changes; counts are whole numbers as differences to the histogram before, or floats.
 */
export function writeHistogramChunk(sink: ByteSink, times: Float64Array, histograms: readonly (NativeHistogram | null)[], from: number, to: number): void {
  sink.byte(FORM.histograms);
  sink.varint(to - from);
  writeWhole(sink, times, from, to);
  let before: NativeHistogram | null = null;
  for (let i = from; i < to; i++) {
    const histogram = histograms[i];
    if (histogram === null) throw new Error('a chunk of histograms cannot hold a float');
    writeHistogram(sink, histogram, before);
    before = histogram;
  }
}

export function readHistogramChunk(source: ByteSource, count: number, times: Float64Array, histograms: (NativeHistogram | null)[], at: number): void {
  readWhole(source, times, at, count);
  let before: NativeHistogram | null = null;
  for (let i = 0; i < count && !source.overrun; i++) histograms[at + i] = before = readHistogram(source, before);
}

function writeHistogram(sink: ByteSink, histogram: NativeHistogram, before: NativeHistogram | null): void {
  const { positive, negative, customBounds } = histogram;
  const same = before !== null && sameLayout(histogram, before);
  const floats = !isWhole(histogram);
  sink.byte(RESETS.indexOf(histogram.counterReset) | (same ? 0 : NEW_LAYOUT) | (floats ? FLOATS : 0) | (customBounds === null ? 0 : CUSTOM));
  if (!same) {
    sink.zigzag(histogram.schema);
    sink.float(histogram.zeroThreshold);
    if (customBounds !== null) {
      sink.varint(customBounds.length);
      for (const bound of customBounds) sink.float(bound);
    }
    writeOffsets(sink, positive.offsets);
    writeOffsets(sink, negative.offsets);
  }
  sink.float(histogram.sum);
  const base = same && !floats && isWhole(before) ? before : null;
  const write = floats ? (value: number): void => sink.float(value) : (value: number, old: number): void => sink.zigzag(value - old);
  write(histogram.count, base?.count ?? 0);
  write(histogram.zeroCount, base?.zeroCount ?? 0);
  for (let i = 0; i < positive.counts.length; i++) write(positive.counts[i], base?.positive.counts[i] ?? 0);
  for (let i = 0; i < negative.counts.length; i++) write(negative.counts[i], base?.negative.counts[i] ?? 0);
}

function readHistogram(source: ByteSource, before: NativeHistogram | null): NativeHistogram {
  const flags = source.byte();
  const floats = (flags & FLOATS) !== 0;
  const same = (flags & NEW_LAYOUT) === 0 ? before : null;
  const schema = same ? same.schema : source.zigzag();
  const zeroThreshold = same ? same.zeroThreshold : source.float();
  const customBounds = (flags & CUSTOM) === 0 ? null : same ? same.customBounds : Float64Array.from({ length: length(source) }, () => source.float());
  const positiveOffsets = same ? same.positive.offsets : readOffsets(source);
  const negativeOffsets = same ? same.negative.offsets : readOffsets(source);
  const sum = source.float();
  const base = same && !floats && isWhole(same) ? same : null;
  const read = floats ? (): number => source.float() : (old: number): number => source.zigzag() + old;
  const count = read(base?.count ?? 0);
  const zeroCount = read(base?.zeroCount ?? 0);
  const counts = (offsets: Int32Array, old: Buckets | undefined): Buckets => {
    const out = new Float64Array(offsets.length);
    for (let i = 0; i < out.length; i++) out[i] = read(old?.counts[i] ?? 0);
    return { offsets, counts: out };
  };
  const positive = counts(positiveOffsets, base?.positive);
  const negative = counts(negativeOffsets, base?.negative);
  return { schema, zeroThreshold, zeroCount, count, sum, positive, negative, customBounds, counterReset: RESETS[flags & 3] };
}

function writeOffsets(sink: ByteSink, offsets: Int32Array): void {
  sink.varint(offsets.length);
  let last = 0;
  for (const offset of offsets) {
    sink.zigzag(offset - last);
    last = offset;
  }
}

function readOffsets(source: ByteSource): Int32Array {
  const offsets = new Int32Array(length(source));
  let last = 0;
  for (let i = 0; i < offsets.length; i++) offsets[i] = last += source.zigzag();
  return offsets;
}

/** Each element takes a byte at least: damage cannot ask for more. */
function length(source: ByteSource): number {
  return Math.min(source.remaining, source.varint());
}

function sameLayout(a: NativeHistogram, b: NativeHistogram): boolean {
  if (a.schema !== b.schema || !Object.is(a.zeroThreshold, b.zeroThreshold)) return false;
  if ((a.customBounds === null) !== (b.customBounds === null)) return false;
  if (a.customBounds !== null && b.customBounds !== null && !sameNumbers(a.customBounds, b.customBounds)) return false;
  return sameNumbers(a.positive.offsets, b.positive.offsets) && sameNumbers(a.negative.offsets, b.negative.offsets);
}

function sameNumbers(a: Int32Array | Float64Array, b: Int32Array | Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

function isWhole({ count, zeroCount, positive, negative }: NativeHistogram): boolean {
  const whole = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < MAX_EXACT && !Object.is(value, -0);
  return whole(count) && whole(zeroCount) && positive.counts.every(whole) && negative.counts.every(whole);
}
