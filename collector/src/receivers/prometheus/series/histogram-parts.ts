import { ClassicHistogram, type PartText } from './classic-histogram.js';
import type { SeriesText } from '../reading/series-text.js';

/** Texts of parts mean this number or a lower one; the others are COMMENT and NO_SERIES. */
const FIRST_PART = -3;

/** A histogram whose classic series become one. */
export interface ConvertedHistogram {
  readonly key: string;
  /** Name of its family, for people. */
  readonly name: string;
  /** Number of its series, or NO_SERIES where relabelling drops it. */
  readonly series: number;
  /** What this scrape brought of it that is not written yet. */
  pending: ClassicHistogram | null;
}

export interface HistogramPart extends Pick<PartText, 'kind' | 'bound'> {
  readonly histogram: ConvertedHistogram;
  /** Number of the classic series where that is kept beside it, else NO_SERIES. */
  readonly classic: number;
}

/** Classic series of a target that are parts of histograms, by what their texts mean. */
export class HistogramParts {
  readonly #parts: HistogramPart[] = [];
  readonly #histograms = new Map<string, ConvertedHistogram>();
  #open: ConvertedHistogram[] = [];

  begin(): void {
    for (const histogram of this.#open) histogram.pending = null;
    this.#open = [];
  }

  /** The histogram of this name and labels; `series` gives a new one its number. */
  histogram(whole: SeriesText, series: () => number): ConvertedHistogram {
    return this.#known(keyOf(whole), whole.name, series);
  }

  /** What the text of a part means. */
  add(part: HistogramPart): number {
    return FIRST_PART + 1 - this.#parts.push(part);
  }

  /** @param meaning what `add` answered */
  part(meaning: number): HistogramPart {
    return this.#parts[FIRST_PART - meaning]!;
  }

  /** A histogram of this scrape begins. */
  start(histogram: ConvertedHistogram, ownMs: number): ClassicHistogram {
    if (histogram.pending === null) this.#open.push(histogram);
    return (histogram.pending = new ClassicHistogram(ownMs));
  }

  /** Those that this scrape brought, in the order in which they began. */
  get open(): readonly ConvertedHistogram[] {
    return this.#open;
  }

  /** Takes over a part of others; `series` gives series their new numbers. */
  keep({ kind, bound, histogram, classic }: HistogramPart, series: (number: number) => number): number {
    const moved = (number: number): number => (number < 0 ? number : series(number));
    return this.add({ kind, bound, histogram: this.#known(histogram.key, histogram.name, () => moved(histogram.series)), classic: moved(classic) });
  }

  #known(key: string, name: string, series: () => number): ConvertedHistogram {
    let histogram = this.#histograms.get(key);
    if (histogram === undefined) this.#histograms.set(key, (histogram = { key, name, series: series(), pending: null }));
    return histogram;
  }
}

/** Labels in any order are the same ones, and one without a value is none. */
function keyOf({ name, labels }: SeriesText): string {
  return JSON.stringify([name, labels.filter(([, value]) => value !== '').sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))]);
}
