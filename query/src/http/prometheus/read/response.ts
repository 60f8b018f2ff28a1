import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import type { Labels, NativeHistogram } from '@signalbox/signals/prometheus/types';
import type { Series } from '../../../readers.js';
import type { Chunk } from './chunks.js';
import { spansOf } from './spans.js';
import { bitsOf } from './xor.js';

const RESET_HINTS: Readonly<Record<NativeHistogram['counterReset'], number>> = { unknown: 0, reset: 1, no: 2, gauge: 3 };

/** A ReadResponse with the samples of each query. */
export function encodeSamples(results: readonly (readonly Series[])[]): Uint8Array {
  const writer = new Writer();
  for (const result of [...results].reverse()) {
    const end = writer.mark();
    for (const series of [...result].reverse()) {
      const seriesEnd = writer.mark();
      writeSamples(writer, series);
      writeLabels(writer, series.labels);
      writer.message(0x0a, seriesEnd); // 1 timeseries
    }
    writer.message(0x0a, end); // 1 results
  }
  return writer.finish();
}

function writeSamples(writer: Writer, { timesMs, values, histograms }: Series): void {
  for (let i = timesMs.length - 1; i >= 0; i--) {
    const histogram = histograms?.[i] ?? null;
    if (histogram !== null) writeHistogram(writer, timesMs[i] ?? 0, histogram);
  }
  for (let i = timesMs.length - 1; i >= 0; i--) {
    if ((histograms?.[i] ?? null) !== null) continue;
    const end = writer.mark();
    writer.setInt64(0x10, BigInt(timesMs[i] ?? 0)); // 2 timestamp
    writer.setFixed64(0x09, bitsOf(values[i] ?? NaN)); // 1 value
    writer.message(0x12, end); // 2 samples
  }
}

/** As a histogram of floats, which says of integers the same. */
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

function writeSpans(writer: Writer, tag: number, offsets: Int32Array): void {
  for (const { offset, length } of spansOf(offsets).reverse()) {
    const end = writer.mark();
    writer.uint32(0x10, length); // 2 length
    writer.sint32(0x08, offset); // 1 offset
    writer.message(tag, end);
  }
}

/** A ChunkedReadResponse with chunks of one series. */
export function encodeChunks(labels: Labels, chunks: readonly Chunk[], queryIndex: number): Uint8Array {
  const writer = new Writer();
  if (queryIndex !== 0) writer.setInt64(0x10, BigInt(queryIndex)); // 2 query_index
  const end = writer.mark();
  for (const { minMs, maxMs, encoding, data } of [...chunks].reverse()) {
    const chunkEnd = writer.mark();
    writer.setBytes(0x22, data); // 4 data
    writer.uint32(0x18, encoding); // 3 type
    writer.setInt64(0x10, BigInt(maxMs)); // 2 max_time_ms
    writer.setInt64(0x08, BigInt(minMs)); // 1 min_time_ms
    writer.message(0x12, chunkEnd); // 2 chunks
  }
  writeLabels(writer, labels);
  writer.message(0x0a, end); // 1 chunked_series
  return writer.finish();
}

function writeLabels(writer: Writer, labels: Labels): void {
  for (const [name, value] of [...labels].reverse()) {
    const end = writer.mark();
    writer.string(0x12, value); // 2 value
    writer.string(0x0a, name); // 1 name
    writer.message(0x0a, end); // 1 labels
  }
}
