import type { Labels } from '@signalbox/signals/prometheus/types';

/**
 * Series by their labels: an inverted index. Label names, pairs of a name and a value, and series are small numbers. Both the head
 * and a block's index are one.
 */
export interface LabelIndex {
  readonly seriesCount: number;
  /** By their ids. */
  readonly names: readonly string[];
  /** -1 where no series has the name. */
  nameId(name: string): number;
  pairsOf(nameId: number): Iterable<number>;
  /** The name's pairs whose values begin with `prefix`, and maybe others of it. */
  pairsLike(nameId: number, prefix: string): Iterable<number>;
  /** -1 where no series has it. */
  pairId(nameId: number, value: string): number;
  value(pair: number): string;
  /** Series that have the pair, ascending. */
  postings(pair: number): Uint32Array;
  postingCount(pair: number): number;
  /** The series' pair of that name, -1 where it has none. */
  pairOf(series: number, nameId: number): number;
  labels(series: number): Labels;
  /** The halves of the series' id, a hash of its labels that is the same everywhere. */
  idLow(series: number): number;
  idHigh(series: number): number;
}
