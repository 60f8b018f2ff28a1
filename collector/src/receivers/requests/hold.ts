import type { Intake } from '../../component.js';
import { IntakeFull } from '../../intake/errors.js';
import { MessagePool } from './message-pool.js';
import type { TenantLimits, TenantShare } from './tenant-limits.js';

/** What one request has taken of memory: bytes of the budget, and a slab. Given back once, whichever way the request ends. */
export class Hold {
  readonly #intake: Intake;
  readonly #pool: MessagePool;
  #slab: Buffer | null = null;
  #bytes = 0;
  #share: TenantShare | null = null;

  constructor(intake: Intake, pool: MessagePool) {
    this.#intake = intake;
    this.#pool = pool;
  }

  /** The tenant's share, once it is known; null where nothing is limited. */
  get share(): TenantShare | null {
    return this.#share;
  }

  /** From here on the tenant's share is taken from too. @throws Refusal */
  enter(limits: TenantLimits, tenant: string): void {
    this.#share = limits.enter(tenant);
  }

  /** Memory for the request's body, to be used until release(). @throws IntakeFull, Refusal */
  allot(bytes: number): Buffer {
    const capacity = MessagePool.capacity(bytes);
    this.take(capacity);
    this.#slab = this.#pool.take(capacity);
    return capacity === bytes ? this.#slab : this.#slab.subarray(0, bytes);
  }

  /** @throws IntakeFull, Refusal */
  take(bytes: number): void {
    this.#share?.take(bytes);
    if (!this.#intake.take(bytes)) {
      this.#share?.give(bytes);
      throw new IntakeFull(this.#intake.retryAfterMs);
    }
    this.#bytes += bytes;
  }

  release(): void {
    if (this.#bytes > 0) {
      this.#intake.give(this.#bytes);
      this.#share?.give(this.#bytes);
    }
    this.#bytes = 0;
    this.#share?.leave();
    this.#share = null;
    if (this.#slab) this.#pool.give(this.#slab);
    this.#slab = null;
  }
}
