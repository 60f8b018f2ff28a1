/**
 * When each cumulative series began, as OTLP wants to know: at the start of the process, or at the last collection
 * before its value fell (an application may reset its metrics).
 */
export class Starts {
  readonly #processStartNs: bigint;
  #series = new Map<string, { startNs: bigint; value: number; seenNs: bigint }>();

  constructor(processStartNs: bigint) {
    this.#processStartNs = processStartNs;
  }

  /** `value` is what only grows: the counter, or the count of a histogram or summary. */
  startNs(series: string, value: number, nowNs: bigint): bigint {
    const earlier = this.#series.get(series);
    const startNs = earlier === undefined ? this.#processStartNs : value < earlier.value ? earlier.seenNs : earlier.startNs;
    this.#series.set(series, { startNs, value, seenNs: nowNs });
    return startNs;
  }

  /** Forgets series that were not seen in the collection at `nowNs`. */
  forgetUnseen(nowNs: bigint): void {
    for (const [series, { seenNs }] of this.#series) if (seenNs !== nowNs) this.#series.delete(series);
  }
}
