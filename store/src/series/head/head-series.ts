import type { Labels } from '@signalbox/signals/prometheus/types';
import type { LabelIndex } from './label-index.js';
import { Float64List, Uint32List } from '../lists.js';
import { seriesId } from './series-id.js';

/** No series: the tenant may have no more. */
export const NO_SERIES = -1;
type Label = Labels[number];

const FIRST_SLOTS = 256;
const NEVER = -Infinity;

/**
 * The live series of one tenant. A series is a number (ref); labels are interned as pairs of name and value, and all that is known
 * of a series stands in columns, some 150 bytes a series and no object.
 *
 *     labels of ref r:  pairs[labelStart[r] … labelStart[r + 1])     slots: open addressing over hashes → ref + 1
 */
export class HeadSeries implements LabelIndex {
  readonly names: string[] = [];
  private readonly nameIds = new Map<string, number>();
  private readonly pairsByValue: Map<string, number>[] = [];
  private readonly pairValues: string[] = [];
  private readonly pairNames = new Uint32List();
  /** Those that a query has asked for. */
  private readonly pairLabels: (Label | undefined)[] = [];
  /** One ref as a number; several as an array, ascending. */
  private readonly pairPostings: (number | number[])[] = [];
  /** Pairs by name and value, as far as they were sorted: those with numbers below its length. */
  sortedPairs: Uint32Array = new Uint32Array(0);
  private readonly pairs = new Uint32List();
  private readonly labelStart = new Uint32List();
  private readonly hashes = new Uint32List();
  private readonly ids = new Uint32List();
  private slots = new Int32Array(FIRST_SLOTS);
  private scratch = new Uint32Array(64);
  /** Time and bits of the newest sample of each series. */
  readonly lastTimes = new Float64List();
  lastWords = new Uint32List();
  /** When each series had a sample at last, in milliseconds of the clock. */
  private readonly activeMs = new Float64List();

  constructor(private readonly maxSeries: number) {
    this.labelStart.push(0);
  }

  get seriesCount(): number {
    return this.hashes.length;
  }

  get pairCount(): number {
    return this.pairValues.length;
  }

  /** About how much memory the series take. */
  get bytes(): number {
    return this.seriesCount * 64 + this.pairs.bytes * 4 + this.pairCount * 80;
  }

  /** The series with these labels, made known where it is not; NO_SERIES where there would be too many. */
  ref(labels: Labels): number {
    const { scratch } = this;
    let known = true;
    let hash = labels.length;
    const pairs = labels.length <= scratch.length ? scratch : (this.scratch = new Uint32Array(labels.length * 2));
    for (let i = 0; i < labels.length && known; i++) {
      const [name, value] = labels[i];
      const nameId = this.nameIds.get(name);
      const pair = nameId === undefined ? undefined : this.pairsByValue[nameId].get(value);
      if (pair === undefined) known = false;
      else {
        pairs[i] = pair;
        hash = mix(hash, pair);
      }
    }
    if (known) {
      const found = this.find(pairs, labels.length, hash >>> 0);
      if (found !== NO_SERIES) return found;
    }
    return this.seriesCount >= this.maxSeries ? NO_SERIES : this.add(labels);
  }

  nameId(name: string): number {
    return this.nameIds.get(name) ?? -1;
  }

  pairsOf(nameId: number): Iterable<number> {
    return this.pairsByValue[nameId].values();
  }

  *pairsLike(nameId: number, prefix: string): Iterable<number> {
    const { sortedPairs, names } = this;
    if (this.pairCount - sortedPairs.length >= this.pairsByValue[nameId].size) return yield* this.pairsOf(nameId);
    const name = names[nameId];
    const isBefore = (pair: number): boolean => {
      const of = names[this.pairName(pair)];
      return of < name || (of === name && this.value(pair) < prefix);
    };
    let low = 0;
    for (let high = sortedPairs.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (isBefore(sortedPairs[middle])) low = middle + 1;
      else high = middle;
    }
    for (; low < sortedPairs.length && this.pairName(sortedPairs[low]) === nameId && this.value(sortedPairs[low]).startsWith(prefix); low++) yield sortedPairs[low];
    for (let pair = sortedPairs.length; pair < this.pairCount; pair++) if (this.pairName(pair) === nameId) yield pair;
  }

  pairId(nameId: number, value: string): number {
    return this.pairsByValue[nameId].get(value) ?? -1;
  }

  value(pair: number): string {
    return this.pairValues[pair];
  }

  pairName(pair: number): number {
    return this.pairNames.values[pair];
  }

  postings(pair: number): Uint32Array {
    const list = this.pairPostings[pair];
    return typeof list === 'number' ? Uint32Array.of(list) : new Uint32Array(list);
  }

  postingCount(pair: number): number {
    const list = this.pairPostings[pair];
    return typeof list === 'number' ? 1 : list.length;
  }

  pairOf(series: number, nameId: number): number {
    const { values } = this.pairs;
    const end = this.labelStart.values[series + 1];
    for (let i = this.labelStart.values[series]; i < end; i++) if (this.pairNames.values[values[i]] === nameId) return values[i];
    return -1;
  }

  /** The series' pairs, in the order of its labels. A view, valid until a series is added. */
  pairsOfSeries(series: number): Uint32Array {
    const { values } = this.labelStart;
    return this.pairs.values.subarray(values[series], values[series + 1]);
  }

  labels(series: number): Labels {
    const { values } = this.pairs;
    const from = this.labelStart.values[series];
    const labels: Label[] = [];
    for (let i = from; i < this.labelStart.values[series + 1]; i++) labels.push(this.label(values[i]));
    return labels;
  }

  /** The same object for all series that have the pair. */
  private label(pair: number): Label {
    return (this.pairLabels[pair] ??= [this.names[this.pairNames.values[pair]], this.pairValues[pair]]);
  }

  idLow(series: number): number {
    return this.ids.values[series * 2];
  }

  idHigh(series: number): number {
    return this.ids.values[series * 2 + 1];
  }

  /** Remembers when a series had samples; a new one counts from its first look. */
  active(series: number, hasSamples: boolean, nowMs: number): void {
    if (hasSamples || this.activeMs.values[series] === Infinity) this.activeMs.values[series] = nowMs;
  }

  /** Forgets what the newest samples were: they may be gone. */
  forgetLast(): void {
    this.lastTimes.values.fill(NEVER);
  }

  idleCount(sinceMs: number): number {
    let idle = 0;
    for (let i = 0; i < this.seriesCount; i++) if (this.activeMs.values[i] < sinceMs) idle++;
    return idle;
  }

  /** Only the series that were active since then, with other refs. */
  *copyActive(sinceMs: number, into: HeadSeries): Generator<void> {
    for (let series = 0; series < this.seriesCount; series++) {
      if (this.activeMs.values[series] >= sinceMs) {
        const ref = into.add(this.labels(series));
        into.lastTimes.values[ref] = this.lastTimes.values[series];
        into.lastWords.values[2 * ref] = this.lastWords.values[2 * series];
        into.lastWords.values[2 * ref + 1] = this.lastWords.values[2 * series + 1];
        into.activeMs.values[ref] = this.activeMs.values[series];
      }
      yield;
    }
  }

  private find(pairs: Uint32Array, count: number, hash: number): number {
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const ref = this.slots[slot] - 1;
      if (ref < 0) return NO_SERIES;
      if (this.hashes.values[ref] !== hash) continue;
      const from = this.labelStart.values[ref];
      if (this.labelStart.values[ref + 1] - from !== count) continue;
      let i = 0;
      while (i < count && this.pairs.values[from + i] === pairs[i]) i++;
      if (i === count) return ref;
    }
  }

  private add(labels: Labels): number {
    const ref = this.seriesCount;
    let hash = labels.length;
    for (const [name, value] of labels) {
      const pair = this.internPair(name, value);
      this.pairs.push(pair);
      hash = mix(hash, pair);
      const list = this.pairPostings[pair];
      if (list === undefined) this.pairPostings[pair] = ref;
      else if (typeof list === 'number') this.pairPostings[pair] = [list, ref];
      else list.push(ref);
    }
    this.labelStart.push(this.pairs.length);
    this.hashes.push(hash >>> 0);
    const { low, high } = seriesId(labels);
    this.ids.push(low);
    this.ids.push(high);
    this.lastTimes.push(NEVER);
    this.lastWords.push(0);
    this.lastWords.push(0);
    this.activeMs.push(Infinity);
    if (this.seriesCount * 2 > this.slots.length) this.rehash();
    else this.place(ref);
    return ref;
  }

  private internPair(name: string, value: string): number {
    let nameId = this.nameIds.get(name);
    if (nameId === undefined) {
      nameId = this.names.length;
      this.names.push(name);
      this.nameIds.set(name, nameId);
      this.pairsByValue.push(new Map());
    }
    const values = this.pairsByValue[nameId];
    let pair = values.get(value);
    if (pair === undefined) {
      pair = this.pairValues.length;
      this.pairValues.push(value);
      this.pairNames.push(nameId);
      this.pairLabels.push(undefined);
      values.set(value, pair);
    }
    return pair;
  }

  private place(ref: number): void {
    const mask = this.slots.length - 1;
    let slot = this.hashes.values[ref] & mask;
    while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
    this.slots[slot] = ref + 1;
  }

  private rehash(): void {
    this.slots = new Int32Array(this.slots.length * 4);
    for (let ref = 0; ref < this.seriesCount; ref++) this.place(ref);
  }
}

/** The pair is spread before it is mixed in (MurmurHash3's step). */
function mix(hash: number, pair: number): number {
  let k = Math.imul(pair, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
