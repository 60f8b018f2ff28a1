/** A query that Tempo's parser or validator would refuse; the text is in its form. Lines and columns count from 1. */
export class TraceQLError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'TraceQLError';
  }
}

export function parseError(message: string, line: number, column: number): TraceQLError {
  return new TraceQLError(`parse error at line ${line}, col ${column}: ${message}`);
}

/** A part of the language that is not answered yet: said rather than answered wrongly. */
export function notSupported(what: string): TraceQLError {
  return new TraceQLError(`${what} not supported yet; one spanset filter such as { resource.service.name = "shop" && status = error } is`);
}
