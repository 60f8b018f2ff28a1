import type { Connection } from '../../../http/connection.js';

/** One scrape's requests, so that they can be ended from outside: the first, and those that redirects lead to. */
export class Attempt {
  /** Why it was ended. */
  #ended: Error | null = null;
  #connection: Connection | null = null;

  get ended(): Error | null {
    return this.#ended;
  }

  /** It goes on over this connection. */
  uses(connection: Connection): void {
    this.#connection = connection;
    if (this.#ended) connection.close(this.#ended);
  }

  /** It uses no connection any more. */
  release(): void {
    this.#connection = null;
  }

  end(error: Error): void {
    this.#ended ??= error;
    this.#connection?.close(error);
  }
}
