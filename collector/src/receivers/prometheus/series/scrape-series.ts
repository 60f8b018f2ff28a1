import type { Labels, PrometheusExemplar } from '@signalbox/signals/prometheus/types';
import type { BufferPool } from '../fetching/buffer-pool.js';
import type { ScrapeConfig } from '../config.js';
import { Families, type Family } from '../reading/exposition.js';
import { KnownTexts, NO_SERIES } from '../reading/known-texts.js';
import type { Relabeling } from '../targets/relabel.js';
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

  constructor(config: ScrapeConfig, target: Labels, relabeling: Relabeling, external: Labels) {
    this.#config = config;
    this.#labels = new SeriesLabels(config, target, relabeling, external);
    this.#table = this.#tableWithReports();
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
      this.#isOutdated = this.#isLearned = false;
    }
    this.#samples.clear();
    this.#texts.begin();
    this.#scraped = this.#kept = this.#added = this.#duplicates = 0;
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
   * The number of the series that a text stands for, or NO_SERIES where relabelling drops it.
   * @throws ScrapeRefused, SeriesTextError
   */
  resolve(series: string, family: Family | null, families: ReadonlyMap<string, Family>): number {
    const resolved = this.#labels.resolve(series, family, families);
    if (resolved === null) return NO_SERIES;
    const { size } = this.#table;
    const number = this.#table.add(resolved);
    if (this.#previous !== null && number === size) this.#inherit(number, this.#previous, this.#previous.find(resolved.labels));
    return number;
  }

  /** @param ownMs the time that the target wrote; NaN for none. @throws ScrapeRefused */
  add(series: number, scrapeMs: number, ownMs: number, value: number, exemplar: PrometheusExemplar | null): void {
    this.#scraped++;
    if (series === NO_SERIES) return;
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

  /** Ends a scrape that was read whole, with a stale marker for each series that was there before and is missed now. */
  finish(scrapeMs: number): ScrapeResult {
    this.#settle(scrapeMs);
    this.#isLearned = true;
    this.#whole = this.#texts;
    return { scraped: this.#scraped, kept: this.#kept, added: this.#added, duplicates: this.#duplicates };
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
      }
    }
  }

  #inherit(number: number, from: SeriesTable, old: number): void {
    if (old < 0) return;
    for (const column of ['seenIn', 'live', 'tracked'] as const) this.#table[column][number] = from[column][old]!;
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
    this.#texts = this.#texts.kept((old) => {
      const series = this.#table.add(before.series(old));
      this.#inherit(series, before, old);
      return series;
    });
    this.#whole = this.#texts;
  }
}
