import type { PrometheusExemplar, PrometheusType } from '@signalbox/signals/prometheus/types';
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

/** What stands behind a series. */
export interface SampleTail {
  readonly value: number;
  /** Unix milliseconds; NaN where none is written. */
  readonly timeMs: number;
  readonly exemplar: PrometheusExemplar | null;
}

export interface ExpositionSample extends SampleTail {
  /** Name and labels as written: the same text is the same series. */
  readonly series: string;
}

const TYPES: ReadonlySet<string> = new Set(['counter', 'gauge', 'histogram', 'summary', 'untyped', 'unknown', 'gaugehistogram', 'stateset', 'info']);
const SUFFIX = /_(?:bucket|sum|count|total|created|info|gcount|gsum)$/;
const COMMENT = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|\S+)(?:[ \t]+(.*))?$/;

/** What the comments of an exposition say. */
export class Families {
  readonly all = new Map<string, Family>();
  /** That of the comment read last: samples behind it are likely to be of it. */
  current: Family | null = null;

  /** @throws SeriesTextError */
  comment(line: string): void {
    const match = COMMENT.exec(line);
    if (!match) return;
    const [, what, rawName = '', rest = ''] = match;
    const name = rawName.startsWith('"') ? parseSeriesText(`{${rawName}}`).name : rawName;
    let family = this.all.get(name);
    if (!family) this.all.set(name, (family = { name, type: 'unknown', help: '', unit: '' }));
    this.current = family;
    if (what === 'TYPE') {
      const type = rest.trim();
      if (!TYPES.has(type)) throw new SeriesTextError(`'${type.slice(0, 40)}' is no type of a metric`);
      family.type = type === 'untyped' ? 'unknown' : type;
    } else if (what === 'HELP') family.help = rest.replace(/\\(\\|n|")/g, (_, char: string) => (char === 'n' ? '\n' : char));
    else family.unit = rest.trim();
  }
}

/** Reads a line that is no comment. @throws SeriesTextError */
export function parseSampleLine(line: string, format: ExpositionFormat): ExpositionSample {
  const start = skipBlanks(line, 0);
  const stop = seriesEnd(line, start, line.length);
  if (stop < 0) throw new SeriesTextError('a brace or quote that is not closed');
  return { series: line.slice(start, stop), ...parseTail(line.slice(stop), format) };
}

/** Reads the value, the time (milliseconds in the text format, seconds in OpenMetrics) and the exemplar behind a series. @throws SeriesTextError */
export function parseTail(text: string, format: ExpositionFormat): SampleTail {
  let at = skipBlanks(text, 0);
  const valueStop = tokenEnd(text, at);
  if (at === valueStop) throw new SeriesTextError('expected a value behind the series');
  const value = parseFloatText(text.slice(at, valueStop));
  if (value === undefined) throw new SeriesTextError('the value is no number');
  let timeMs = NaN;
  at = skipBlanks(text, valueStop);
  if (at < text.length && text.charCodeAt(at) !== 0x23) {
    const timeStop = tokenEnd(text, at);
    timeMs = timeOf(text.slice(at, timeStop), format);
    at = skipBlanks(text, timeStop);
  }
  if (at === text.length) return { value, timeMs, exemplar: null };
  if (format !== 'openmetrics' || text.charCodeAt(at) !== 0x23) throw new SeriesTextError('something behind the value and time');
  return { value, timeMs, exemplar: exemplarOf(text.slice(at + 1), format) };
}

/** Metadata of a series by its name; null where nothing was said. */
export function familyOf(name: string, families: ReadonlyMap<string, Family>): Family | null {
  return families.get(name) ?? families.get(name.replace(SUFFIX, '')) ?? null;
}

export function prometheusType(type: string): PrometheusType {
  return type === 'counter' || type === 'gauge' || type === 'histogram' || type === 'summary' ? type : 'unknown';
}

function timeOf(text: string, format: ExpositionFormat): number {
  const time = parseFloatText(text);
  if (time === undefined || !Number.isFinite(time) || (format === 'text' && !Number.isInteger(time))) throw new SeriesTextError('the time is no number');
  return format === 'openmetrics' ? Math.round(time * 1000) : time;
}

function exemplarOf(text: string, format: ExpositionFormat): PrometheusExemplar {
  const at = skipBlanks(text, 0);
  const stop = text.charCodeAt(at) === 0x7b ? braceEnd(text, at, text.length) : -1;
  if (stop < 0) throw new SeriesTextError('an exemplar without labels');
  const [valueText, timeText, ...more] = text.slice(stop).trim().split(/[ \t]+/);
  const value = parseFloatText(valueText ?? '');
  if (value === undefined || more.length > 0) throw new SeriesTextError('the value of an exemplar is no number');
  const { labels } = parseSeriesText(`exemplar${text.slice(at, stop)}`);
  return { labels: labels.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)), value, timeMs: timeText === undefined ? NaN : timeOf(timeText, format) };
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charCodeAt(at))) at++;
  return at;
}

function tokenEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isBlank(text.charCodeAt(at))) at++;
  return at;
}
