import { attributesFromJson } from '@signalbox/signals/model/attribute-text';
import { fromAttributes, isBounded, type Fields } from './entry.js';

/** Reads one line; null when it is not of the format. */
export type LineParser = (line: string) => Fields | null;

/** What a receiver's limits allow in a record (signals/otlp/limits), so that no parsed line is refused afterwards. */
const MAX_DEPTH = 30;
const MAX_VALUES = 8192;

/** A JSON object; whole numbers stay whole. */
export const parseJson: LineParser = (line) => {
  try {
    const fields = fromAttributes(attributesFromJson(line));
    return isBounded(fields, MAX_DEPTH, MAX_VALUES) ? fields : null;
  } catch {
    return null;
  }
};

const KEY = /[^\s="]+/y;

/** `level=info msg="it is so" took=12ms bare`: values are text; a key alone is true. At least one pair must be there. */
export const parseLogfmt: LineParser = (line) => {
  const fields: Fields = new Map();
  let pairs = 0;
  let at = 0;
  for (;;) {
    while (at < line.length && line.charCodeAt(at) <= 0x20) at++;
    if (at >= line.length) break;
    KEY.lastIndex = at;
    const key = KEY.exec(line)?.[0];
    if (key === undefined || fields.size >= MAX_VALUES) return null;
    at += key.length;
    if (line[at] !== '=') {
      fields.set(key, true);
      continue;
    }
    at++;
    pairs++;
    if (line[at] === '"') {
      const end = closingQuote(line, at);
      if (end < 0) return null;
      fields.set(key, unquote(line.slice(at, end + 1)));
      at = end + 1;
    } else {
      const begin = at;
      while (at < line.length && line.charCodeAt(at) > 0x20) at++;
      fields.set(key, line.slice(begin, at));
    }
  }
  return pairs > 0 ? fields : null;
};

function closingQuote(line: string, open: number): number {
  for (let i = open + 1; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x22) return i;
  }
  return -1;
}

/** Text in quotes as Go and JSON write it; where the escapes are neither's, the text between the quotes as it stands. */
function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    const value: unknown = JSON.parse(quoted);
    if (typeof value === 'string') return value;
  } catch {
    // Escapes of another kind.
  }
  return quoted.slice(1, -1);
}

/** Pairs with delimiters of one's own, as the Collector's key_value_parser reads them: values may stand in quotes. */
export function keyValueParser(delimiter: string, pairDelimiter: string): LineParser {
  return (line) => {
    const fields: Fields = new Map();
    for (const pair of splitOutsideQuotes(line, pairDelimiter)) {
      if (pair === '') continue;
      const at = pair.indexOf(delimiter);
      if (at < 0 || fields.size >= MAX_VALUES) return null;
      fields.set(bare(pair.slice(0, at)), bare(pair.slice(at + delimiter.length)));
    }
    return fields.size > 0 ? fields : null;
  };
}

function splitOutsideQuotes(line: string, delimiter: string): string[] {
  const parts: string[] = [];
  let begin = 0;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote !== '') {
      if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (delimiter === ' ' ? char === ' ' || char === '\t' : line.startsWith(delimiter, i)) {
      parts.push(line.slice(begin, i));
      begin = i + delimiter.length;
      i = begin - 1;
    }
  }
  parts.push(line.slice(begin));
  return parts;
}

function bare(text: string): string {
  const trimmed = text.trim();
  const first = trimmed[0];
  return trimmed.length >= 2 && (first === '"' || first === "'") && trimmed.endsWith(first) ? trimmed.slice(1, -1) : trimmed;
}
