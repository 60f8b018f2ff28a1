import type { LineEncoding } from './encoding.js';

/** What says where records of several lines begin or end; lines come as text. */
export interface LinePatterns {
  /** The line begins a record. */
  readonly starts?: (line: string) => boolean;
  /** The line ends a record. */
  readonly ends?: (line: string) => boolean;
}

/**
 * Cuts the next record out of bytes, again and again:
 *
 *     for (cutter.begin(bytes, from, to, atEnd); cutter.next();) use(cutter.start, cutter.end)
 *     // bytes up to cutter.consumed are done
 *
 * It remembers nothing between blocks: what is no whole record stays to be read again with what follows.
 */
export class RecordCutter {
  start = 0;
  end = 0;
  /** Everything before it was cut. */
  consumed = 0;
  readonly #encoding: LineEncoding;
  readonly #patterns: LinePatterns | null;
  readonly #maxBytes: number;
  #bytes: Buffer = Buffer.alloc(0);
  #to = 0;
  #atEnd = false;

  constructor(encoding: LineEncoding, patterns: LinePatterns | null, maxBytes: number) {
    this.#encoding = encoding;
    this.#patterns = patterns;
    this.#maxBytes = maxBytes;
  }

  /** @param atEnd nothing follows, so that what is left is a record too */
  begin(bytes: Buffer, from: number, to: number, atEnd: boolean): void {
    this.#bytes = bytes;
    this.consumed = from;
    this.#to = to;
    this.#atEnd = atEnd;
  }

  next(): boolean {
    const start = this.consumed;
    if (start >= this.#to) return false;
    if (this.#patterns === null) {
      const newline = this.#encoding.newline(this.#bytes, start, this.#to);
      if (newline >= 0 && newline - start <= this.#maxBytes) return this.#cut(start, newline, newline + this.#encoding.unit);
      return this.#rest(start, newline >= 0);
    }
    return this.#nextOfLines(start, this.#patterns);
  }

  #nextOfLines(start: number, { starts, ends }: LinePatterns): boolean {
    const { unit } = this.#encoding;
    let lineStart = start;
    let previousEnd = -1;
    for (;;) {
      const newline = this.#encoding.newline(this.#bytes, lineStart, this.#to);
      const complete = newline >= 0;
      const lineEnd = complete ? newline : this.#to;
      if (!complete && !this.#atEnd && lineEnd - start < this.#maxBytes) {
        // A line that is not whole yet may still become the start of the next record.
        return false;
      }
      const line = this.#encoding.text(this.#bytes, lineStart, Math.min(lineEnd, lineStart + this.#maxBytes));
      if (starts && previousEnd >= 0 && starts(line)) return this.#cut(start, previousEnd, lineStart);
      if (lineEnd - start > this.#maxBytes) return previousEnd >= 0 ? this.#cut(start, previousEnd, lineStart) : this.#rest(start, true);
      if (ends?.(line) && complete) return this.#cut(start, lineEnd, lineEnd + unit);
      if (!complete) return this.#rest(start, false);
      previousEnd = lineEnd;
      lineStart = lineEnd + unit;
      if (lineStart >= this.#to) return this.#atEnd ? this.#cut(start, previousEnd, lineStart) : false;
    }
  }

  #cut(start: number, end: number, consumed: number): boolean {
    this.start = start;
    this.end = end;
    this.consumed = consumed;
    return true;
  }

  /** A piece of what is too long, or what is left at the end. */
  #rest(start: number, more: boolean): boolean {
    if (this.#to - start > this.#maxBytes || more) {
      const end = this.#encoding.boundary(this.#bytes, start, Math.min(start + this.#maxBytes, this.#to));
      return this.#cut(start, end, end);
    }
    return this.#atEnd && this.#cut(start, this.#to, this.#to);
  }
}
