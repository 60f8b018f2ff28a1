import type { Intake } from '../../component.js';
import { IntakeFull } from '../../intake/errors.js';

/** What one request has taken from the byte budget. Given back once, whichever way the request ends. */
export class Hold {
  readonly #intake: Intake;
  #bytes = 0;

  constructor(intake: Intake) {
    this.#intake = intake;
  }

  /** @throws IntakeFull */
  take(bytes: number): void {
    if (!this.#intake.take(bytes)) throw new IntakeFull(this.#intake.retryAfterMs);
    this.#bytes += bytes;
  }

  release(): void {
    if (this.#bytes > 0) this.#intake.give(this.#bytes);
    this.#bytes = 0;
  }
}
