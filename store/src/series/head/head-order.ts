import { Turn } from '../../duckdb/turn.js';
import type { HeadSeries } from './head-series.js';
import { ascending, mergeInTurns, sortInTurns } from '../slow-sort.js';

const PER_LOOK = 1024;

/** Pairs and series of a head in the order that blocks have them in. Only what came since the last time is sorted. */
export class HeadOrder {
  /** Refs by labels. */
  series = new Uint32Array(0);
  private line: Promise<void> = Promise.resolve();

  constructor(private readonly head: HeadSeries) {}

  /** Pairs by name and value. */
  get pairs(): Uint32Array {
    return this.head.sortedPairs;
  }

  update(): Promise<void> {
    this.line = this.line.then(() => this.sort());
    return this.line;
  }

  /** The same series in the order of their labels. */
  async of(series: readonly number[]): Promise<readonly number[]> {
    await this.update();
    const turn = new Turn();
    const wanted = new Uint8Array(this.head.seriesCount);
    for (const ref of series) wanted[ref] = 1;
    const sorted: number[] = [];
    for (const ref of this.series) {
      if (wanted[ref] === 1) sorted.push(ref);
      if (sorted.length % PER_LOOK === 0 && turn.due) await turn.give();
    }
    return sorted;
  }

  /** Pairs of a name by value. */
  async pairsOf(nameId: number): Promise<Uint32Array> {
    const turn = new Turn();
    this.line = this.line.then(() => this.sortPairs(this.head.pairCount, turn));
    await this.line;
    return this.pairs.subarray(this.endOf((name) => name < this.head.names[nameId]), this.endOf((name) => name <= this.head.names[nameId]));
  }

  /** Where the first pairs end, of whose names something is so. */
  private endOf(isFirst: (name: string) => boolean): number {
    let low = 0;
    let high = this.pairs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isFirst(this.head.names[this.head.pairName(this.pairs[middle])])) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private async sort(): Promise<void> {
    const { head } = this;
    const turn = new Turn();
    const pairCount = head.pairCount;
    const seriesCount = head.seriesCount;
    await this.sortPairs(pairCount, turn);
    if (seriesCount === this.series.length) return;
    const ranks = new Uint32Array(pairCount);
    for (let rank = 0; rank < this.pairs.length; rank++) ranks[this.pairs[rank]] = rank;
    this.series = await this.withNew(this.series, seriesCount, (a, b) => compareSeries(head.pairsOfSeries(a), head.pairsOfSeries(b), ranks), turn);
  }

  private async sortPairs(pairCount: number, turn: Turn): Promise<void> {
    const { head } = this;
    if (pairCount <= this.pairs.length) return;
    const byText = (a: number, b: number): number => {
      const nameA = head.names[head.pairName(a)];
      const nameB = head.names[head.pairName(b)];
      if (nameA !== nameB) return nameA < nameB ? -1 : 1;
      const valueA = head.value(a);
      const valueB = head.value(b);
      return valueA < valueB ? -1 : valueA > valueB ? 1 : 0;
    };
    head.sortedPairs = await this.withNew(this.pairs, pairCount, byText, turn);
  }

  private async withNew(sorted: Uint32Array, count: number, compare: (a: number, b: number) => number, turn: Turn): Promise<Uint32Array<ArrayBuffer>> {
    const known = sorted.length;
    const added = await sortInTurns(ascending(known, count - known), compare, turn);
    const merged = new Uint32Array(count);
    await mergeInTurns(sorted, added, compare, merged, turn);
    return merged;
  }
}

function compareSeries(a: Uint32Array, b: Uint32Array, ranks: Uint32Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return ranks[a[i]] - ranks[b[i]];
  return a.length - b.length;
}
