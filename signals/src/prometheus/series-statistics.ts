import type { Labels } from './types.js';

/** How often something occurs. */
export interface Tally {
  readonly name: string;
  readonly count: number;
}

/** What `status/tsdb` shows; lists have the largest first. */
export interface SeriesStatistics {
  readonly series: number;
  /** Pairs of a label's name and value. */
  readonly pairs: number;
  /** Of samples in memory, and their times in milliseconds; null where there are none. */
  readonly chunks: number;
  readonly minMs: number | null;
  readonly maxMs: number | null;
  /** Series by metric name and by pair (`name=value`). */
  readonly byMetric: readonly Tally[];
  readonly byPair: readonly Tally[];
  /** Values of each label name, and bytes of its labels over all series. */
  readonly valuesByLabel: readonly Tally[];
  readonly bytesByLabel: readonly Tally[];
}

/** The largest of many tallies; of equal ones those that came first. */
class Largest {
  private readonly tallies: Tally[] = [];

  constructor(private readonly most: number) {}

  /** Cheap where it is not among the largest. */
  offer(name: () => string, count: number): void {
    const { tallies, most } = this;
    if (tallies.length === most && count <= tallies[most - 1]!.count) return;
    let at = tallies.length;
    while (at > 0 && tallies[at - 1]!.count < count) at--;
    tallies.splice(at, 0, { name: name(), count });
    if (tallies.length > most) tallies.pop();
  }

  list(): readonly Tally[] {
    return this.tallies;
  }
}

/** Gathers SeriesStatistics from pairs of a label's name and value, name by name. */
export class StatisticsTally {
  private pairs = 0;
  private bytes = 0;
  private readonly byMetric: Largest;
  private readonly byPair: Largest;
  private readonly values: Largest;
  private readonly bytesOf: Largest;

  constructor(most: number) {
    this.byMetric = new Largest(most);
    this.byPair = new Largest(most);
    this.values = new Largest(most);
    this.bytesOf = new Largest(most);
  }

  pair(name: string, value: string, series: number): void {
    this.pairs++;
    this.bytes += labelBytes(name, value) * series;
    if (name === '__name__') this.byMetric.offer(() => value, series);
    this.byPair.offer(() => `${name}=${value}`, series);
  }

  /** After all pairs of a name. */
  endName(name: string, values: number): void {
    this.values.offer(() => name, values);
    this.bytesOf.offer(() => name, this.bytes);
    this.bytes = 0;
  }

  result(series: number, samples: { readonly chunks: number; readonly minMs: number | null; readonly maxMs: number | null }): SeriesStatistics {
    return { series, pairs: this.pairs, ...samples, byMetric: this.byMetric.list(), byPair: this.byPair.list(), valuesByLabel: this.values.list(), bytesByLabel: this.bytesOf.list() };
  }
}

/** Statistics of label sets; for readers that have nothing better. */
export async function statisticsOf(series: readonly Labels[], most: number, pause: (labels: number) => Promise<void>): Promise<SeriesStatistics> {
  const counts = new Map<string, Map<string, number>>();
  for (const labels of series) {
    for (const [name, value] of labels) {
      const values = counts.get(name) ?? new Map<string, number>();
      counts.set(name, values);
      values.set(value, (values.get(value) ?? 0) + 1);
    }
    await pause(labels.length);
  }
  const tally = new StatisticsTally(most);
  for (const [name, values] of counts) {
    for (const [value, count] of values) tally.pair(name, value, count);
    tally.endName(name, values.size);
    await pause(values.size);
  }
  return tally.result(series.length, { chunks: 0, minMs: null, maxMs: null });
}

/** What Prometheus reckons for a label of a series: name and value, each behind its length. */
function labelBytes(name: string, value: string): number {
  const text = (bytes: number): number => bytes + (bytes < 0x80 ? 1 : bytes < 0x4000 ? 2 : 3);
  return text(Buffer.byteLength(name)) + text(Buffer.byteLength(value));
}
