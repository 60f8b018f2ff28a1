import type { Reader } from '@signalbox/signals/otlp/protobuf/reader';
import { NUMBERS, PointFields } from '@signalbox/signals/otlp/wire/point-fields';
import { FLOAT, STALE_HIGH, STALE_LOW, WORDS } from '../float-words.js';
import { REFUSED, type TenantSamples } from '../head/tenant-samples.js';
import { DUPLICATE_TIMESTAMP, type ItemTally } from './item-tally.js';
import type { MetricCache } from './metric-cache.js';

/**
 * Takes points whose series are known: the time, the value, and a look-up of the attributes' bytes. What is rare (exemplars, unknown
 * fields, attributes apart from each other) is left to the model.
 */
export class PointReader {
  /** Of the points of the resource at hand. */
  earliestMs = Infinity;
  latestMs = -Infinity;
  private readonly fields: PointFields;
  /** The key of the point at hand tells its series. */
  private usual = false;
  /** The one that was found last. */
  private point = -1;
  private readonly receivedMs: number;

  constructor(reader: Reader, private readonly samples: TenantSamples, private readonly tally: ItemTally, receivedNs: bigint) {
    this.fields = new PointFields(reader);
    this.receivedMs = Number(receivedNs / 1_000_000n);
  }

  /** The key of the point that was looked for last, on its own; null where it cannot tell the series. */
  copyKey(): Uint8Array | null {
    const { key, keyFrom, keyTo } = this.fields;
    return this.usual ? new Uint8Array(key.subarray(keyFrom, keyTo)) : null;
  }

  /** Beside the key. */
  get variant(): number {
    return this.fields.variant;
  }

  seen(timeMs: number): void {
    if (timeMs < this.earliestMs) this.earliestMs = timeMs;
    if (timeMs > this.latestMs) this.latestMs = timeMs;
  }

  /** Looks at a gauge's or sum's point, for takeNumber(); false where the model is to take it. */
  findNumber(metric: MetricCache, from: number, end: number): boolean {
    const { fields } = this;
    this.usual = fields.readNumber(from, end) && fields.exemplars.length === 0;
    return this.usual && this.find(metric) >= 0;
  }

  /** Takes what findNumber() found. */
  takeNumber(metric: MetricCache): void {
    const { fields, samples, point } = this;
    const { words } = fields;
    const timeMs = this.timeMs();
    const low = fields.stale ? STALE_LOW : words[VALUE_LOW];
    const high = fields.stale ? STALE_HIGH : words[VALUE_HIGH];
    const ref = metric.ref(point, 0);
    if (samples.zeroAtStart) samples.begin(ref, fields.numbers[NUMBERS.START], timeMs, null);
    this.done(samples.add(ref, timeMs, low, high, null) === REFUSED);
  }

  /** Looks at a classic histogram's point, for takeHistogram(); false where the model is to take it. */
  findHistogram(metric: MetricCache, from: number, end: number): boolean {
    const { fields } = this;
    this.usual = fields.readHistogram(from, end) && fields.exemplars.length === 0;
    // Fewer series than that: a bound is infinite.
    return this.usual && this.find(metric) >= 0 && metric.refCount(this.point) === (fields.hasSum ? 1 : 0) + 1 + fields.bounds + 1;
  }

  /** Takes what findHistogram() found. */
  takeHistogram(metric: MetricCache): void {
    const { fields, samples, point } = this;
    const { words, bounds, stale } = fields;
    const startMs = fields.numbers[NUMBERS.START];
    const timeMs = this.timeMs();
    let refused = 0;
    let i = 0;
    const add = (low: number, high: number): void => {
      const ref = metric.ref(point, i++);
      if (samples.zeroAtStart) samples.begin(ref, startMs, timeMs, null);
      if (samples.add(ref, timeMs, stale ? STALE_LOW : low, stale ? STALE_HIGH : high, null) === REFUSED) refused++;
    };
    if (fields.hasSum) {
      fields.takeSum();
      add(words[VALUE_LOW], words[VALUE_HIGH]);
    }
    fields.takeCount();
    const countLow = words[VALUE_LOW];
    const countHigh = words[VALUE_HIGH];
    add(countLow, countHigh);
    let cumulative = 0;
    for (let bucket = 0; bucket < bounds; bucket++) {
      cumulative += fields.bucket(bucket);
      FLOAT[0] = cumulative;
      add(WORDS[0], WORDS[1]);
    }
    add(countLow, countHigh);
    this.done(refused === metric.refCount(point));
  }

  private find(metric: MetricCache): number {
    const { key, keyFrom, keyTo, variant } = this.fields;
    this.point = metric.points.find(key, keyFrom, keyTo, variant);
    return this.point;
  }

  private done(refused: boolean): void {
    if (refused) this.tally.drop(DUPLICATE_TIMESTAMP);
    else this.tally.delivered++;
  }

  /** Of the point at hand, which is noted. */
  private timeMs(): number {
    const timeMs = this.fields.timeless ? this.receivedMs : this.fields.numbers[NUMBERS.TIME];
    this.seen(timeMs);
    return timeMs;
  }
}

/** Halves of the value in the fields' words; as in float-words.ts. */
const VALUE_LOW = NUMBERS.VALUE * 2;
const VALUE_HIGH = VALUE_LOW + 1;
