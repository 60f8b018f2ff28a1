import type { Labels, PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import type { BufferPool } from '../fetching/buffer-pool.js';
import type { ScrapeConfig } from '../config.js';
import { Families, type Family } from '../reading/exposition.js';
import { KnownTexts, NO_SERIES } from '../reading/known-texts.js';
import { parseSeriesText, type SeriesText } from '../reading/series-text.js';
import type { Relabeling } from '../targets/relabel.js';
import { partOf, type PartText } from './classic-histogram.js';
import { HistogramParts, type ConvertedHistogram } from './histogram-parts.js';
import { SampleList } from './sample-list.js';
import type { Frame } from './series-block.js';
import { ScrapeRefused, SeriesLabels } from './series-labels.js';
import { SeriesTable } from './series-table.js';

/** What Prometheus writes about a scrape, in this order. */
const REPORTS = ['up', 'scrape_duration_seconds', 'scrape_samples_scraped', 'scrape_samples_post_metric_relabeling', 'scrape_series_added'] as const;
/** Texts and series that do not come any more are let go when they are more than the others and so many. */
const MIN_FORGOTTEN = 200;
/** What is said of a family that does not come any more is known for so many scrapes yet (scrape/scrape.go, iterDone). */
const METADATA_SCRAPES = 10;

/** What a scrape came to. */
export interface ScrapeResult {
  readonly scraped: number;
  readonly kept: number;
  readonly added: number;
  /** The same series again; the first one stands. */
  readonly duplicates: number;
  /** Classic histograms that could not be made native ones, and what was wrong with the first. */
  readonly unconverted: number;
  readonly conversionProblem: string;
}

/**
 * The series of one target through its scrapes: each text of a series is read, relabelled and encoded once. Knows which series are
 * missed, so that they end with a stale marker (scrape/scrape.go, scrapeCache).
 */
export class ScrapeSeries {
  readonly #config: ScrapeConfig;
  readonly #labels: SeriesLabels;
  readonly #samples = new SampleList();
  #texts = new KnownTexts();
  /** Those of the last scrape that was read whole: what they say of families is shown. */
  #whole = this.#texts;
  #table: SeriesTable;
  /** Null where classic histograms stay what they are. */
  #histograms: HistogramParts | null;
  /** Of the scrapes before one in which everything is read anew. */
  #previous: SeriesTable | null = null;
  /** A scrape was read whole with these texts. */
  #isLearned = false;
  #isOutdated = false;
  #scrape = 0;
  #kept = 0;
  #scraped = 0;
  #added = 0;
  #duplicates = 0;
  #unconverted = 0;
  #conversionProblem = '';

  constructor(config: ScrapeConfig, target: Labels, relabeling: Relabeling, external: Labels) {
    this.#config = config;
    this.#labels = new SeriesLabels(config, target, relabeling, external);
    this.#table = this.#tableWithReports();
    this.#histograms = this.#emptyHistograms();
  }

  get texts(): KnownTexts {
    return this.#texts;
  }

  begin(): void {
    this.#scrape++;
    if (this.#isOutdated && this.#previous === null) {
      this.#previous = this.#table;
      this.#table = this.#tableWithReports();
      this.#texts = new KnownTexts();
      this.#histograms = this.#emptyHistograms();
      this.#isOutdated = this.#isLearned = false;
    }
    this.#samples.clear();
    this.#texts.begin();
    this.#histograms?.begin();
    this.#scraped = this.#kept = this.#added = this.#duplicates = this.#unconverted = 0;
    this.#conversionProblem = '';
  }

  /** A target says something new of a family: types and help that series were given may be others by now, and are read anew the next time. */
  saysNew(): void {
    this.#isOutdated ||= this.#isLearned;
  }

  /** What the target says of its metric families. */
  metadata(): readonly Readonly<Family>[] {
    const families = new Families();
    for (const line of this.#whole.comments(METADATA_SCRAPES)) families.comment(line.toString().replace(/\r$/, ''));
    return [...families.all.values()];
  }

  /**
   * What a text stands for: the number of its series, NO_SERIES where relabelling drops it, or a number of its own for a part of a
   * histogram.
   * @throws ScrapeRefused, SeriesTextError
   */
  resolve(series: string, family: Family | null, families: ReadonlyMap<string, Family>): number {
    const text = parseSeriesText(series);
    const part = this.#histograms === null ? null : partOf(text, families);
    return part === null || this.#histograms === null ? this.#numberOf(text, family, families) : this.#resolvePart(this.#histograms, part, text, families);
  }

  /** @param ownMs the time that the target wrote; NaN for none. @throws ScrapeRefused */
  add(series: number, scrapeMs: number, ownMs: number, value: number, exemplar: PrometheusExemplar | null): void {
    if (series < 0) {
      this.#addWithoutSeries(series, scrapeMs, ownMs, value, exemplar);
      return;
    }
    this.#scraped++;
    this.#kept++;
    const { sample_limit: limit, honor_timestamps: honorTimes } = this.#config;
    if (limit > 0 && this.#kept > limit) throw new ScrapeRefused('sample limit exceeded');
    const { seenIn, live, tracked } = this.#table;
    const own = honorTimes && ownMs === ownMs;
    if (seenIn[series] === this.#scrape) {
      if (!own) {
        this.#duplicates++;
        return;
      }
    } else {
      seenIn[series] = this.#scrape;
      if (live[series] === 0) this.#added++;
    }
    tracked[series] = !own || this.#config.track_timestamps_staleness ? 1 : 0;
    if (exemplar !== null) this.#samples.exemplars.set(this.#samples.count, Number.isNaN(exemplar.timeMs) ? { ...exemplar, timeMs: scrapeMs } : exemplar);
    this.#samples.push(series, own ? ownMs : scrapeMs, value);
  }

  /**
   * Ends a scrape that was read whole, with a stale marker for each series that was there before and is missed now.
   * @throws ScrapeRefused
   */
  finish(scrapeMs: number): ScrapeResult {
    for (const histogram of this.#histograms?.open ?? []) this.#write(histogram, scrapeMs);
    this.#settle(scrapeMs);
    this.#isLearned = true;
    this.#whole = this.#texts;
    return { scraped: this.#scraped, kept: this.#kept, added: this.#added, duplicates: this.#duplicates, unconverted: this.#unconverted, conversionProblem: this.#conversionProblem };
  }

  /** Of a scrape that failed, or of a target that is gone: nothing but stale markers. */
  fail(scrapeMs: number): void {
    this.begin();
    this.#settle(scrapeMs);
  }

  /** Values of REPORTS; null: stale markers, since the target is gone. */
  report(values: readonly number[] | null, timeMs: number): void {
    for (let i = 0; i < REPORTS.length; i++) {
      if (values === null) this.#samples.pushStale(i, timeMs);
      else this.#samples.push(i, timeMs, values[i]!);
    }
  }

  /** What is to be written, frame by frame. */
  *frames(buffers: BufferPool): Generator<Frame> {
    yield* this.#table.frames(this.#samples, buffers);
    this.#forget();
  }

  #numberOf(text: SeriesText, family: Family | null, families: ReadonlyMap<string, Family>): number {
    const resolved = this.#labels.resolve(text, family, families);
    if (resolved === null) return NO_SERIES;
    const { size } = this.#table;
    const number = this.#table.add(resolved);
    if (this.#previous !== null && number === size) this.#inherit(number, this.#previous, this.#previous.find(resolved.labels));
    return number;
  }

  /** Relabelling sees the histogram, and its classic series only where they are kept beside it (model/textparse/nhcbparse.go). */
  #resolvePart(histograms: HistogramParts, { kind, bound, whole }: PartText, text: SeriesText, families: ReadonlyMap<string, Family>): number {
    const family = families.get(whole.name) ?? null;
    const classic = this.#config.always_scrape_classic_histograms ? this.#numberOf(text, family, families) : NO_SERIES;
    return histograms.add({ kind, bound, classic, histogram: histograms.histogram(whole, () => this.#numberOf(whole, family, families)) });
  }

  /** A line of a series that relabelling drops, or of a part of a histogram. */
  #addWithoutSeries(meaning: number, scrapeMs: number, ownMs: number, value: number, exemplar: PrometheusExemplar | null): void {
    if (meaning === NO_SERIES || this.#histograms === null) {
      this.#scraped++;
      return;
    }
    const { always_scrape_classic_histograms: keepsClassic, honor_timestamps: honorsTimes } = this.#config;
    const part = this.#histograms.part(meaning);
    if (keepsClassic) this.add(part.classic, scrapeMs, ownMs, value, exemplar);
    const timeMs = honorsTimes ? ownMs : NaN;
    let { pending } = part.histogram;
    // The same histogram of several moments.
    if (pending !== null && !Object.is(pending.ownMs, timeMs)) this.#write(part.histogram, scrapeMs);
    if (pending === null || !Object.is(pending.ownMs, timeMs)) pending = this.#histograms.start(part.histogram, timeMs);
    pending.add(part, value);
    if (exemplar !== null && !Number.isNaN(exemplar.timeMs)) pending.exemplars.push(exemplar);
  }

  /** One sample of what came of a histogram. */
  #write({ name, series, pending }: ConvertedHistogram, scrapeMs: number): void {
    if (pending === null) return;
    const histogram = pending.convert();
    if (typeof histogram === 'string') {
      if (this.#unconverted++ === 0) this.#conversionProblem = `${name}: ${histogram}`;
      return;
    }
    const { count } = this.#samples;
    this.add(series, scrapeMs, pending.ownMs, NaN, null);
    if (this.#samples.count === count) return;
    this.#samples.histograms.set(count, { histogram, exemplars: pending.exemplars.sort((a, b) => a.timeMs - b.timeMs || a.value - b.value) });
    const { tracked } = this.#table;
    if (tracked[series] === 1) tracked[series] = 2;
  }

  #settle(scrapeMs: number): void {
    const previous = this.#previous;
    this.#previous = null;
    for (let old = REPORTS.length; previous !== null && old < previous.size; old++) {
      if (previous.live[old] === 0) continue;
      const { size } = this.#table;
      const number = this.#table.add(previous.series(old));
      if (number === size) this.#inherit(number, previous, old);
    }
    const { seenIn, live, tracked, size } = this.#table;
    for (let series = REPORTS.length; series < size; series++) {
      if (seenIn[series] === this.#scrape) live[series] = 1;
      else if (live[series] === 1) {
        live[series] = 0;
        if (tracked[series] === 1) this.#samples.pushStale(series, scrapeMs);
        else if (tracked[series] === 2) this.#samples.pushStaleHistogram(series, scrapeMs);
      }
    }
  }

  #inherit(number: number, from: SeriesTable, old: number): void {
    if (old < 0) return;
    for (const column of ['seenIn', 'live', 'tracked'] as const) this.#table[column][number] = from[column][old]!;
  }

  #emptyHistograms(): HistogramParts | null {
    return this.#config.convert_classic_histograms_to_nhcb ? new HistogramParts() : null;
  }

  #tableWithReports(): SeriesTable {
    const table = new SeriesTable();
    for (const name of REPORTS) table.add(this.#labels.report(name), true);
    return table;
  }

  /** Lets go what did not come in this scrape, when that is most of it. After a scrape that failed all may come again. */
  #forget(): void {
    const { seen, size } = this.#texts;
    if (seen === 0 || size - seen < Math.max(seen, MIN_FORGOTTEN)) return;
    const before = this.#table;
    this.#table = this.#tableWithReports();
    const histogramsBefore = this.#histograms;
    const histograms = (this.#histograms = this.#emptyHistograms());
    const kept = (old: number): number => {
      const series = this.#table.add(before.series(old));
      this.#inherit(series, before, old);
      return series;
    };
    this.#texts = this.#texts.kept((old) => (old >= 0 || histograms === null || histogramsBefore === null ? kept(old) : histograms.keep(histogramsBefore.part(old), kept)));
    this.#whole = this.#texts;
  }
}
