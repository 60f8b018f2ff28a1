import type { Scanner } from './scanner.js';
import { COVER_NOTHING } from './secret-keys.js';

/** Data points up to `end`; each function answers why the point is of no use, or null. */

const NO_VALUE = 'data point has no value';
const BUCKETS = 'histogram must have one bucket count more than it has bounds';
/** DataPointFlags.FLAG_NO_RECORDED_VALUE */
const NO_RECORDED_VALUE = 1;

export function scanNumberDataPoint(scanner: Scanner, end: number): string | null {
  let hasValue = false;
  let flags = 0;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 33: // 4 as_double
      case 49: // 6 as_int
        scanner.skipFixed(8, end);
        hasValue = true;
        break;
      case 42: // 5 exemplars
        scanExemplar(scanner, scanner.limit(end));
        break;
      case 58: // 7 attributes
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        break;
      case 64: // 8 flags
        scanner.varint(end);
        flags = scanner.low;
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  return hasValue || (flags & NO_RECORDED_VALUE) !== 0 ? null : NO_VALUE;
}

export function scanHistogramDataPoint(scanner: Scanner, end: number): string | null {
  let counts = 0;
  let bounds = 0;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 50: // 6 bucket_counts, packed
        counts += packed8(scanner, end);
        break;
      case 49: // 6 bucket_counts
        scanner.skipFixed(8, end);
        counts++;
        break;
      case 58: // 7 explicit_bounds, packed
        bounds += packed8(scanner, end);
        break;
      case 57: // 7 explicit_bounds
        scanner.skipFixed(8, end);
        bounds++;
        break;
      case 66: // 8 exemplars
        scanExemplar(scanner, scanner.limit(end));
        break;
      case 74: // 9 attributes
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  return counts === 0 || counts === bounds + 1 ? null : BUCKETS;
}

function packed8(scanner: Scanner, end: number): number {
  const limit = scanner.limit(end);
  const size = limit - scanner.pos;
  if (size % 8 !== 0) scanner.fail('packed numbers of 8 bytes have a broken length');
  scanner.pos = limit;
  return size / 8;
}

export function scanExponentialHistogramDataPoint(scanner: Scanner, end: number): string | null {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 10: // 1 attributes
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        break;
      case 66: // 8 positive
      case 74: // 9 negative
        scanBuckets(scanner, scanner.limit(end));
        break;
      case 90: // 11 exemplars
        scanExemplar(scanner, scanner.limit(end));
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  return null;
}

function scanBuckets(scanner: Scanner, end: number): void {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 18) { // 2 bucket_counts, packed
      const limit = scanner.limit(end);
      while (scanner.pos < limit) scanner.varint(limit);
    } else scanner.skip(tag, end);
  }
}

export function scanSummaryDataPoint(scanner: Scanner, end: number): string | null {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 50: // 6 quantile_values
        scanQuantile(scanner, scanner.limit(end));
        break;
      case 58: // 7 attributes
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  return null;
}

function scanQuantile(scanner: Scanner, end: number): void {
  while (scanner.pos < end) scanner.skip(scanner.tag(end), end);
}

function scanExemplar(scanner: Scanner, end: number): void {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 58) scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING); // 7 filtered_attributes
    else scanner.skip(tag, end);
  }
}
