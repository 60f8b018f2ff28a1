import type { Intake } from '../../component.js';
import { IntakeFull } from '../../intake/errors.js';
import { MessagePool } from './message-pool.js';

/** What one request has taken of memory: bytes of the budget, and a slab. Given back once, whichever way the request ends. */
export class Hold {
  readonly #intake: Intake;
  readonly #pool: MessagePool;
  #slab: Buffer | null = null;
  #bytes = 0;

  constructor(intake: Intake, pool: MessagePool) {
    this.#intake = intake;
    this.#pool = pool;
  }

  /** Memory for the request's body, to be used until release(). @throws IntakeFull */
  allot(bytes: number): Buffer {
    const capacity = MessagePool.capacity(bytes);
    this.take(capacity);
    this.#slab = this.#pool.take(capacity);
    return capacity === bytes ? this.#slab : this.#slab.subarray(0, bytes);
  }

  /** @throws IntakeFull */
  take(bytes: number): void {
    if (!this.#intake.take(bytes)) throw new IntakeFull(this.#intake.retryAfterMs);
    this.#bytes += bytes;
  }

  release(): void {
    if (this.#bytes > 0) this.#intake.give(this.#bytes);
    this.#bytes = 0;
    if (this.#slab) this.#pool.give(this.#slab);
    this.#slab = null;
  }
}
