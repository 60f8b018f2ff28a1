import type { Range } from './ast.js';

/** A query that cannot be parsed or is typed wrongly: `1:5: parse error: …`, Prometheus' `bad_data`. */
export class PromQLParseError extends Error {
  /** `range` null: the text is empty. */
  constructor(readonly reason: string, readonly query: string, readonly range: Range | null) {
    super(`${range === null ? 'unknown position' : placeOf(query, range.start)}: parse error: ${reason}`);
    this.name = 'PromQLParseError';
  }
}

/** A query with a duration that cannot be: found before anything is read, Prometheus' `bad_data`. */
export class PromQLDurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PromQLDurationError';
  }
}

/** A query that cannot be evaluated over the data: Prometheus' `execution`. */
export class PromQLExecutionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PromQLExecutionError';
  }
}

/** A part of the language that is not answered yet: said rather than answered wrongly. */
export class PromQLNotSupported extends PromQLExecutionError {
  constructor(what: string) {
    super(`${what} not supported yet`);
    this.name = 'PromQLNotSupported';
  }
}

/** Line and column of an offset, from 1; Prometheus counts columns in bytes of UTF-8. */
export function placeOf(query: string, offset: number): string {
  const before = query.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return `${before.split('\n').length}:${Buffer.byteLength(before.slice(lineStart)) + 1}`;
}
