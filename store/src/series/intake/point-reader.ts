import type { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { ByteSink } from '../chunk/byte-sink.js';
import { FLOAT, STALE_HIGH, STALE_LOW, WORDS } from '../float-words.js';
import { DUPLICATE_TIMESTAMP, type ItemTally } from './item-tally.js';
import type { MetricCache } from './metric-cache.js';
import { REFUSED, type TenantSamples } from '../head/tenant-samples.js';

const TWO_32 = 2 ** 32;
/** 2^32 nanoseconds: whole milliseconds, and the nanoseconds over. */
const MS_IN_HIGH = 4294;
const NS_OVER = 967_296;
const NS_PER_MS = 1e6;
/** Sums up to here are exact as doubles. */
const MAX_EXACT_HIGH = 1 << 20;
const NO_RECORDED_VALUE = 1;

/** Whole milliseconds of Unix nanoseconds in two halves, exactly. */
function msOf(low: number, high: number): number {
  return high * MS_IN_HIGH + Math.floor((high * NS_OVER + low) / NS_PER_MS);
}

/** Where in the bytes the key of the point at hand lies. */
export interface PointKey {
  bytes: Uint8Array;
  from: number;
  to: number;
  variant: number;
  /** False where the point has something that a key cannot tell. */
  usual: boolean;
}

/**
 * Reads points whose series are known: the time, the value, and a look-up of the attributes' bytes. What is rare (exemplars, unknown
 * fields, attributes apart from each other) is left to the model.
 */
export class PointReader {
  /** Of the points of the resource at hand. */
  earliestMs = Infinity;
  latestMs = -Infinity;
  readonly key: PointKey = { bytes: new Uint8Array(0), from: 0, to: 0, variant: 0, usual: false };
  /** Of the point that was found last; places are in the reader's bytes. */
  private point = -1;
  private timeAt = -1;
  private low = 0;
  private high = 0;
  private countAt = -1;
  private sumAt = -1;
  private bucketsFrom = 0;
  private bounds = 0;
  private stale = false;
  private readonly gathered = new ByteSink(256);
  private readonly receivedMs: number;

  constructor(private readonly reader: Reader, private readonly samples: TenantSamples, private readonly tally: ItemTally, receivedNs: bigint) {
    this.receivedMs = Number(receivedNs / 1_000_000n);
  }

  /** The key of the point that was looked for last, on its own; null where it cannot tell the series. */
  copyKey(): Uint8Array | null {
    const { bytes, from, to, usual } = this.key;
    return usual ? new Uint8Array(bytes.subarray(from, to)) : null;
  }

  seen(timeMs: number): void {
    if (timeMs < this.earliestMs) this.earliestMs = timeMs;
    if (timeMs > this.latestMs) this.latestMs = timeMs;
  }

  /** Looks at a gauge's or sum's point, for takeNumber(); false where the model is to take it. */
  findNumber(metric: MetricCache, end: number): boolean {
    const { reader, key } = this;
    const { view } = reader;
    let attributesFrom = -1;
    let attributesTo = -1;
    let timeAt = -1;
    let low = 0;
    let high = 0;
    let hasValue = false;
    let flags = 0;
    key.usual = false;
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag(end);
      switch (tag) {
        case 58: // 7 attributes
          if (attributesFrom < 0) attributesFrom = at;
          else if (attributesTo !== at) return false;
          reader.pos = attributesTo = reader.limit(end);
          break;
        case 25: // 3 time_unix_nano
          timeAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 33: { // 4 as_double
          const p = reader.pos;
          reader.skipFixed(8, end);
          low = view.getUint32(p, true);
          high = view.getUint32(p + 4, true);
          hasValue = true;
          break;
        }
        case 49: { // 6 as_int
          const p = reader.pos;
          reader.skipFixed(8, end);
          FLOAT[0] = view.getInt32(p + 4, true) * TWO_32 + view.getUint32(p, true);
          low = WORDS[0];
          high = WORDS[1];
          hasValue = true;
          break;
        }
        case 17: // 2 start_time_unix_nano
          reader.skipFixed(8, end);
          break;
        case 64: // 8 flags
          flags = reader.uint32(end);
          break;
        default:
          return false;
      }
    }
    const stale = (flags & NO_RECORDED_VALUE) !== 0;
    if (!hasValue && !stale) return false;
    key.bytes = reader.bytes;
    key.from = attributesFrom < 0 ? 0 : attributesFrom;
    key.to = attributesFrom < 0 ? 0 : attributesTo;
    key.variant = 0;
    key.usual = true;
    this.point = metric.points.find(key.bytes, key.from, key.to, 0);
    this.timeAt = timeAt;
    this.low = stale ? STALE_LOW : low;
    this.high = stale ? STALE_HIGH : high;
    return this.point >= 0;
  }

  /** Takes what findNumber() found. */
  takeNumber(metric: MetricCache): void {
    const timeMs = this.timeMs(this.timeAt);
    this.seen(timeMs);
    this.done(this.samples.add(metric.ref(this.point, 0), timeMs, this.low, this.high, null) === REFUSED);
  }

  /** Looks at a classic histogram's point, for takeHistogram(); false where the model is to take it. */
  findHistogram(metric: MetricCache, end: number): boolean {
    const { reader, key, gathered } = this;
    const { view } = reader;
    let attributesFrom = -1;
    let attributesTo = -1;
    let timeAt = -1;
    let countAt = -1;
    let sumAt = -1;
    let bucketsFrom = -1;
    let bucketsTo = -1;
    let boundsFrom = 0;
    let boundsTo = 0;
    let flags = 0;
    key.usual = false;
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag(end);
      switch (tag) {
        case 74: // 9 attributes
          if (attributesFrom < 0) attributesFrom = at;
          else if (attributesTo !== at) return false;
          reader.pos = attributesTo = reader.limit(end);
          break;
        case 25: // 3 time_unix_nano
          timeAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 33: // 4 count
          countAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 41: // 5 sum
          sumAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 50: // 6 bucket_counts, packed
          if (bucketsFrom >= 0) return false;
          bucketsTo = reader.limit(end);
          bucketsFrom = reader.pos;
          reader.pos = bucketsTo;
          break;
        case 58: // 7 explicit_bounds, packed
          if (boundsTo > 0) return false;
          boundsTo = reader.limit(end);
          boundsFrom = reader.pos;
          reader.pos = boundsTo;
          break;
        case 17: // 2 start_time_unix_nano
        case 89: // 11 min
        case 97: // 12 max
          reader.skipFixed(8, end);
          break;
        case 80: // 10 flags
          flags = reader.uint32(end);
          break;
        default:
          return false;
      }
    }
    const bounds = (boundsTo - boundsFrom) / 8;
    const stale = (flags & NO_RECORDED_VALUE) !== 0;
    if (countAt < 0 || bucketsFrom < 0 || (bucketsTo - bucketsFrom) / 8 !== bounds + 1 || !Number.isInteger(bounds)) return false;
    gathered.length = 0;
    if (attributesFrom >= 0) gathered.raw(reader.bytes.subarray(attributesFrom, attributesTo));
    gathered.raw(reader.bytes.subarray(boundsFrom, boundsTo));
    key.bytes = gathered.bytes;
    key.from = 0;
    key.to = gathered.length;
    key.variant = bounds * 2 + (sumAt >= 0 ? 1 : 0);
    key.usual = true;
    const point = metric.points.find(key.bytes, 0, key.to, key.variant);
    const sums = sumAt >= 0 ? 1 : 0;
    // Fewer series than that: a bound is infinite.
    if (point < 0 || metric.refCount(point) !== sums + 1 + bounds + 1) return false;
    for (let p = bucketsFrom; p < bucketsTo; p += 8) if (view.getUint32(p + 4, true) >= MAX_EXACT_HIGH) return false;
    this.point = point;
    this.timeAt = timeAt;
    this.countAt = countAt;
    this.sumAt = sumAt;
    this.bucketsFrom = bucketsFrom;
    this.bounds = bounds;
    this.stale = stale;
    return true;
  }

  /** Takes what findHistogram() found. */
  takeHistogram(metric: MetricCache): void {
    const { samples, point, countAt, sumAt, bucketsFrom, bounds, stale } = this;
    const { view } = this.reader;
    const sums = sumAt >= 0 ? 1 : 0;
    const timeMs = this.timeMs(this.timeAt);
    this.seen(timeMs);
    let refused = 0;
    const add = (i: number, low: number, high: number): void => {
      if (samples.add(metric.ref(point, i), timeMs, stale ? STALE_LOW : low, stale ? STALE_HIGH : high, null) === REFUSED) refused++;
    };
    if (sumAt >= 0) add(0, view.getUint32(sumAt, true), view.getUint32(sumAt + 4, true));
    FLOAT[0] = view.getUint32(countAt + 4, true) * TWO_32 + view.getUint32(countAt, true);
    const countLow = WORDS[0];
    const countHigh = WORDS[1];
    add(sums, countLow, countHigh);
    let cumulative = 0;
    for (let i = 0; i < bounds; i++) {
      const p = bucketsFrom + 8 * i;
      cumulative += view.getUint32(p + 4, true) * TWO_32 + view.getUint32(p, true);
      FLOAT[0] = cumulative;
      add(sums + 1 + i, WORDS[0], WORDS[1]);
    }
    add(sums + 1 + bounds, countLow, countHigh);
    this.done(refused === metric.refCount(point));
  }

  private done(refused: boolean): void {
    if (refused) this.tally.drop(DUPLICATE_TIMESTAMP);
    else this.tally.delivered++;
  }

  private timeMs(at: number): number {
    if (at < 0) return this.receivedMs;
    const { view } = this.reader;
    const low = view.getUint32(at, true);
    const high = view.getUint32(at + 4, true);
    return (low | high) === 0 ? this.receivedMs : msOf(low, high);
  }
}
