import { grown } from '../series/grow.js';
import { TextTable } from '../series/text-table.js';

/** The line is a comment that was read. */
export const COMMENT = -2;
/** Relabelling drops the series. */
export const NO_SERIES = -1;

/**
 * What lines of a target begin with: series as they are written, and whole comments, with what they mean. Targets write their lines
 * in the same order, so behind each text the one is expected that followed it the last time.
 */
export class KnownTexts {
  readonly #table = new TextTable();
  /** Number of the series, NO_SERIES, COMMENT, or a lower number: a part of a histogram. */
  #meanings = new Int32Array(16);
  /** Number + 1 of the text that followed; at 0 that of the first line, at number + 1 that of a text. */
  #next = new Int32Array(16);
  #seenIn = new Int32Array(16);
  #scrape = 0;
  #seen = 0;
  /** Number + 1. */
  #last = 0;

  get size(): number {
    return this.#table.size;
  }

  /** Texts of this scrape. */
  get seen(): number {
    return this.#seen;
  }

  begin(): void {
    this.#scrape++;
    this.#seen = 0;
    this.#last = 0;
  }

  /** The text that is likely to come, or -1. */
  get expected(): number {
    return this.#next[this.#last]! - 1;
  }

  meaning(text: number): number {
    return this.#meanings[text]!;
  }

  find(bytes: Uint8Array, from: number, to: number): number {
    return this.#table.find(bytes, from, to);
  }

  /** The place behind the text where it stands at `at`, or -1 where it does not. */
  endOf(text: number, bytes: DataView, at: number): number {
    return this.#table.endOf(text, bytes, at);
  }

  add(bytes: Uint8Array, meaning: number): number {
    const text = this.#table.add(bytes);
    this.#meanings = grown(this.#meanings, this.size);
    this.#seenIn = grown(this.#seenIn, this.size);
    this.#next = grown(this.#next, this.size + 1);
    this.#meanings[text] = meaning;
    return text;
  }

  /** The text came. */
  saw(text: number): void {
    if (this.#seenIn[text] !== this.#scrape) {
      this.#seenIn[text] = this.#scrape;
      this.#seen++;
    }
    this.#next[this.#last] = text + 1;
    this.#last = text + 1;
  }

  /** Comments that came in one of the last so many scrapes. */
  *comments(scrapes: number): Generator<Buffer> {
    for (let text = 0; text < this.size; text++) {
      if (this.#meanings[text] === COMMENT && this.#scrape - this.#seenIn[text]! <= scrapes) yield this.#table.bytes(text);
    }
  }

  /** The texts of this scrape alone; `moved` gives series and parts of histograms new numbers. */
  kept(moved: (meaning: number) => number): KnownTexts {
    const kept = new KnownTexts();
    kept.begin();
    for (let text = 0; text < this.size; text++) {
      if (this.#seenIn[text] !== this.#scrape) continue;
      const meaning = this.#meanings[text]!;
      kept.saw(kept.add(this.#table.bytes(text), meaning === COMMENT || meaning === NO_SERIES ? meaning : moved(meaning)));
    }
    return kept;
  }
}
