/** No answer came: refused, cut, timed out or given up. */
export class NoAnswer extends Error {
  /** @param mayHaveArrived whether the request was on its way, so that the server may have done what it asks. */
  constructor(message: string, readonly mayHaveArrived: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = 'NoAnswer';
  }
}

/** What an error of the network says, with its code where the text does not have it. */
export function networkMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A connection tried over several addresses fails with all of their errors and no text of its own.
  const inner = error instanceof AggregateError ? error.errors.map(networkMessage).join('; ') : error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' || inner.includes(code) ? inner : `${code}: ${inner}`;
}
