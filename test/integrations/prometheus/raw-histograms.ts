import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { STALE_NAN_BITS } from '@signalbox/signals/prometheus/types';

/** A `prometheus.Histogram` field by field, whether they go together or not. What is left out is not written. */
export interface RawHistogram {
  readonly countInt?: number;
  readonly countFloat?: number;
  readonly sum?: number | 'stale';
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroInt?: number;
  readonly zeroFloat?: number;
  readonly negativeSpans?: readonly Span[];
  readonly negativeDeltas?: readonly number[];
  readonly spans?: readonly Span[];
  /** Of integers; of floats there are counts. */
  readonly deltas?: readonly number[];
  readonly counts?: readonly number[];
  /** 1: reset, 2: none, 3: gauge. */
  readonly hint?: number;
  /** A minute where it is left out. */
  readonly timeMs?: number;
  readonly bounds?: readonly number[];
}

type Span = readonly [gap: number, length: number];

/** A histogram or a float. */
export type RawPoint = RawHistogram | readonly [timeMs: number, value: number | 'stale'];

/** A remote write 1.0 of one series as it stands. */
export function rawWrite(name: string, points: readonly RawPoint[]): Buffer {
  const writer = new Writer();
  const end = writer.mark();
  for (const point of points.toReversed()) if (!isFloat(point)) writeHistogram(writer, point);
  for (const point of points.toReversed()) {
    if (!isFloat(point)) continue;
    const sampleEnd = writer.mark();
    writer.setInt64(0x10, BigInt(point[0])); // 2 timestamp
    setNumber(writer, 0x09, point[1]); // 1 value
    writer.message(0x12, sampleEnd); // 2 samples
  }
  const labelEnd = writer.mark();
  writer.string(0x12, name);
  writer.string(0x0a, '__name__');
  writer.message(0x0a, labelEnd); // 1 labels
  writer.message(0x0a, end); // 1 timeseries
  return Buffer.from(writer.finish());
}

function isFloat(point: RawPoint): point is readonly [number, number | 'stale'] {
  return Array.isArray(point);
}

function setNumber(writer: Writer, tag: number, value: number | 'stale'): void {
  if (value === 'stale') writer.setFixed64(tag, STALE_NAN_BITS);
  else writer.setDouble(tag, value);
}

function writeHistogram(writer: Writer, histogram: RawHistogram): void {
  const { sum, zeroThreshold, schema, hint, timeMs = 60_000 } = histogram;
  const end = writer.mark();
  if (histogram.bounds !== undefined) writer.packedDouble(0x82, [...histogram.bounds]); // 16 custom_values
  writer.setInt64(0x78, BigInt(timeMs)); // 15 timestamp
  if (hint !== undefined) writer.uint32(0x70, hint); // 14 reset_hint
  if (histogram.counts !== undefined) writer.packedDouble(0x6a, [...histogram.counts]); // 13 positive_counts
  writeDeltas(writer, 0x62, histogram.deltas); // 12 positive_deltas
  writeSpans(writer, 0x5a, histogram.spans); // 11 positive_spans
  writeDeltas(writer, 0x4a, histogram.negativeDeltas); // 9 negative_deltas
  writeSpans(writer, 0x42, histogram.negativeSpans); // 8 negative_spans
  if (histogram.zeroFloat !== undefined) writer.setDouble(0x39, histogram.zeroFloat); // 7 zero_count_float
  if (histogram.zeroInt !== undefined) writer.setInt64(0x30, BigInt(histogram.zeroInt)); // 6 zero_count_int
  if (zeroThreshold !== undefined) writer.setDouble(0x29, zeroThreshold); // 5 zero_threshold
  if (schema !== undefined) writer.sint32(0x20, schema); // 4 schema
  if (sum !== undefined) setNumber(writer, 0x19, sum); // 3 sum
  if (histogram.countFloat !== undefined) writer.setDouble(0x11, histogram.countFloat); // 2 count_float
  if (histogram.countInt !== undefined) writer.setInt64(0x08, BigInt(histogram.countInt)); // 1 count_int
  writer.message(0x22, end); // 4 histograms
}

function writeSpans(writer: Writer, tag: number, spans: readonly Span[] = []): void {
  for (const [gap, length] of spans.toReversed()) {
    const end = writer.mark();
    writer.uint32(0x10, length); // 2 length
    writer.sint32(0x08, gap); // 1 offset
    writer.message(tag, end);
  }
}

/** Small ones, each of one byte. */
function writeDeltas(writer: Writer, tag: number, deltas: readonly number[] | undefined): void {
  if (deltas !== undefined) writer.setBytes(tag, Uint8Array.from(deltas, (delta) => (delta < 0 ? -2 * delta - 1 : 2 * delta)));
}
