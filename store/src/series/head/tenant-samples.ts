import type { NativeHistogram, PrometheusMetadata } from '@signalbox/signals/prometheus/types';
import type { SampleBuffer } from '../chunk/sample-buffer.js';
import { ExemplarRing } from './exemplar-ring.js';
import type { HeadSeries } from './head-series.js';
import { Uint32List } from '../lists.js';
import { NAN_HIGH, NAN_LOW } from '../float-words.js';
import { sameHistogram } from './same-histogram.js';
import { zeroLike } from './zero-like.js';
import type { SampleLog } from './sample-log.js';

/** What became of a sample. */
export const TAKEN = 0;
/** The series has this very sample. */
export const REPEATED = 1;
/** The series has another value at that time, and the first one stands. */
export const REFUSED = 2;

/** How many samples out of order are looked at for one of the same time; what is missed is sorted out when it is read. */
const MAX_LOOK_BACK = 256;
const NONE = -1;
/** Starts so far before their sample are no samples: half of what Prometheus has in a block. Milliseconds. */
const OLDEST_START_MS = 3_600_000;

/** The samples of one tenant within a generation. */
export class TenantSamples {
  /** Tells these samples from others, also to who does not want to keep them. */
  readonly identity: object = {};
  readonly exemplars: ExemplarRing;
  readonly metadata = new Map<string, PrometheusMetadata>();
  /** Series that have samples, in the order of their first ones. */
  readonly refs = new Uint32List();
  minMs = Infinity;
  maxMs = -Infinity;
  /** By series: index of its last sample + 1, 0 for none. */
  private last = new Int32Array(64);

  constructor(readonly series: HeadSeries, private readonly log: SampleLog, maxExemplars: number, private readonly maxFamilies: number, readonly zeroAtStart = false) {
    this.exemplars = new ExemplarRing(maxExemplars);
  }

  /** `low` and `high` are the value's bits. */
  add(ref: number, timeMs: number, low: number, high: number, histogram: NativeHistogram | null): number {
    const { series, log } = this;
    if (ref >= this.last.length) this.grow(ref);
    const before = this.last[ref] - 1;
    const { values: lastTimes } = series.lastTimes;
    const newest = lastTimes[ref];
    if (timeMs > newest) {
      lastTimes[ref] = timeMs;
      series.lastWords.values[2 * ref] = low;
      series.lastWords.values[2 * ref + 1] = high;
    } else if (before !== NONE) {
      const found = this.at(before, timeMs);
      if (found !== NONE) return this.same(found, low, high, histogram) ? REPEATED : REFUSED;
    } else if (timeMs === newest && histogram === null) {
      return series.lastWords.values[2 * ref] === low && series.lastWords.values[2 * ref + 1] === high ? REPEATED : REFUSED;
    }
    if (before === NONE) this.refs.push(ref);
    this.last[ref] = log.add(before, timeMs, low, high, histogram) + 1;
    if (timeMs < this.minMs) this.minMs = timeMs;
    if (timeMs > this.maxMs) this.maxMs = timeMs;
    return TAKEN;
  }

  /**
   * To be called before a sample of a series with a start is added, where `zeroAtStart`: a start behind all that is known of the series
   * becomes a sample of zero, as Prometheus does it with `created-timestamp-zero-ingestion`. `startMs`: 0 where none is known.
   */
  begin(ref: number, startMs: number, timeMs: number, histogram: NativeHistogram | null): void {
    if (startMs === 0 || startMs <= timeMs - OLDEST_START_MS || startMs >= timeMs || startMs <= this.series.lastTimes.values[ref]) return;
    if (histogram === null) this.add(ref, startMs, 0, 0, null);
    else this.add(ref, startMs, NAN_LOW, NAN_HIGH, zeroLike(histogram));
  }

  addMetadata(metadata: PrometheusMetadata): void {
    if (this.metadata.has(metadata.name) || this.metadata.size < this.maxFamilies) this.metadata.set(metadata.name, metadata);
  }

  has(ref: number): boolean {
    return ref < this.last.length && this.last[ref] > 0;
  }

  /** Whether the series has a sample between the times, both inclusive. */
  hasWithin(ref: number, startMs: number, endMs: number): boolean {
    if (!this.has(ref)) return false;
    return (startMs <= this.minMs && endMs >= this.maxMs) || this.log.has(this.last[ref] - 1, startMs, endMs);
  }

  read(ref: number, startMs: number, endMs: number, out: SampleBuffer): void {
    if (this.has(ref)) this.log.read(this.last[ref] - 1, startMs, endMs, out);
  }

  private at(from: number, timeMs: number): number {
    const { log } = this;
    let looked = 0;
    for (let at = from; at >= 0 && looked < MAX_LOOK_BACK; at = log.before(at), looked++) if (log.time(at) === timeMs) return at;
    return NONE;
  }

  private same(at: number, low: number, high: number, histogram: NativeHistogram | null): boolean {
    const { log } = this;
    const known = log.histogram(at);
    if (known !== null || histogram !== null) return known !== null && histogram !== null && sameHistogram(known, histogram);
    return log.low(at) === low && log.high(at) === high;
  }

  private grow(ref: number): void {
    const grown = new Int32Array(Math.max(this.last.length * 2, ref + 1));
    grown.set(this.last);
    this.last = grown;
  }
}
