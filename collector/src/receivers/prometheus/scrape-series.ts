import { setStale } from '@signalbox/signals/prometheus/remote-write/sample-bits';
import type { WriteSeries } from '@signalbox/signals/prometheus/remote-write/types';
import type { Labels, PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import type { ScrapeConfig } from './config.js';
import { familyOf, prometheusType, type ExpositionSample, type Family } from './exposition.js';
import type { LabelMap, Relabeling } from './relabel.js';
import { canonicalLabels, parseSeriesText, type SeriesText } from './series-text.js';

const NONE: readonly never[] = [];

/** A series of a target, however it is written. */
interface SeriesState {
  readonly key: string;
  readonly labels: Labels;
  metadata: WriteSeries['metadata'];
  /** The scrape that it was seen in last, with a time of ours: it gets a stale marker when it is missed. */
  seenIn: number;
  tracked: boolean;
}

/** What a text stands for; null: dropped by relabelling. */
interface Known {
  readonly state: SeriesState | null;
  seenIn: number;
}

/** A scrape breaks a limit or holds a series that is none: the whole scrape fails. */
export class ScrapeRefused extends Error {}

/** The samples of one scrape on their way to a write. */
export interface ScrapeResult {
  readonly series: readonly WriteSeries[];
  readonly scraped: number;
  readonly kept: number;
  readonly added: number;
  /** The same series again; the first one stands. */
  readonly duplicates: number;
}

/**
 * The series of one target through its scrapes: each text of a series is read and relabelled once. Knows which series are missed,
 * so that they end with a stale marker (scrape/scrape.go, scrapeCache).
 */
export class ScrapeSeries {
  readonly #config: ScrapeConfig;
  readonly #target: Labels;
  readonly #relabeling: Relabeling;
  readonly #external: LabelMap;
  readonly #known = new Map<string, Known>();
  readonly #states = new Map<string, SeriesState>();
  #scrape = 0;
  #series: WriteSeries[] = [];
  #scraped = 0;
  #kept = 0;
  #added = 0;
  #duplicates = 0;

  constructor(config: ScrapeConfig, target: Labels, relabeling: Relabeling, external: Labels) {
    this.#config = config;
    this.#target = target;
    this.#relabeling = relabeling;
    this.#external = new Map(external);
  }

  /** Whether the text stands for a series of this target that was read before. */
  isKnown(series: string): boolean {
    return this.#known.has(series);
  }

  begin(): void {
    this.#scrape++;
    this.#series = [];
    this.#scraped = this.#kept = this.#added = this.#duplicates = 0;
  }

  /** @throws ScrapeRefused, SeriesTextError */
  add(sample: ExpositionSample, families: ReadonlyMap<string, Family>, scrapeMs: number): void {
    this.#scraped++;
    let known = this.#known.get(sample.series);
    if (known === undefined) {
      known = { state: this.#resolve(sample, families), seenIn: 0 };
      // A slice would keep the whole body in memory.
      this.#known.set(Buffer.from(sample.series).toString(), known);
    }
    known.seenIn = this.#scrape;
    const { state } = known;
    if (state === null) return;
    this.#kept++;
    if (this.#config.sample_limit > 0 && this.#kept > this.#config.sample_limit) throw new ScrapeRefused('sample limit exceeded');
    const own = this.#config.honor_timestamps && !Number.isNaN(sample.timeMs);
    if (!own && state.seenIn === this.#scrape) {
      this.#duplicates++;
      return;
    }
    if (state.seenIn === 0) {
      this.#added++;
      this.#states.set(state.key, state);
    }
    state.seenIn = this.#scrape;
    state.tracked = !own || this.#config.track_timestamps_staleness;
    this.#series.push(seriesOf(state, own ? sample.timeMs : scrapeMs, sample.value, exemplarsOf(sample.exemplar, scrapeMs)));
  }

  /** With a stale marker for each series that was there before and is missed now. */
  finish(scrapeMs: number): ScrapeResult {
    this.#markMissed(scrapeMs);
    this.#forget();
    return { series: this.#series, scraped: this.#scraped, kept: this.#kept, added: this.#added, duplicates: this.#duplicates };
  }

  /** Of a scrape that failed, or of a target that is gone: nothing but stale markers. */
  fail(scrapeMs: number): readonly WriteSeries[] {
    this.#scrape++;
    this.#series = [];
    this.#markMissed(scrapeMs);
    return this.#series;
  }

  /** A series about the scrape itself, such as `up`. */
  report(name: string, value: number, timeMs: number): WriteSeries {
    const labels = [...this.#target, ['__name__', name] as const];
    for (const [label, text] of this.#external) if (!labels.some(([taken]) => taken === label)) labels.push([label, text]);
    return seriesOf({ labels: labels.sort(byName), metadata: null }, timeMs, value, NONE);
  }

  reportStale(name: string, timeMs: number): WriteSeries {
    return stale(this.report(name, 0, timeMs));
  }

  #markMissed(scrapeMs: number): void {
    for (const [key, state] of this.#states) {
      if (state.seenIn === this.#scrape) continue;
      if (state.tracked) this.#series.push(stale(seriesOf(state, scrapeMs, 0, NONE)));
      this.#states.delete(key);
      state.seenIn = 0;
      state.tracked = false;
    }
  }

  /** Texts that did not come again; those of a failed scrape may. */
  #forget(): void {
    for (const [text, known] of this.#known) if (known.seenIn !== this.#scrape) this.#known.delete(text);
  }

  #resolve(sample: ExpositionSample, families: ReadonlyMap<string, Family>): SeriesState | null {
    const text = canonicalLabels(parseSeriesText(sample.series), sample.family?.type ?? '');
    const labels = this.#labelsOf(text);
    const relabelled = this.#relabeling.isEmpty ? labels : this.#relabeling.apply(labels);
    if (relabelled === null) return null;
    if (!relabelled.get('__name__')) throw new ScrapeRefused('a series without a name after relabelling');
    this.#checkLimits(relabelled);
    for (const [name, value] of this.#external) if (!relabelled.has(name)) relabelled.set(name, value);
    const sorted = [...relabelled].sort(byName);
    const family = familyOf(text.name, families);
    const metadata = family === null ? null : { type: prometheusType(family.type), help: family.help, unit: family.unit };
    const key = keyOf(sorted);
    let state = this.#states.get(key);
    if (state === undefined) this.#states.set(key, (state = { key, labels: sorted, metadata, seenIn: 0, tracked: false }));
    return state;
  }

  /** The target's labels win, and those written move to `exported_…`; with honor_labels the other way round. */
  #labelsOf({ name, labels }: SeriesText): Map<string, string> {
    const map = new Map<string, string>([['__name__', name]]);
    for (const [label, value] of labels) {
      if (map.has(label)) throw new ScrapeRefused(`label name "${label}" is not unique: invalid sample`);
      map.set(label, value);
    }
    const conflicts: (readonly [string, string])[] = [];
    for (const [label, value] of this.#target) {
      const written = map.get(label);
      if (written === undefined) map.set(label, value);
      else if (!this.#config.honor_labels) {
        conflicts.push([label, written]);
        map.set(label, value);
      }
    }
    for (const [label, value] of conflicts) {
      if (value === '') continue;
      let exported = `exported_${label}`;
      while (map.has(exported)) exported = `exported_${exported}`;
      map.set(exported, value);
    }
    for (const [label, value] of map) if (value === '') map.delete(label);
    return map;
  }

  #checkLimits(labels: LabelMap): void {
    const { label_limit: count, label_name_length_limit: nameLength, label_value_length_limit: valueLength } = this.#config;
    if (count > 0 && labels.size > count) throw new ScrapeRefused(`label_limit exceeded (metric: ${labels.get('__name__')?.slice(0, 50)}, number of labels: ${labels.size}, limit: ${count})`);
    for (const [name, value] of labels) {
      if (nameLength > 0 && name.length > nameLength) throw new ScrapeRefused(`label_name_length_limit exceeded (label name: ${name.slice(0, 50)}, length: ${name.length}, limit: ${nameLength})`);
      if (valueLength > 0 && value.length > valueLength) throw new ScrapeRefused(`label_value_length_limit exceeded (label name: ${name.slice(0, 50)}, value length: ${value.length}, limit: ${valueLength})`);
    }
  }
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function keyOf(labels: Labels): string {
  let key = '';
  for (const [name, value] of labels) key += `${name}\u0000${value}\u0000`;
  return key;
}

function seriesOf({ labels, metadata }: Pick<SeriesState, 'labels' | 'metadata'>, timeMs: number, value: number, exemplars: readonly PrometheusExemplar[]): WriteSeries {
  return { labels, timesMs: one(timeMs), values: one(value), startsMs: null, histograms: NONE, exemplars, metadata };
}

/** Several times cheaper than Float64Array.of. */
function one(value: number): Float64Array {
  const array = new Float64Array(1);
  array[0] = value;
  return array;
}

function stale(series: WriteSeries): WriteSeries {
  setStale(series.values, 0);
  return series;
}

function exemplarsOf(exemplar: PrometheusExemplar | null, scrapeMs: number): readonly PrometheusExemplar[] {
  if (exemplar === null) return NONE;
  return [Number.isNaN(exemplar.timeMs) ? { ...exemplar, timeMs: scrapeMs } : exemplar];
}
