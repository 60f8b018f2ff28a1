import { DecimalReader } from './decimal-reader.js';
import { ExpositionError } from './exposition-error.js';
import { Families, parseSampleLine, parseTail, type ExpositionFormat } from './exposition.js';
import { COMMENT } from './known-texts.js';
import type { ScrapeSeries } from '../series/scrape-series.js';
import { SeriesTextError } from './series-text.js';

const NEWLINE = 0x0a;
const BLANK = 0x20;
const HASH = 0x23;
const METADATA = /^#[ \t]+(?:HELP|TYPE|UNIT)[ \t]/;
const EOF = Buffer.from('# EOF');

/**
 * Reads an exposition line by line: Prometheus' text format 0.0.4 and 1.0, and OpenMetrics 1.0. Most lines begin as they did the last
 * time: then nothing is read but the number behind. What has to be looked at becomes a string, and is known from then on.
 */
export class BodyReader {
  readonly #body: Buffer;
  readonly #view: DataView;
  readonly #format: ExpositionFormat;
  readonly #series: ScrapeSeries;
  readonly #scrapeMs: number;
  readonly #decimal = new DecimalReader();
  readonly #families = new Families();
  #at = 0;
  /** Comments before it are in `families`. */
  #commentsTo = 0;
  #ended = false;

  constructor(body: Buffer, format: ExpositionFormat, series: ScrapeSeries, scrapeMs: number) {
    this.#body = body;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
    this.#format = format;
    this.#series = series;
    this.#scrapeMs = scrapeMs;
  }

  /**
   * Reads so many lines on, and answers whether there are more.
   * @throws ExpositionError, ScrapeRefused
   */
  read(lines: number): boolean {
    const { length } = this.#body;
    for (let left = lines; left > 0 && this.#at < length; left--) {
      const { texts } = this.#series;
      const text = texts.expected;
      const stop = text < 0 ? -1 : texts.endOf(text, this.#view, this.#at);
      if (stop < 0 || !this.#known(text, stop)) this.#look();
    }
    if (this.#at < length) return true;
    if (this.#format === 'openmetrics' && !this.#ended) this.#fail('data does not end with # EOF', Math.max(0, length - 60), length);
    return false;
  }

  /** A line that begins with a text that is known and ends at `stop`; false where it is another one after all. */
  #known(text: number, stop: number): boolean {
    const body = this.#body;
    const { texts } = this.#series;
    const meaning = texts.meaning(text);
    if (meaning === COMMENT) {
      if (stop < body.length && body[stop] !== NEWLINE) return false;
      this.#at = stop + 1;
    } else {
      if (body[stop] !== BLANK) return false;
      const end = this.#decimal.read(body, stop + 1);
      if (end === body.length || (end > 0 && body[end] === NEWLINE)) {
        this.#series.add(meaning, this.#scrapeMs, NaN, this.#decimal.value, null);
        this.#at = end + 1;
      } else if (!this.#tail(meaning, stop)) return false;
    }
    texts.saw(text);
    return true;
  }

  /** A number of another form, a time or an exemplar behind a known series. */
  #tail(series: number, stop: number): boolean {
    const end = this.#lineEnd(stop);
    const rest = this.#text(stop, this.#body[end - 1] === 0x0d ? end - 1 : end);
    // Labels may follow the name after blanks.
    if (/^[ \t]*\{/.test(rest)) return false;
    try {
      const { value, timeMs, exemplar } = parseTail(rest, this.#format);
      this.#series.add(series, this.#scrapeMs, timeMs, value, exemplar);
    } catch (error) {
      throw this.#placed(error, this.#at, end);
    }
    this.#at = end + 1;
    return true;
  }

  /** A line that is not the one expected. */
  #look(): void {
    const body = this.#body;
    const start = this.#at;
    const end = this.#lineEnd(start);
    const stop = end > start && body[end - 1] === 0x0d ? end - 1 : end;
    if (stop === start) {
      if (this.#format === 'openmetrics' && end + 1 < body.length) this.#fail('an empty line', start, stop);
      this.#at = end + 1;
    } else if (body[start] === HASH) this.#comment(start, stop, end);
    else if (!this.#moved(start, stop)) this.#sample(start, stop, end);
  }

  #comment(start: number, stop: number, end: number): void {
    const { texts } = this.#series;
    this.#at = end + 1;
    if (this.#format === 'openmetrics' && stop - start === EOF.length && this.#body.compare(EOF, 0, EOF.length, start, stop) === 0) {
      this.#ended = true;
      if (end + 1 < this.#body.length) this.#fail('something behind # EOF', end + 1, this.#lineEnd(end + 1));
      return;
    }
    let text = texts.find(this.#body, start, end);
    if (text < 0) {
      this.#readComments(end);
      if (METADATA.test(this.#text(start, Math.min(stop, start + 40)))) this.#series.saysNew();
      text = texts.add(this.#body.subarray(start, end), COMMENT);
    }
    texts.saw(text);
  }

  /** A known series at another place than the last time. */
  #moved(start: number, stop: number): boolean {
    const { texts } = this.#series;
    let blank = stop - 1;
    while (blank > start && this.#body[blank] !== BLANK) blank--;
    const text = blank > start ? texts.find(this.#body, start, blank) : -1;
    return text >= 0 && texts.meaning(text) !== COMMENT && this.#known(text, blank);
  }

  #sample(start: number, stop: number, end: number): void {
    const line = this.#text(start, stop);
    this.#at = end + 1;
    if (line.trim() === '') {
      if (this.#format === 'openmetrics') this.#fail('an empty line', start, stop);
      return;
    }
    this.#readComments(start);
    try {
      const { series, value, timeMs, exemplar } = parseSampleLine(line, this.#format);
      const { texts } = this.#series;
      const bytes = Buffer.from(series);
      let text = texts.find(bytes, 0, bytes.length);
      if (text < 0) text = texts.add(bytes, this.#series.resolve(series, this.#families.current, this.#families.all));
      this.#series.add(texts.meaning(text), this.#scrapeMs, timeMs, value, exemplar);
      texts.saw(text);
    } catch (error) {
      throw this.#placed(error, start, stop);
    }
  }

  /** Comments that were passed over since they were known, up to `to`. */
  #readComments(to: number): void {
    let end: number;
    for (let at = this.#commentsTo; at < to; at = end + 1) {
      end = this.#lineEnd(at);
      if (this.#body[at] !== HASH) continue;
      try {
        this.#families.comment(this.#text(at, this.#body[end - 1] === 0x0d ? end - 1 : end));
      } catch (error) {
        throw this.#placed(error, at, end);
      }
    }
    this.#commentsTo = Math.max(this.#commentsTo, to);
  }

  #lineEnd(from: number): number {
    const end = this.#body.indexOf(NEWLINE, from);
    return end < 0 ? this.#body.length : end;
  }

  #text(from: number, to: number): string {
    return this.#body.toString('utf8', from, to);
  }

  #placed(error: unknown, start: number, end: number): unknown {
    return error instanceof SeriesTextError ? new ExpositionError(error.message, this.#lineNumber(start), this.#text(start, end)) : error;
  }

  #fail(what: string, start: number, end: number): never {
    throw new ExpositionError(what, this.#lineNumber(start), this.#text(start, end));
  }

  #lineNumber(place: number): number {
    let line = 1;
    for (let at = this.#body.indexOf(NEWLINE); at >= 0 && at < place; at = this.#body.indexOf(NEWLINE, at + 1)) line++;
    return line;
  }
}
