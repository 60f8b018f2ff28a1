/**
 * The time that decisions go by, in milliseconds: it passes as the journal's frames were received, so that a backlog is decided as it
 * would have been then, and at the journal's end as the monotonic clock does. A clock that is set back stands still here.
 */
export class JournalClock {
  #nowMs = 0;
  /** Of the frame read last. */
  #frameMs = 0;
  #receivedNs: bigint | null = null;
  #readAtMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** A frame was read. */
  frame(receivedNs: bigint, monotonicMs: number): void {
    if (this.#receivedNs !== null && receivedNs > this.#receivedNs) this.#frameMs += Number(receivedNs - this.#receivedNs) / 1e6;
    this.#receivedNs = receivedNs;
    this.#readAtMs = monotonicMs;
    if (this.#frameMs > this.#nowMs) this.#nowMs = this.#frameMs;
  }

  /** There was no more to read at this moment. */
  atEnd(monotonicMs: number, nowNs: bigint): void {
    if (this.#receivedNs === null) return;
    const waited = Number(nowNs - this.#receivedNs) / 1e6;
    // After a backlog or a restart the last frame may be older than its reading.
    const passed = Math.max(waited, monotonicMs - this.#readAtMs);
    if (this.#frameMs + passed > this.#nowMs) this.#nowMs = this.#frameMs + passed;
  }
}
