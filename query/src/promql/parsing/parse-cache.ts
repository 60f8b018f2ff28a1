import type { Expr } from '../ast.js';
import type { ParseOptions } from './parse.js';
import { parsePromQL } from './parse.js';

/** Characters of the queries that are kept, and of the longest one of them. */
const MAX_CHARACTERS = 1 << 18;
const MAX_LENGTH = 1 << 12;

/** Queries that were parsed lately: a dashboard asks the same ones again and again. Those with errors are parsed each time. */
export class ParseCache {
  readonly #parsed = new Map<string, Expr>();
  #characters = 0;

  constructor(private readonly options: ParseOptions = {}) {}

  /** Throws PromQLParseError. */
  parse(query: string): Expr {
    const known = this.#parsed.get(query);
    if (known !== undefined) {
      // The ones that were asked last stand last.
      this.#parsed.delete(query);
      this.#parsed.set(query, known);
      return known;
    }
    const expr = parsePromQL(query, this.options);
    if (query.length <= MAX_LENGTH) this.#keep(query, expr);
    return expr;
  }

  #keep(query: string, expr: Expr): void {
    this.#parsed.set(query, expr);
    this.#characters += query.length;
    for (const oldest of this.#parsed.keys()) {
      if (this.#characters <= MAX_CHARACTERS) break;
      this.#parsed.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}
