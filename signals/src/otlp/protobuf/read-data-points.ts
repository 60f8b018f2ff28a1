import type { KeyValue } from '../../model/attributes.js';
import type {
  Exemplar, ExponentialBuckets, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint, SummaryDataPoint,
} from '../../model/metric.js';
import { readKeyValue } from './attributes.js';
import type { Reader } from './reader.js';

export function readNumberDataPoint(reader: Reader, end: number): NumberDataPoint {
  const attributes: KeyValue[] = [];
  let startNs = 0n;
  let timeNs = 0n;
  let flags = 0;
  let value: bigint | number | null = null;
  const exemplars: Exemplar[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 17: // 2 start_time_unix_nano
        startNs = reader.fixed64(end);
        break;
      case 25: // 3 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 33: // 4 as_double
        value = reader.double(end);
        break;
      case 42: // 5 exemplars
        exemplars.push(readExemplar(reader, reader.limit(end)));
        break;
      case 49: // 6 as_int
        value = reader.sfixed64(end);
        break;
      case 58: // 7 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 64: // 8 flags
        flags = reader.uint32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { attributes, startNs, timeNs, flags, value, exemplars };
}

export function readHistogramDataPoint(reader: Reader, end: number): HistogramDataPoint {
  const attributes: KeyValue[] = [];
  let startNs = 0n;
  let timeNs = 0n;
  let flags = 0;
  let count = 0n;
  let sum: number | null = null;
  let min: number | null = null;
  let max: number | null = null;
  const bucketCounts: bigint[] = [];
  const explicitBounds: number[] = [];
  const exemplars: Exemplar[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 17: // 2 start_time_unix_nano
        startNs = reader.fixed64(end);
        break;
      case 25: // 3 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 33: // 4 count
        count = reader.fixed64(end);
        break;
      case 41: // 5 sum
        sum = reader.double(end);
        break;
      case 50: // 6 bucket_counts, packed
        reader.packed8(end, bucketCounts, readFixed64);
        break;
      case 49: // 6 bucket_counts
        bucketCounts.push(reader.fixed64(end));
        break;
      case 58: // 7 explicit_bounds, packed
        reader.packed8(end, explicitBounds, readDouble);
        break;
      case 57: // 7 explicit_bounds
        explicitBounds.push(reader.double(end));
        break;
      case 66: // 8 exemplars
        exemplars.push(readExemplar(reader, reader.limit(end)));
        break;
      case 74: // 9 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 80: // 10 flags
        flags = reader.uint32(end);
        break;
      case 89: // 11 min
        min = reader.double(end);
        break;
      case 97: // 12 max
        max = reader.double(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { attributes, startNs, timeNs, flags, count, sum, min, max, bucketCounts, explicitBounds, exemplars };
}

export function readExponentialHistogramDataPoint(reader: Reader, end: number): ExponentialHistogramDataPoint {
  const attributes: KeyValue[] = [];
  let startNs = 0n;
  let timeNs = 0n;
  let flags = 0;
  let count = 0n;
  let sum: number | null = null;
  let min: number | null = null;
  let max: number | null = null;
  let scale = 0;
  let zeroCount = 0n;
  let zeroThreshold = 0;
  let positive: ExponentialBuckets | null = null;
  let negative: ExponentialBuckets | null = null;
  const exemplars: Exemplar[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 17: // 2 start_time_unix_nano
        startNs = reader.fixed64(end);
        break;
      case 25: // 3 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 33: // 4 count
        count = reader.fixed64(end);
        break;
      case 41: // 5 sum
        sum = reader.double(end);
        break;
      case 48: // 6 scale
        scale = reader.sint32(end);
        break;
      case 57: // 7 zero_count
        zeroCount = reader.fixed64(end);
        break;
      case 66: // 8 positive
        positive = readBuckets(reader, reader.limit(end), positive);
        break;
      case 74: // 9 negative
        negative = readBuckets(reader, reader.limit(end), negative);
        break;
      case 80: // 10 flags
        flags = reader.uint32(end);
        break;
      case 90: // 11 exemplars
        exemplars.push(readExemplar(reader, reader.limit(end)));
        break;
      case 97: // 12 min
        min = reader.double(end);
        break;
      case 105: // 13 max
        max = reader.double(end);
        break;
      case 113: // 14 zero_threshold
        zeroThreshold = reader.double(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return {
    attributes, startNs, timeNs, flags, count, sum, min, max, scale, zeroCount, zeroThreshold, positive, negative, exemplars,
  };
}

function readBuckets(reader: Reader, end: number, before: ExponentialBuckets | null): ExponentialBuckets {
  let offset = before === null ? 0 : before.offset;
  const bucketCounts = before === null ? [] : (before.bucketCounts as bigint[]);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 8: // 1 offset
        offset = reader.sint32(end);
        break;
      case 18: { // 2 bucket_counts, packed
        const limit = reader.limit(end);
        while (reader.pos < limit) bucketCounts.push(reader.uint64(limit));
        break;
      }
      case 16: // 2 bucket_counts
        bucketCounts.push(reader.uint64(end));
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { offset, bucketCounts };
}

export function readSummaryDataPoint(reader: Reader, end: number): SummaryDataPoint {
  const attributes: KeyValue[] = [];
  let startNs = 0n;
  let timeNs = 0n;
  let flags = 0;
  let count = 0n;
  let sum = 0;
  const quantileValues: { quantile: number; value: number }[] = [];
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 17: // 2 start_time_unix_nano
        startNs = reader.fixed64(end);
        break;
      case 25: // 3 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 33: // 4 count
        count = reader.fixed64(end);
        break;
      case 41: // 5 sum
        sum = reader.double(end);
        break;
      case 50: // 6 quantile_values
        quantileValues.push(readQuantile(reader, reader.limit(end)));
        break;
      case 58: // 7 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 64: // 8 flags
        flags = reader.uint32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { attributes, startNs, timeNs, flags, count, sum, quantileValues };
}

function readQuantile(reader: Reader, end: number): { quantile: number; value: number } {
  let quantile = 0;
  let value = 0;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 9) quantile = reader.double(end); // 1 quantile
    else if (tag === 17) value = reader.double(end); // 2 value
    else reader.skip(tag, end);
  }
  return { quantile, value };
}

export function readExemplar(reader: Reader, end: number): Exemplar {
  const filteredAttributes: KeyValue[] = [];
  let timeNs = 0n;
  let value: bigint | number | null = null;
  let spanId = '';
  let traceId = '';
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 17: // 2 time_unix_nano
        timeNs = reader.fixed64(end);
        break;
      case 25: // 3 as_double
        value = reader.double(end);
        break;
      case 34: // 4 span_id
        spanId = reader.optionalId(end);
        break;
      case 42: // 5 trace_id
        traceId = reader.optionalId(end);
        break;
      case 49: // 6 as_int
        value = reader.sfixed64(end);
        break;
      case 58: // 7 filtered_attributes
        filteredAttributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { filteredAttributes, timeNs, value, spanId, traceId };
}

const readFixed64 = (reader: Reader, end: number): bigint => reader.fixed64(end);
const readDouble = (reader: Reader, end: number): number => reader.double(end);
