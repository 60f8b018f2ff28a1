import { KeyValueList } from './attributes.js';
import type { AnyValue, Attributes, KeyValue } from './attributes.js';

/** Reads the typed JSON of `attribute-text`. JSON.parse would make one number type of ints and doubles. */

/** Each nested kvlist may stand in one more object than the value has levels; OTLP values have 128 at most. */
const MAX_DEPTH = 300;

export function parseAttributes(text: string): Attributes {
  const parser = new Parser(text);
  const entries = parser.object(0);
  parser.end();
  return entries;
}

export function parseValue(text: string): AnyValue {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\r\n]*/y;

class Parser {
  private pos = 0;

  constructor(private readonly text: string) {}

  private fail(): never {
    const found = this.pos < this.text.length ? `unexpected ${JSON.stringify(this.text[this.pos])}` : 'unexpected end';
    throw new SyntaxError(`typed JSON of attributes: ${found} at character ${this.pos}`);
  }

  end(): void {
    this.space();
    if (this.pos < this.text.length) this.fail();
  }

  private space(): void {
    if (this.text.charCodeAt(this.pos) > 0x20) return;
    SPACE.lastIndex = this.pos;
    SPACE.test(this.text);
    this.pos = SPACE.lastIndex;
  }

  /** Passes over the character if it is the next one. */
  private take(code: number): boolean {
    this.space();
    if (this.text.charCodeAt(this.pos) !== code) return false;
    this.pos++;
    return true;
  }

  value(depth: number): AnyValue {
    this.space();
    switch (this.text.charCodeAt(this.pos)) {
      case 0x22: // "
        return this.string();
      case 0x7b: // {
        return special(this.object(depth + 1));
      case 0x5b: // [
        return this.array(depth + 1);
      case 0x74:
        return this.word('true', true);
      case 0x66:
        return this.word('false', false);
      case 0x6e:
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  object(depth: number): KeyValue[] {
    if (depth > MAX_DEPTH || !this.take(0x7b)) this.fail();
    const entries: KeyValue[] = [];
    if (this.take(0x7d)) return entries;
    do {
      this.space();
      const key = this.string();
      if (!this.take(0x3a)) this.fail();
      entries.push({ key, value: this.value(depth) });
    } while (this.take(0x2c));
    if (!this.take(0x7d)) this.fail();
    return entries;
  }

  private array(depth: number): AnyValue[] {
    if (depth > MAX_DEPTH || !this.take(0x5b)) this.fail();
    const values: AnyValue[] = [];
    if (this.take(0x5d)) return values;
    do values.push(this.value(depth));
    while (this.take(0x2c));
    if (!this.take(0x5d)) this.fail();
    return values;
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.pos)) this.fail();
    this.pos += word.length;
    return value;
  }

  private number(): bigint | number {
    NUMBER.lastIndex = this.pos;
    const match = NUMBER.exec(this.text);
    if (match === null) this.fail();
    this.pos += match[0].length;
    return /[.eE]/.test(match[0]) ? Number(match[0]) : BigInt(match[0]);
  }

  private string(): string {
    const start = this.pos;
    if (this.text.charCodeAt(start) !== 0x22) this.fail();
    for (let i = start + 1; i < this.text.length; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x22) {
        this.pos = i + 1;
        return this.text.slice(start + 1, i);
      }
      if (code === 0x5c) return this.escapedString(start, i);
      if (code < 0x20) break;
    }
    return this.unfinished(this.text.length);
  }

  /** A string with the first backslash at `i`. */
  private escapedString(start: number, i: number): string {
    while (i < this.text.length && this.text.charCodeAt(i) !== 0x22) i += this.text.charCodeAt(i) === 0x5c ? 2 : 1;
    try {
      const value: unknown = JSON.parse(this.text.slice(start, i + 1));
      this.pos = i + 1;
      if (typeof value === 'string') return value;
    } catch {
      // Not closed, or a broken escape.
    }
    return this.unfinished(i);
  }

  private unfinished(at: number): never {
    this.pos = Math.min(at, this.text.length);
    this.fail();
  }
}

/** A kvlist, or what is written as an object with one reserved key. */
function special(entries: KeyValue[]): AnyValue {
  if (entries.length === 1) {
    const { key, value } = entries[0];
    if (key === 'bytesValue' && typeof value === 'string') return Uint8Array.from(Buffer.from(value, 'base64'));
    if (key === 'doubleValue' && (value === 'NaN' || value === 'Infinity' || value === '-Infinity')) return Number(value);
    if (key === 'kvlistValue' && Array.isArray(value)) return wrapped(value) ?? new KeyValueList(entries);
  }
  return new KeyValueList(entries);
}

/** The kvlist in {"kvlistValue":[{"key":…,"value":…}]}. */
function wrapped(values: readonly AnyValue[]): KeyValueList | null {
  const entry = values.length === 1 ? values[0] : null;
  if (!(entry instanceof KeyValueList) || entry.entries.length !== 2) return null;
  const [{ key: first, value: key }, { key: second, value }] = entry.entries;
  return first === 'key' && second === 'value' && typeof key === 'string' ? new KeyValueList([{ key, value }]) : null;
}
