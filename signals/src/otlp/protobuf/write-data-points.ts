import type {
  Exemplar, ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint, SummaryDataPoint,
} from '../../model/metric.js';
import { writeAttributes } from './attributes.js';
import type { Writer } from './writer.js';

export function writeNumberDataPoint(writer: Writer, point: NumberDataPoint): void {
  writer.uint32(64, point.flags);
  writeAttributes(writer, 58, point.attributes);
  if (typeof point.value === 'bigint') writer.setFixed64(49, point.value);
  writeExemplars(writer, 42, point.exemplars);
  if (typeof point.value === 'number') writer.setDouble(33, point.value);
  writer.fixed64(25, point.timeNs);
  writer.fixed64(17, point.startNs);
}

export function writeHistogramDataPoint(writer: Writer, point: HistogramDataPoint): void {
  writer.optionalDouble(97, point.max);
  writer.optionalDouble(89, point.min);
  writer.uint32(80, point.flags);
  writeAttributes(writer, 74, point.attributes);
  writeExemplars(writer, 66, point.exemplars);
  writer.packedDouble(58, point.explicitBounds);
  writer.packedFixed64(50, point.bucketCounts);
  writer.optionalDouble(41, point.sum);
  writer.fixed64(33, point.count);
  writer.fixed64(25, point.timeNs);
  writer.fixed64(17, point.startNs);
}

export function writeExponentialHistogramDataPoint(writer: Writer, point: ExponentialHistogramDataPoint): void {
  writer.double(113, point.zeroThreshold);
  writer.optionalDouble(105, point.max);
  writer.optionalDouble(97, point.min);
  writeExemplars(writer, 90, point.exemplars);
  writer.uint32(80, point.flags);
  writeBuckets(writer, 74, point.negative);
  writeBuckets(writer, 66, point.positive);
  writer.fixed64(57, point.zeroCount);
  writer.sint32(48, point.scale);
  writer.optionalDouble(41, point.sum);
  writer.fixed64(33, point.count);
  writer.fixed64(25, point.timeNs);
  writer.fixed64(17, point.startNs);
  writeAttributes(writer, 10, point.attributes);
}

function writeBuckets(writer: Writer, tag: number, buckets: ExponentialBuckets | null): void {
  if (buckets === null) return;
  const end = writer.mark();
  writer.packedUint64(18, buckets.bucketCounts);
  writer.sint32(8, buckets.offset);
  writer.message(tag, end);
}

export function writeSummaryDataPoint(writer: Writer, point: SummaryDataPoint): void {
  writer.uint32(64, point.flags);
  writeAttributes(writer, 58, point.attributes);
  for (let i = point.quantileValues.length - 1; i >= 0; i--) {
    const end = writer.mark();
    writer.double(17, point.quantileValues[i].value);
    writer.double(9, point.quantileValues[i].quantile);
    writer.message(50, end);
  }
  writer.double(41, point.sum);
  writer.fixed64(33, point.count);
  writer.fixed64(25, point.timeNs);
  writer.fixed64(17, point.startNs);
}

function writeExemplars(writer: Writer, tag: number, exemplars: readonly Exemplar[]): void {
  for (let i = exemplars.length - 1; i >= 0; i--) {
    const exemplar = exemplars[i];
    const end = writer.mark();
    writeAttributes(writer, 58, exemplar.filteredAttributes);
    if (typeof exemplar.value === 'bigint') writer.setFixed64(49, exemplar.value);
    writer.id(42, exemplar.traceId);
    writer.id(34, exemplar.spanId);
    if (typeof exemplar.value === 'number') writer.setDouble(25, exemplar.value);
    writer.fixed64(17, exemplar.timeNs);
    writer.message(tag, end);
  }
}
