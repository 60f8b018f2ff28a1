import { compressSync } from 'snappy';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import { STALE_NAN_BITS } from '@signalbox/signals/prometheus/types';

/** One sample as a test states it. */
export interface Point {
  readonly timeMs: number;
  readonly value: number | 'stale' | NativeHistogram;
}

export interface PointSeries {
  readonly labels: Labels;
  readonly points: readonly Point[];
}

const RESET_HINTS: Readonly<Record<NativeHistogram['counterReset'], number>> = { unknown: 0, reset: 1, no: 2, gauge: 3 };

/** A snappy-compressed prometheus.WriteRequest (remote write 1.0) in which every native histogram is one of floats. */
export function writeRequest(all: readonly PointSeries[]): Buffer {
  const writer = new Writer();
  for (const { labels, points } of [...all].reverse()) {
    const end = writer.mark();
    const native = points.some(({ value }) => typeof value === 'object');
    for (const { timeMs, value } of [...points].reverse()) {
      // A stale marker among native histograms is a histogram whose sum is the marker.
      if (typeof value === 'object') writeHistogram(writer, timeMs, value);
      else if (value === 'stale' && native) writeStaleHistogram(writer, timeMs);
    }
    for (const { timeMs, value } of [...points].reverse()) {
      if (typeof value === 'object' || (value === 'stale' && native)) continue;
      const sampleEnd = writer.mark();
      writer.setInt64(0x10, BigInt(timeMs)); // 2 timestamp
      if (value === 'stale') writer.setFixed64(0x09, STALE_NAN_BITS); // 1 value
      else writer.setDouble(0x09, value);
      writer.message(0x12, sampleEnd); // 2 samples
    }
    for (const [name, value] of [...labels].reverse()) {
      const labelEnd = writer.mark();
      writer.string(0x12, value);
      writer.string(0x0a, name);
      writer.message(0x0a, labelEnd); // 1 labels
    }
    writer.message(0x0a, end); // 1 timeseries
  }
  return compressSync(Buffer.from(writer.finish()));
}

function writeStaleHistogram(writer: Writer, timeMs: number): void {
  const end = writer.mark();
  writer.setInt64(0x78, BigInt(timeMs)); // 15 timestamp
  writer.setDouble(0x39, 0); // 7 zero_count_float
  writer.setFixed64(0x19, STALE_NAN_BITS); // 3 sum
  writer.setDouble(0x11, 0); // 2 count_float
  writer.message(0x22, end);
}

function writeHistogram(writer: Writer, timeMs: number, histogram: NativeHistogram): void {
  const end = writer.mark();
  if (histogram.customBounds !== null) writer.packedDouble(0x82, [...histogram.customBounds]); // 16 custom_values
  writer.setInt64(0x78, BigInt(timeMs)); // 15 timestamp
  writer.uint32(0x70, RESET_HINTS[histogram.counterReset]); // 14 reset_hint
  writer.packedDouble(0x6a, [...histogram.positive.counts]); // 13 positive_counts
  writeSpans(writer, 0x5a, histogram.positive.offsets); // 11 positive_spans
  writer.packedDouble(0x52, [...histogram.negative.counts]); // 10 negative_counts
  writeSpans(writer, 0x42, histogram.negative.offsets); // 8 negative_spans
  writer.setDouble(0x39, histogram.zeroCount); // 7 zero_count_float
  writer.double(0x29, histogram.zeroThreshold); // 5 zero_threshold
  writer.sint32(0x20, histogram.schema); // 4 schema
  writer.double(0x19, histogram.sum); // 3 sum
  writer.setDouble(0x11, histogram.count); // 2 count_float
  writer.message(0x22, end); // 4 histograms
}

/** Buckets that follow each other: the gap to the span before, and how many. */
function writeSpans(writer: Writer, tag: number, offsets: Int32Array): void {
  const spans: { gap: number; length: number }[] = [];
  let next = 0;
  for (const index of offsets) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ gap: index - next, length: 1 });
    next = index + 1;
  }
  for (const { gap, length } of spans.reverse()) {
    const end = writer.mark();
    writer.uint32(0x10, length); // 2 length
    writer.sint32(0x08, gap); // 1 offset
    writer.message(tag, end);
  }
}
