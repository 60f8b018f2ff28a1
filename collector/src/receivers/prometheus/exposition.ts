import type { PrometheusExemplar, PrometheusType } from '@signalbox/signals/prometheus/types';
import { ExpositionError } from './exposition-error.js';
import { parseFloatText } from './go-float.js';
import { braceEnd, parseSeriesText, seriesEnd, SeriesTextError } from './series-text.js';

export type ExpositionFormat = 'text' | 'openmetrics';

/** What is known of a metric family. `type` as written, such as `gaugehistogram`. */
export interface Family {
  readonly name: string;
  type: string;
  help: string;
  unit: string;
}

export interface ExpositionSample {
  /** Name and labels as written: the same text is the same series. */
  series: string;
  value: number;
  /** Unix milliseconds; NaN where none is written. */
  timeMs: number;
  exemplar: PrometheusExemplar | null;
  /** Line in the exposition, from 1. */
  line: number;
  family: Family | null;
}

const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped', 'unknown', 'gaugehistogram', 'stateset', 'info']);
const SUFFIX = /_(?:bucket|sum|count|total|created|info|gcount|gsum)$/;

/**
 * Reads an exposition line by line: Prometheus' text format 0.0.4 and 1.0, and OpenMetrics 1.0. The sample that next() answers is
 * used again for the one after it.
 */
export class ExpositionParser {
  readonly families = new Map<string, Family>();
  readonly #text: string;
  readonly #open: boolean;
  readonly #isKnown: (series: string) => boolean;
  readonly #sample: ExpositionSample = { series: '', value: 0, timeMs: NaN, exemplar: null, line: 0, family: null };
  #pos = 0;
  #line = 0;
  #ended = false;
  #family: Family | null = null;

  /** @param isKnown whether a text was read as a series before: then it is not looked at again */
  constructor(text: string, format: ExpositionFormat, isKnown: (series: string) => boolean = () => false) {
    this.#isKnown = isKnown;
    this.#text = text;
    this.#open = format === 'openmetrics';
  }

  /** The next sample; null at the end. @throws ExpositionError */
  next(): ExpositionSample | null {
    const text = this.#text;
    while (this.#pos < text.length) {
      const start = this.#pos;
      let end = text.indexOf('\n', start);
      if (end < 0) end = text.length;
      this.#pos = end + 1;
      this.#line++;
      if (end > start && text.charCodeAt(end - 1) === 0x0d) end--;
      if (end === start) {
        if (this.#open && this.#pos < text.length) this.#fail('an empty line', start, end);
        continue;
      }
      if (this.#ended) this.#fail('something behind # EOF', start, end);
      if (text.charCodeAt(start) === 0x23) {
        this.#comment(start, end);
        continue;
      }
      return this.#read(start, end);
    }
    if (this.#open && !this.#ended) this.#fail('data does not end with # EOF', Math.max(0, text.length - 60), text.length);
    return null;
  }

  #read(from: number, end: number): ExpositionSample {
    const text = this.#text;
    let start = from;
    while (start < end && isBlank(text.charCodeAt(start))) start++;
    if (start === end) return this.next() ?? this.#fail('an empty line', from, end);
    // Most lines are a series that was there before, a blank and a value.
    const blank = text.lastIndexOf(' ', end - 1);
    const candidate = blank > start ? text.slice(start, blank) : '';
    const isKnown = candidate !== '' && this.#isKnown(candidate);
    const seriesStop = isKnown ? blank : seriesEnd(text, start, end);
    if (seriesStop < 0) this.#fail('a brace or quote that is not closed', start, end);
    let at = seriesStop;
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    const valueStop = tokenEnd(text, at, end);
    if (at === valueStop) this.#fail('expected a value behind the series', start, end);
    const value = parseFloatText(text.slice(at, valueStop));
    if (value === undefined) this.#fail('the value is no number', start, end);
    const sample = this.#sample;
    // The same string, so that its hash is counted once.
    sample.series = isKnown ? candidate : text.slice(start, seriesStop);
    sample.value = value;
    sample.timeMs = NaN;
    sample.exemplar = null;
    sample.line = this.#line;
    sample.family = this.#family;
    at = valueStop;
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    if (at === end) return sample;
    if (text.charCodeAt(at) !== 0x23) {
      const timeStop = tokenEnd(text, at, end);
      sample.timeMs = this.#time(text.slice(at, timeStop), start, end);
      at = timeStop;
      while (at < end && isBlank(text.charCodeAt(at))) at++;
    }
    if (at === end) return sample;
    if (!this.#open || text.charCodeAt(at) !== 0x23) this.#fail('something behind the value and time', start, end);
    sample.exemplar = this.#exemplar(at + 1, start, end);
    return sample;
  }

  /** Milliseconds in the text format, seconds in OpenMetrics. */
  #time(text: string, start: number, end: number): number {
    const time = parseFloatText(text);
    if (time === undefined || !Number.isFinite(time) || (!this.#open && !Number.isInteger(time))) this.#fail('the time is no number', start, end);
    return this.#open ? Math.round(time * 1000) : time;
  }

  #exemplar(from: number, start: number, end: number): PrometheusExemplar {
    const text = this.#text;
    let at = from;
    while (at < end && isBlank(text.charCodeAt(at))) at++;
    const stop = text.charCodeAt(at) === 0x7b ? braceEnd(text, at, end) : -1;
    if (stop < 0) this.#fail('an exemplar without labels', start, end);
    const [valueText, timeText, ...more] = text.slice(stop, end).trim().split(/[ \t]+/);
    const value = parseFloatText(valueText ?? '');
    if (value === undefined || more.length > 0) this.#fail('the value of an exemplar is no number', start, end);
    try {
      const { labels } = parseSeriesText(`exemplar${text.slice(at, stop)}`);
      return { labels: labels.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)), value, timeMs: timeText === undefined ? NaN : this.#time(timeText, start, end) };
    } catch (error) {
      if (error instanceof SeriesTextError) this.#fail(error.message, start, end);
      throw error;
    }
  }

  #comment(start: number, end: number): void {
    const line = this.#text.slice(start, end);
    if (this.#open && line === '# EOF') {
      this.#ended = true;
      return;
    }
    const match = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|\S+)(?:[ \t]+(.*))?$/.exec(line);
    if (!match) return;
    const [, what, rawName = '', rest = ''] = match;
    const name = rawName.startsWith('"') ? parseSeriesText(`{${rawName}}`).name : rawName;
    let family = this.families.get(name);
    if (!family) this.families.set(name, (family = { name, type: 'unknown', help: '', unit: '' }));
    this.#family = family;
    if (what === 'TYPE') {
      const type = rest.trim();
      if (!TYPES.has(type)) this.#fail(`'${type.slice(0, 40)}' is no type of a metric`, start, end);
      family.type = type === 'untyped' ? 'unknown' : type;
    } else if (what === 'HELP') family.help = rest.replace(/\\(\\|n|")/g, (_, char: string) => (char === 'n' ? '\n' : char));
    else family.unit = rest.trim();
  }

  #fail(what: string, start: number, end: number): never {
    throw new ExpositionError(what, this.#line, this.#text.slice(start, end));
  }
}

/** Metadata of a series by its name; null where nothing was said. */
export function familyOf(name: string, families: ReadonlyMap<string, Family>): Family | null {
  return families.get(name) ?? families.get(name.replace(SUFFIX, '')) ?? null;
}

export function prometheusType(type: string): PrometheusType {
  return type === 'counter' || type === 'gauge' || type === 'histogram' || type === 'summary' ? type : 'unknown';
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function tokenEnd(text: string, from: number, end: number): number {
  let i = from;
  while (i < end && !isBlank(text.charCodeAt(i))) i++;
  return i;
}
