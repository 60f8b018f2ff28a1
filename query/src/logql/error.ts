/** A query that Loki's parser refuses; the text is in its form. */
export class LogQLError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'LogQLError';
  }
}

/** A syntax error at a place of the query; lines and columns count from 1. */
export function syntaxError(message: string, query: string, offset: number): LogQLError {
  const before = query.slice(0, offset).split('\n');
  return new LogQLError(`parse error at line ${before.length}, col ${[...(before.at(-1) ?? '')].length + 1}: ${message}`);
}

/** An error without a place, as Loki reports what it finds after parsing. */
export function queryError(message: string): LogQLError {
  return new LogQLError(`parse error : ${message}`);
}

/** A part of the language that is not answered yet: said rather than answered wrongly. */
export function notSupported(what: string): LogQLError {
  return queryError(`${what} not supported yet; stream selectors, line filters and label filters with = != =~ !~ are`);
}
