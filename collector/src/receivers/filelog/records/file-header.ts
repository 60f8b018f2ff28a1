import { detachedPlace } from '../../../config/place.js';
import { newEntry, type Fields } from '../../../parsing/entry.js';
import { compileRegexp } from '../../../parsing/regexp.js';
import type { FilelogConfig } from '../config.js';
import type { LineEncoding } from './encoding.js';
import { compileOperators } from '../../../parsing/operators/compile.js';
import type { Program } from '../../../parsing/operators/program.js';
import type { Source } from '../files/source.js';

/** A header is looked for in so many bytes. */
const MAX_HEADER_BYTES = 64 << 10;

/** Lines at the beginning of a file that say something of all the others. */
export interface FileHeader {
  /** Place of the first line that is not of it. */
  readonly end: number;
  /** What the header's operators made of it. */
  readonly attributes: Fields;
  /** False: all that there is so far is of the header, and more of it may come. */
  readonly isComplete: boolean;
}

/** Reads headers as the configuration says. */
export class HeaderReader {
  readonly #pattern;
  readonly #program: Program | null;
  readonly #encoding: LineEncoding;

  constructor({ pattern, metadata_operators }: NonNullable<FilelogConfig['header']>, encoding: LineEncoding) {
    this.#pattern = compileRegexp(pattern);
    this.#program = compileOperators(metadata_operators, detachedPlace('filelog')).program;
    this.#encoding = encoding;
  }

  /** @throws what reading throws */
  async read(source: Source, path: string): Promise<FileHeader> {
    const bytes = Buffer.allocUnsafe(MAX_HEADER_BYTES);
    const length = await source.read(bytes, bytes.length, 0);
    const attributes: Fields = new Map();
    let at = this.#encoding.bom(bytes, length);
    for (;;) {
      const newline = this.#encoding.newline(bytes, at, length);
      const text = this.#encoding.text(bytes, at, newline < 0 ? length : newline).trimEnd();
      const matches = this.#pattern.test(text);
      if (newline < 0) return { end: at, attributes, isComplete: length === bytes.length || (at < length && !matches) };
      if (!matches) return { end: at, attributes, isComplete: true };
      this.#program?.run(newEntry(text), path, at, { emit: (entry) => entry.attributes.forEach((value, key) => attributes.set(key, value)), dropped: () => undefined });
      at = newline + this.#encoding.unit;
    }
  }
}
