import { MAX_SCHEMA } from '../native-histogram.js';
import type { NativeHistogram } from '../types.js';
import { histogramProblem, type WireBuckets, type WireHistogram } from './histogram-check.js';
import { isStaleBits } from './sample-bits.js';
import type { WriteHistogram } from './types.js';
import type { WriteReader } from './write-reader.js';

const RESET_HINTS: readonly NativeHistogram['counterReset'][] = ['unknown', 'reset', 'no', 'gauge'];
const EMPTY = { offsets: new Int32Array(0), counts: new Float64Array(0) };

interface BucketLists {
  readonly spans: number[];
  readonly deltas: number[];
  readonly counts: number[];
}

/** Reads the Histogram message that ends at `end`, the same in both versions. A histogram that Prometheus would not take is a text that says why. */
export function readHistogram(reader: WriteReader, end: number): WriteHistogram | string {
  let float = false;
  let stale = false;
  let count = 0;
  let sum = 0;
  let schema = 0;
  let zeroThreshold = 0;
  let zeroCount = 0;
  let hint = 0;
  let timeMs = 0;
  let startMs = 0;
  const negative = lists();
  const positive = lists();
  const customValues: number[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 0x08: count = reader.count(end); float = false; break; // 1 count_int
      case 0x11: count = reader.double(end); float = true; break; // 2 count_float
      case 0x19: { // 3 sum
        const at = reader.pos;
        sum = reader.double(end);
        stale = isStaleBits(reader.view.getUint32(at, true), reader.view.getUint32(at + 4, true));
        break;
      }
      case 0x20: schema = reader.sint32(end); break; // 4 schema
      case 0x29: zeroThreshold = reader.double(end); break; // 5 zero_threshold
      case 0x30: zeroCount = reader.count(end); break; // 6 zero_count_int
      case 0x39: zeroCount = reader.double(end); break; // 7 zero_count_float
      case 0x42: readSpan(reader, end, negative.spans); break; // 8 negative_spans
      case 0x4a: case 0x48: reader.varints(tag, end, negative.deltas, readDelta); break; // 9 negative_deltas
      case 0x52: case 0x51: reader.doubles(tag, end, negative.counts); break; // 10 negative_counts
      case 0x5a: readSpan(reader, end, positive.spans); break; // 11 positive_spans
      case 0x62: case 0x60: reader.varints(tag, end, positive.deltas, readDelta); break; // 12 positive_deltas
      case 0x6a: case 0x69: reader.doubles(tag, end, positive.counts); break; // 13 positive_counts
      case 0x70: hint = reader.int32(end); break; // 14 reset_hint
      case 0x78: timeMs = reader.time(end); break; // 15 timestamp
      case 0x82: case 0x81: reader.doubles(tag, end, customValues); break; // 16 custom_values
      case 0x88: startMs = reader.time(end); break; // 17 start_timestamp
      default: reader.skip(tag, end);
    }
  }
  if (stale) return { timeMs, startMs, histogram: null };
  const wire: WireHistogram = { float, schema, zeroThreshold, zeroCount, count, sum, positive: absolute(positive, float), negative: absolute(negative, float), customValues };
  const problem = histogramProblem(wire);
  return problem ?? { timeMs, startMs, histogram: histogramOf(wire, RESET_HINTS[hint] ?? 'unknown') };
}

const lists = (): BucketLists => ({ spans: [], deltas: [], counts: [] });
const readDelta = (reader: WriteReader, end: number): number => reader.delta(end);

function readSpan(reader: WriteReader, end: number, spans: number[]): void {
  const limit = reader.limit(end);
  let offset = 0;
  let length = 0;
  while (reader.pos < limit) {
    const tag = reader.tag(limit);
    if (tag === 0x08) offset = reader.sint32(limit); // 1 offset
    else if (tag === 0x10) length = reader.uint32(limit); // 2 length
    else reader.skip(tag, limit);
  }
  spans.push(offset, length);
}

function absolute({ spans, deltas, counts }: BucketLists, float: boolean): WireBuckets {
  if (float) return { spans, counts };
  let count = 0;
  for (let i = 0; i < deltas.length; i++) deltas[i] = count += deltas[i]!;
  return { spans, counts: deltas };
}

function histogramOf({ schema, zeroThreshold, zeroCount, count, sum, positive, negative, customValues }: WireHistogram, counterReset: NativeHistogram['counterReset']): NativeHistogram {
  const finer = Math.max(0, schema - MAX_SCHEMA);
  return {
    schema: schema - finer,
    zeroThreshold,
    zeroCount,
    count,
    sum,
    positive: bucketsOf(positive, finer),
    negative: bucketsOf(negative, finer),
    customBounds: schema < MIN_EXPONENTIAL ? Float64Array.from(customValues) : null,
    counterReset,
  };
}

const MIN_EXPONENTIAL = -9;

/** Buckets that are not empty; of a finer schema, so many to the power of two merged into one. */
function bucketsOf({ spans, counts }: WireBuckets, finer: number): NativeHistogram['positive'] {
  if (counts.length === 0) return EMPTY;
  const offsets: number[] = [];
  const kept: number[] = [];
  let bucket = 0;
  let at = 0;
  for (let i = 0; i < spans.length; i += 2) {
    bucket += spans[i]!;
    for (let left = spans[i + 1]!; left > 0; left--, bucket++) {
      const count = counts[at++]!;
      if (count === 0) continue;
      // Bucket i of a schema one finer is bucket ceil(i / 2) of this one.
      const offset = finer === 0 ? bucket : finer > 31 ? (bucket > 0 ? 1 : 0) : ((bucket - 1) >> finer) + 1;
      if (offsets.at(-1) === offset) kept[kept.length - 1]! += count;
      else {
        offsets.push(offset);
        kept.push(count);
      }
    }
  }
  return { offsets: Int32Array.from(offsets), counts: Float64Array.from(kept) };
}
