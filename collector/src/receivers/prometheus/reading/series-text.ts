import { canonicalFloat } from './go-float.js';

/** `message` without the line; the caller knows it. */
export class SeriesTextError extends Error {}

export interface SeriesText {
  readonly name: string;
  /** In the order written, without `__name__`. */
  readonly labels: (readonly [name: string, value: string])[];
}

/** Where the series that begins at `from` ends in the text, or -1: behind its closing brace, or its name. Quotes may hold anything. */
export function seriesEnd(text: string, from: number, end: number): number {
  let i = from;
  for (; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x7b) return braceEnd(text, i, end);
    if (code === 0x20 || code === 0x09) {
      let next = i + 1;
      while (next < end && (text.charCodeAt(next) === 0x20 || text.charCodeAt(next) === 0x09)) next++;
      return text.charCodeAt(next) === 0x7b ? braceEnd(text, next, end) : i;
    }
  }
  return i;
}

/** Behind the brace that closes the one at `from`, or -1. */
export function braceEnd(text: string, from: number, end: number): number {
  let quoted = false;
  for (let i = from + 1; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) quoted = !quoted;
    else if (code === 0x5c && quoted) i++;
    else if (code === 0x7d && !quoted) return i + 1;
  }
  return -1;
}

/** Reads `name{label="value", …}`, also `{"name", "label"="value"}`. @throws SeriesTextError */
export function parseSeriesText(text: string): SeriesText {
  const brace = text.indexOf('{');
  if (brace < 0) return { name: checkName(text.trim()), labels: [] };
  let name = text.slice(0, brace).trim();
  const labels: (readonly [string, string])[] = [];
  let i = skipBlanks(text, brace + 1);
  while (text.charCodeAt(i) !== 0x7d) {
    let label: string;
    const wasQuoted = text.charCodeAt(i) === 0x22;
    if (wasQuoted) [label, i] = quotedText(text, i);
    else {
      const start = i;
      while (isNameCode(text.charCodeAt(i))) i++;
      label = text.slice(start, i);
      if (!/^[a-zA-Z_]/.test(label)) throw new SeriesTextError('a label without a name');
    }
    i = skipBlanks(text, i);
    if (text.charCodeAt(i) === 0x3d) {
      i = skipBlanks(text, i + 1);
      if (text.charCodeAt(i) !== 0x22) throw new SeriesTextError(`the value of the label '${label}' is not in quotes`);
      let value: string;
      [value, i] = quotedText(text, i);
      if (label === '') throw new SeriesTextError('a label without a name');
      labels.push([label, value]);
    } else if (wasQuoted && name === '') name = label;
    else throw new SeriesTextError(`the label '${label}' has no value`);
    i = skipBlanks(text, i);
    if (text.charCodeAt(i) === 0x2c) i = skipBlanks(text, i + 1);
    else if (text.charCodeAt(i) !== 0x7d) throw new SeriesTextError('expected a comma or a closing brace between labels');
  }
  if (brace > 0) checkName(name);
  else if (name === '') throw new SeriesTextError('a series without a name');
  return { name, labels };
}

function skipBlanks(text: string, from: number): number {
  let i = from;
  while (text.charCodeAt(i) === 0x20 || text.charCodeAt(i) === 0x09) i++;
  return i;
}

/** Letters, digits, underscore and colon. */
function isNameCode(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x3a) || code === 0x5f;
}

function checkName(name: string): string {
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) throw new SeriesTextError(name === '' ? 'a series without a name' : 'not a name of a metric');
  return name;
}

function quotedText(text: string, from: number): [value: string, next: number] {
  const quote = text.indexOf('"', from + 1);
  const plain = text.slice(from + 1, quote);
  if (quote > 0 && !plain.includes('\\')) return [plain, quote + 1];
  let value = '';
  for (let i = from + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === '"') return [value, i + 1];
    if (char !== '\\') {
      value += char;
      continue;
    }
    const escaped = text.charAt(++i);
    value += escaped === 'n' ? '\n' : escaped === '"' || escaped === '\\' ? escaped : `\\${escaped}`;
  }
  throw new SeriesTextError('a quote that is not closed');
}

/** Bounds and quantiles are written in many ways and kept in one. */
export function canonicalLabels({ name, labels }: SeriesText, type: string): SeriesText {
  const bound = type === 'histogram' ? 'le' : type === 'summary' ? 'quantile' : null;
  if (bound === null || !labels.some(([label]) => label === bound)) return { name, labels };
  return { name, labels: labels.map(([label, value]) => (label === bound ? [label, canonicalFloat(value)] : [label, value])) };
}
