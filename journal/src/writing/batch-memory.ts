/** Remembers where recent batches were appended, so that a sender's retry appends nothing twice. Bounded by number and age. */
export class BatchMemory {
  /** In order of time. */
  readonly #positions = new Map<string, { readonly position: number; readonly receivedNs: bigint }>();

  constructor(readonly maxEntries: number, readonly maxAgeNs: bigint) {}

  get size(): number {
    return this.#positions.size;
  }

  /** The position of the frame that has this batch, or null. */
  find(tenant: string, batchId: string, nowNs: bigint): number | null {
    const known = this.#positions.get(batchKey(tenant, batchId));
    return known === undefined || nowNs - known.receivedNs > this.maxAgeNs ? null : known.position;
  }

  add(tenant: string, batchId: string, position: number, receivedNs: bigint): void {
    const key = batchKey(tenant, batchId);
    this.#positions.delete(key);
    this.#positions.set(key, { position, receivedNs });
    for (const [oldest, entry] of this.#positions) {
      if (this.#positions.size <= this.maxEntries && receivedNs - entry.receivedNs <= this.maxAgeNs) break;
      this.#positions.delete(oldest);
    }
  }
}

/** A tenant holds no NUL, see append(). */
export function batchKey(tenant: string, batchId: string): string {
  return `${tenant}\0${batchId}`;
}
