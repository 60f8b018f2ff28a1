import { scanExponentialHistogramDataPoint, scanHistogramDataPoint, scanNumberDataPoint, scanSummaryDataPoint } from './data-points.js';
import type { Scanner } from './scanner.js';
import { COVER_NOTHING } from './secret-keys.js';

type ScanPoint = (scanner: Scanner, end: number) => string | null;

/** By the tag of the metric's data. */
const POINTS: Readonly<Record<number, ScanPoint>> = {
  42: scanNumberDataPoint, // 5 gauge
  58: scanNumberDataPoint, // 7 sum
  74: scanHistogramDataPoint, // 9 histogram
  82: scanExponentialHistogramDataPoint, // 10 exponential_histogram
  90: scanSummaryDataPoint, // 11 summary
};

/** opentelemetry.proto.metrics.v1.Metric; its items are the data points. */
export function scanMetric(scanner: Scanner, end: number): void {
  const first = scanner.items;
  let kind = 0;
  let kindFirst = first;
  let named = false;
  let metadata = 0;
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    switch (tag) {
      case 10: { // 1 name
        const start = scanner.pos;
        scanner.string(end);
        named = scanner.pos - start > 1;
        break;
      }
      case 18: // 2 description
      case 26: // 3 unit
        scanner.string(end);
        break;
      case 42:
      case 58:
      case 74:
      case 82:
      case 90:
        // The last kind of data stands (a oneof), so points of another kind that came before are gone.
        if (kind !== tag && kind !== 0) scanner.rejectFrom(kindFirst, 'metric has several kinds of data');
        if (kind !== tag) kindFirst = scanner.items;
        kind = tag;
        scanPoints(scanner, scanner.limit(end), POINTS[tag]);
        break;
      case 98: // 12 metadata
        scanner.attributes = 0;
        scanner.keyValue(scanner.limit(end), 0, COVER_NOTHING);
        metadata += scanner.attributes;
        break;
      default:
        scanner.skip(tag, end);
    }
  }
  if (!named) scanner.rejectFrom(first, 'metric has no name');
  else if (metadata > scanner.limits.maxAttributesPerItem) scanner.rejectFrom(first, `metadata of ${scanner.tooManyAttributes()}`);
}

/** Gauge, Sum, Histogram, ExponentialHistogram and Summary all have their data_points in field 1. */
function scanPoints(scanner: Scanner, end: number, scanPoint: ScanPoint): void {
  while (scanner.pos < end) {
    const tag = scanner.tag(end);
    if (tag === 10) {
      const limit = scanner.limit(end);
      const ordinal = scanner.beginItem();
      scanner.endItem(ordinal, scanPoint(scanner, limit));
    } else scanner.skip(tag, end);
  }
}
