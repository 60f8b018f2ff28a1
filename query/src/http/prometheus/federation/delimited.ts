import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import type { NativeHistogram } from '@signalbox/signals/prometheus/types';
import { spansOf } from '../read/spans.js';
import { cumulativeCounts } from './cumulative-counts.js';
import type { Escaping } from './escape-name.js';
import { escapeName } from './escape-name.js';
import type { Family, Latest } from './latest.js';
import { familiesOf, labelsBesideName } from './latest.js';

/** MetricType of Prometheus' client model. */
const TYPES: Readonly<Record<Family['kind'], number>> = { untyped: 3, histogram: 4, 'gauge histogram': 5 };

/** Federated samples as `io.prometheus.client.MetricFamily` messages, each behind its length: the only format with native histograms. */
export function delimitedFamilies(samples: readonly Latest[], escaping: Escaping): Buffer {
  const writer = new Writer();
  for (const family of familiesOf(samples).reverse()) {
    const end = writer.mark();
    for (const sample of [...family.samples].reverse()) writeMetric(writer, sample, escaping);
    writer.setUint32(0x18, TYPES[family.kind]); // 3 type
    writer.setString(0x0a, escapeName(family.name, escaping)); // 1 name
    writer.message(0x0a, end);
  }
  return withoutTags(writer.finish());
}

/** Each message stands behind a tag here, as within another one, and alone in the stream. */
function withoutTags(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    let length = 0;
    let to = at + 1;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[to++] ?? 0;
      length += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    parts.push(bytes.subarray(at + 1, to + length));
    at = to + length;
  }
  return Buffer.concat(parts);
}

function writeMetric(writer: Writer, { labels, timeMs, value, histogram }: Latest, escaping: Escaping): void {
  const end = writer.mark();
  if (histogram !== null) {
    const histogramEnd = writer.mark();
    if (histogram.customBounds === null) writeNative(writer, histogram);
    else writeClassic(writer, histogram, histogram.customBounds);
    writer.message(0x3a, histogramEnd); // 7 histogram
  }
  writer.setInt64(0x30, BigInt(timeMs)); // 6 timestamp_ms
  if (histogram === null) {
    const valueEnd = writer.mark();
    writer.setDouble(0x09, value); // 1 value
    writer.message(0x2a, valueEnd); // 5 untyped
  }
  for (const [name, text] of [...labelsBesideName(labels)].reverse()) {
    const labelEnd = writer.mark();
    writer.setString(0x12, text); // 2 value
    writer.setString(0x0a, escapeName(name, escaping)); // 1 name
    writer.message(0x0a, labelEnd); // 1 label
  }
  writer.message(0x22, end); // 4 metric
}

function writeNative(writer: Writer, { schema, zeroThreshold, zeroCount, count, sum, positive, negative }: NativeHistogram): void {
  for (const bucket of [...positive.counts].reverse()) writer.setDouble(0x71, bucket); // 14 positive_count
  writeSpans(writer, 0x62, positive.offsets); // 12 positive_span
  for (const bucket of [...negative.counts].reverse()) writer.setDouble(0x59, bucket); // 11 negative_count
  writeSpans(writer, 0x4a, negative.offsets); // 9 negative_span
  writer.setDouble(0x41, zeroCount); // 8 zero_count_float
  writer.setDouble(0x31, zeroThreshold); // 6 zero_threshold
  writer.setUint32(0x28, zigzag(schema)); // 5 schema
  writer.setDouble(0x21, count); // 4 sample_count_float
  writer.setDouble(0x11, sum); // 2 sample_sum
}

/** One with custom buckets is a classic histogram to who federates; the last bucket, of everything, goes without saying. */
function writeClassic(writer: Writer, { positive, count, sum }: NativeHistogram, bounds: Float64Array): void {
  writer.setDouble(0x21, count); // 4 sample_count_float
  const cumulative = cumulativeCounts(positive, bounds.length);
  for (let i = bounds.length - 1; i >= 0; i--) {
    const end = writer.mark();
    writer.setDouble(0x21, cumulative[i] ?? 0); // 4 cumulative_count_float
    writer.setDouble(0x11, bounds[i] ?? 0); // 2 upper_bound
    writer.message(0x1a, end); // 3 bucket
  }
  writer.setDouble(0x11, sum); // 2 sample_sum
}

function writeSpans(writer: Writer, tag: number, offsets: Int32Array): void {
  for (const { offset, length } of spansOf(offsets).reverse()) {
    const end = writer.mark();
    writer.setUint32(0x10, length); // 2 length
    writer.setUint32(0x08, zigzag(offset)); // 1 offset
    writer.message(tag, end);
  }
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}
