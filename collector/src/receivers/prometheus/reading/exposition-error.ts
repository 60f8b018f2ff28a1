/** A target sent what is no exposition; the message says in which line. */
export class ExpositionError extends Error {
  constructor(what: string, line: number, text: string) {
    super(`${what} in line ${line}: ${JSON.stringify(text.slice(0, 120))}`);
    this.name = 'ExpositionError';
  }
}
