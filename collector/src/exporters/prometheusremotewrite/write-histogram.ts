import type { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { STALE_NAN_BITS, type NativeHistogram, type PrometheusSample } from '@signalbox/signals/prometheus/types';
import { packedVarints, zigzag } from './packed.js';

const RESET_HINTS: Readonly<Record<NativeHistogram['counterReset'], number>> = { unknown: 0, reset: 1, no: 2, gauge: 3 };

/** Field numbers of the buckets of one sign. */
interface BucketFields {
  readonly spans: number;
  readonly deltas: number;
  readonly counts: number;
}
const NEGATIVE: BucketFields = { spans: 0x42, deltas: 0x4a, counts: 0x52 }; // 8, 9, 10
const POSITIVE: BucketFields = { spans: 0x5a, deltas: 0x62, counts: 0x6a }; // 11, 12, 13

/**
 * The Histogram message of remote write 1.0 (prompb/types.proto). Counts that are all whole are written as integers with deltas,
 * others as floats.
 */
export function writeHistogram(writer: Writer, tag: number, sample: PrometheusSample, histogram: NativeHistogram): void {
  const end = writer.mark();
  const whole = [histogram.count, histogram.zeroCount, ...histogram.positive.counts, ...histogram.negative.counts].every(Number.isSafeInteger);
  if (histogram.customBounds !== null) writer.packedDouble(0x82, [...histogram.customBounds]); // 16 custom_values
  writer.setInt64(0x78, BigInt(sample.timeMs)); // 15 timestamp
  writer.uint32(0x70, RESET_HINTS[histogram.counterReset]); // 14 reset_hint
  writeBuckets(writer, POSITIVE, histogram.positive, whole);
  writeBuckets(writer, NEGATIVE, histogram.negative, whole);
  if (whole) writer.setInt64(0x30, BigInt(histogram.zeroCount)); // 6 zero_count_int
  else writer.setDouble(0x39, histogram.zeroCount); // 7 zero_count_float
  writer.double(0x29, histogram.zeroThreshold); // 5 zero_threshold
  writer.sint32(0x20, histogram.schema); // 4 schema
  if (sample.stale) writer.setFixed64(0x19, STALE_NAN_BITS);
  else writer.double(0x19, histogram.sum); // 3 sum
  if (whole) writer.setInt64(0x08, BigInt(histogram.count)); // 1 count_int
  else writer.setDouble(0x11, histogram.count); // 2 count_float
  writer.message(tag, end);
}

function writeBuckets(writer: Writer, fields: BucketFields, buckets: NativeHistogram['positive'], whole: boolean): void {
  const counts = [...buckets.counts];
  if (counts.length === 0) return;
  if (whole) writer.setBytes(fields.deltas, packedVarints(counts.map((count, i) => zigzag(count - (counts[i - 1] ?? 0)))));
  else writer.packedDouble(fields.counts, counts);
  const spans = spansOf(buckets.offsets);
  for (let i = spans.length - 1; i >= 0; i--) {
    const span = spans[i] as Span;
    const end = writer.mark();
    writer.uint32(0x10, span.length); // 2 length
    writer.sint32(0x08, span.offset); // 1 offset
    writer.message(fields.spans, end);
  }
}

interface Span {
  /** Of the first span: its first bucket's index; of others: the gap to the span before. */
  readonly offset: number;
  length: number;
}

/** Runs of neighbouring buckets. */
export function spansOf(offsets: Int32Array): Span[] {
  const spans: Span[] = [];
  let next = 0;
  for (const [i, offset] of offsets.entries()) {
    const last = spans.at(-1);
    if (last !== undefined && offset === next) last.length++;
    else spans.push({ offset: i === 0 ? offset : offset - next, length: 1 });
    next = offset + 1;
  }
  return spans;
}
