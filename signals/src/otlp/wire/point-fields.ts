import type { Exemplar } from '../../model/metric.js';
import { readExemplar } from '../protobuf/read-data-points.js';
import type { Reader } from '../protobuf/reader.js';

const TWO_32 = 2 ** 32;
/** 2^32 nanoseconds: whole milliseconds, and the nanoseconds over. */
const MS_IN_HIGH = 4294;
const NS_OVER = 967_296;
const NS_PER_MS = 1e6;
const NO_RECORDED_VALUE = 1;
const MAX_SAFE_HIGH = 2 ** 21;

const HIGH = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;
const TIME = 0;
const START = 1;
const VALUE = 2;

/** What stands where in the numbers of PointFields. */
export const NUMBERS = { TIME, START, VALUE } as const;

/**
 * The fields of one data point as they lie on the wire, read without an object: places in the reader's bytes, times in milliseconds,
 * and a key by which equal attributes (of histograms: and bounds) are known again. Used again for the next point.
 */
export class PointFields {
  /**
   * Time, start (Unix milliseconds, 0 where it is not said) and value, by the names in NUMBERS; integers are turned into doubles. In an
   * array since numbers that are no small integers would each be an object elsewhere.
   */
  readonly numbers = new Float64Array(3);
  /** The same memory in halves: a value that is NaN keeps its bits. */
  readonly words = new Uint32Array(this.numbers.buffer);
  /** No time was said, or it was 0. */
  timeless = true;
  stale = false;
  /** Where the key lies. It tells a series only together with its variant. */
  key: Uint8Array = new Uint8Array(0);
  keyFrom = 0;
  keyTo = 0;
  variant = 0;
  /** Where its exemplars lie: from and to, by turns. */
  readonly exemplars: number[] = [];
  /** Of a histogram. */
  bounds = 0;
  hasSum = false;
  sumAt = 0;
  private countAt = 0;
  private bucketsFrom = 0;
  private boundsFrom = 0;
  private gathered = new Uint8Array(256);

  constructor(private readonly reader: Reader) {}

  /** Reads a gauge's or sum's point. False where it has something rare: unknown fields, attributes apart from each other, no value. */
  readNumber(from: number, end: number): boolean {
    const { reader } = this;
    const { view } = reader;
    let attributesFrom = 0;
    let attributesTo = 0;
    let timeAt = -1;
    let startAt = -1;
    let hasValue = false;
    let flags = 0;
    this.exemplars.length = 0;
    reader.pos = from;
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag(end);
      switch (tag) {
        case 58: // 7 attributes
          if (attributesTo === 0) attributesFrom = at;
          else if (attributesTo !== at) return false;
          reader.pos = attributesTo = reader.limit(end);
          break;
        case 17: // 2 start_time_unix_nano
          startAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 25: // 3 time_unix_nano
          timeAt = reader.pos;
          reader.skipFixed(8, end);
          break;
        case 33: { // 4 as_double
          const p = reader.pos;
          reader.skipFixed(8, end);
          this.words[VALUE * 2 + LOW] = view.getUint32(p, true);
          this.words[VALUE * 2 + HIGH] = view.getUint32(p + 4, true);
          hasValue = true;
          break;
        }
        case 49: { // 6 as_int
          const p = reader.pos;
          reader.skipFixed(8, end);
          this.numbers[VALUE] = view.getInt32(p + 4, true) * TWO_32 + view.getUint32(p, true);
          hasValue = true;
          break;
        }
        case 64: // 8 flags
          flags = reader.uint32(end);
          break;
        case 42: // 5 exemplars
          this.passExemplar(end);
          break;
        default:
          return false;
      }
    }
    this.stale = (flags & NO_RECORDED_VALUE) !== 0;
    if (!hasValue && !this.stale) return false;
    this.setTimes(timeAt, startAt);
    this.key = reader.bytes;
    this.keyFrom = attributesFrom;
    this.keyTo = attributesTo;
    this.variant = 0;
    return true;
  }

  /** Reads a histogram's point. False where it has something rare, as of numbers, or buckets that do not fit its bounds, or counts that a double does not hold. */
  readHistogram(from: number, end: number): boolean {
    const { reader } = this;
    const { view } = reader;
    let attributesFrom = 0;
    let attributesTo = 0;
    let timeAt = -1;
    let startAt = -1;
    let countAt = -1;
    let sumAt = -1;
    let bucketsFrom = -1;
    let bucketsTo = -1;
    let boundsFrom = 0;
    let boundsTo = 0;
    let flags = 0;
    this.exemplars.length = 0;
    reader.pos = from;
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag(end);
      switch (tag) {
        case 74: // 9 attributes
          if (attributesTo === 0) attributesFrom = at;
          else if (attributesTo !== at) return false;
          reader.pos = attributesTo = reader.limit(end);
          break;
        case 17: // 2 start_time_unix_nano
          startAt = reader.pos;
          reader.skipFixed(8, end);
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
        case 89: // 11 min
        case 97: // 12 max
          reader.skipFixed(8, end);
          break;
        case 80: // 10 flags
          flags = reader.uint32(end);
          break;
        case 66: // 8 exemplars
          this.passExemplar(end);
          break;
        default:
          return false;
      }
    }
    const bounds = (boundsTo - boundsFrom) / 8;
    if (countAt < 0 || bucketsFrom < 0 || !Number.isInteger(bounds) || (bucketsTo - bucketsFrom) / 8 !== bounds + 1) return false;
    let highs = bounds;
    for (let p = bucketsFrom; p < bucketsTo; p += 8) highs += view.getUint32(p + 4, true);
    if (highs >= MAX_SAFE_HIGH) return false;
    this.gather(attributesFrom, attributesTo, boundsFrom, boundsTo);
    this.variant = bounds * 2 + (sumAt >= 0 ? 1 : 0);
    this.bounds = bounds;
    this.hasSum = sumAt >= 0;
    this.sumAt = sumAt;
    this.countAt = countAt;
    this.bucketsFrom = bucketsFrom;
    this.boundsFrom = boundsFrom;
    this.stale = (flags & NO_RECORDED_VALUE) !== 0;
    this.setTimes(timeAt, startAt);
    return true;
  }

  /** Sets the value to the histogram's sum. */
  takeSum(): void {
    const { view } = this.reader;
    this.words[VALUE * 2 + LOW] = view.getUint32(this.sumAt, true);
    this.words[VALUE * 2 + HIGH] = view.getUint32(this.sumAt + 4, true);
  }

  /** Sets the value to the histogram's count. */
  takeCount(): void {
    const { view } = this.reader;
    this.numbers[VALUE] = view.getUint32(this.countAt + 4, true) * TWO_32 + view.getUint32(this.countAt, true);
  }

  /** The count of the bucket below bound `i`, alone. */
  bucket(i: number): number {
    const { view } = this.reader;
    const p = this.bucketsFrom + 8 * i;
    return view.getUint32(p + 4, true) * TWO_32 + view.getUint32(p, true);
  }

  /** All bounds of the histogram. */
  explicitBounds(): number[] {
    return Array.from({ length: this.bounds }, (_, i) => this.reader.view.getFloat64(this.boundsFrom + 8 * i, true));
  }

  /** Objects of the exemplars. @throws OtlpError where their bytes are malformed */
  readExemplars(): Exemplar[] {
    const out: Exemplar[] = [];
    for (let i = 0; i < this.exemplars.length; i += 2) {
      this.reader.pos = this.exemplars[i];
      out.push(readExemplar(this.reader, this.exemplars[i + 1]));
    }
    return out;
  }

  private passExemplar(end: number): void {
    const { reader } = this;
    const to = reader.limit(end);
    this.exemplars.push(reader.pos, to);
    reader.pos = to;
  }

  /** A number point of one's own, without a start. */
  set(timeMs: number, value: number): void {
    this.numbers[TIME] = timeMs;
    this.numbers[START] = 0;
    this.numbers[VALUE] = value;
    this.stale = false;
  }

  private setTimes(timeAt: number, startAt: number): void {
    this.timeless = timeAt < 0 || this.zero(timeAt);
    if (timeAt < 0) this.numbers[TIME] = 0;
    else this.setMs(TIME, timeAt);
    if (startAt < 0) this.numbers[START] = 0;
    else this.setMs(START, startAt);
  }

  /** Whole milliseconds of Unix nanoseconds, cut off, exactly. */
  private setMs(number: number, at: number): void {
    const { view } = this.reader;
    const high = view.getUint32(at + 4, true);
    this.numbers[number] = high * MS_IN_HIGH + Math.floor((high * NS_OVER + view.getUint32(at, true)) / NS_PER_MS);
  }

  private zero(at: number): boolean {
    const { view } = this.reader;
    return (view.getUint32(at, true) | view.getUint32(at + 4, true)) === 0;
  }

  private gather(attributesFrom: number, attributesTo: number, boundsFrom: number, boundsTo: number): void {
    const { bytes } = this.reader;
    const attributes = attributesTo - attributesFrom;
    const length = attributes + boundsTo - boundsFrom;
    if (this.gathered.length < length) this.gathered = new Uint8Array(length * 2);
    this.gathered.set(bytes.subarray(attributesFrom, attributesTo));
    this.gathered.set(bytes.subarray(boundsFrom, boundsTo), attributes);
    this.key = this.gathered;
    this.keyFrom = 0;
    this.keyTo = length;
  }
}
