import type { NativeHistogram } from '../types.js';
import { STALE_NAN_BITS } from '../types.js';
import type { WriteHistogram } from './types.js';
import type { WriteWriter } from './write-writer.js';

const RESET_HINTS: Readonly<Record<NativeHistogram['counterReset'], number>> = { unknown: 0, reset: 1, no: 2, gauge: 3 };
const STALE_LOW = Number(STALE_NAN_BITS & 0xffff_ffffn);
const STALE_HIGH = Number(STALE_NAN_BITS >> 32n);

/** Field tags of the buckets of one sign. */
interface BucketFields {
  readonly spans: number;
  readonly deltas: number;
  readonly counts: number;
}
const NEGATIVE: BucketFields = { spans: 0x42, deltas: 0x4a, counts: 0x52 }; // 8, 9, 10
const POSITIVE: BucketFields = { spans: 0x5a, deltas: 0x62, counts: 0x6a }; // 11, 12, 13

/** The Histogram message of version 2. Counts that are all whole and add up go as integers with deltas, others as floats. */
export function writeHistogram(writer: WriteWriter, tag: number, { timeMs, startMs, histogram }: WriteHistogram): void {
  const end = writer.mark();
  if (startMs !== 0) writer.int(0x88, startMs); // 17 start_timestamp
  if (histogram === null) {
    writer.int(0x78, timeMs); // 15 timestamp
    writer.halves(0x19, STALE_LOW, STALE_HIGH); // 3 sum
    writer.int(0x08, 0); // 1 count_int
    writer.message(tag, end);
    return;
  }
  if (histogram.customBounds !== null && histogram.customBounds.length > 0) {
    const boundsEnd = writer.mark();
    for (let i = histogram.customBounds.length - 1; i >= 0; i--) writer.rawDouble(histogram.customBounds[i]);
    writer.message(0x82, boundsEnd); // 16 custom_values
  }
  writer.int(0x78, timeMs); // 15 timestamp
  const hint = RESET_HINTS[histogram.counterReset];
  if (hint !== 0) writer.int(0x70, hint); // 14 reset_hint
  const integers = areIntegers(histogram);
  writeBuckets(writer, POSITIVE, histogram.positive, integers);
  writeBuckets(writer, NEGATIVE, histogram.negative, integers);
  if (integers) writer.int(0x30, histogram.zeroCount); // 6 zero_count_int
  else writer.double(0x39, histogram.zeroCount); // 7 zero_count_float
  writer.double(0x29, histogram.zeroThreshold); // 5 zero_threshold
  writer.signed(0x20, histogram.schema); // 4 schema
  writer.double(0x19, histogram.sum); // 3 sum
  if (integers) writer.int(0x08, histogram.count); // 1 count_int
  else writer.double(0x11, histogram.count); // 2 count_float
  writer.message(tag, end);
}

/** An integer histogram whose count is not that of its buckets would be refused; a float one may be so. */
function areIntegers({ count, zeroCount, sum, positive, negative }: NativeHistogram): boolean {
  if (!isCount(count) || !isCount(zeroCount)) return false;
  let total = zeroCount;
  for (const counts of [positive.counts, negative.counts]) {
    for (let i = 0; i < counts.length; i++) {
      if (!isCount(counts[i])) return false;
      total += counts[i];
    }
  }
  return Number.isNaN(sum) ? total <= count : total === count;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function writeBuckets(writer: WriteWriter, fields: BucketFields, { offsets, counts }: NativeHistogram['positive'], integers: boolean): void {
  const last = counts.length - 1;
  if (last < 0) return;
  const bucketsEnd = writer.mark();
  for (let i = last; i >= 0; i--) {
    if (integers) writer.packedSigned(counts[i] - (i === 0 ? 0 : counts[i - 1]));
    else writer.rawDouble(counts[i]);
  }
  writer.message(integers ? fields.deltas : fields.counts, bucketsEnd);
  // Runs of neighbouring buckets, from the last one; the first says its index, others the gap before them.
  for (let to = last; to >= 0; ) {
    let from = to;
    while (from > 0 && offsets[from - 1] === offsets[from] - 1) from--;
    const spanEnd = writer.mark();
    writer.int(0x10, to - from + 1); // 2 length
    writer.signed(0x08, from === 0 ? offsets[0] : offsets[from] - offsets[from - 1] - 1); // 1 offset
    writer.message(fields.spans, spanEnd);
    to = from - 1;
  }
}
