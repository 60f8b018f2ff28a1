import type { Exemplar } from '@signalbox/signals/model/metric';
import type { Span } from '@signalbox/signals/model/span';

/** One exemplar for each kind of value since the last flush: the first that came. */
export class ExemplarSlots {
  #slots: (Exemplar | undefined)[] = [];

  /** @param timeNs when the span was received: within the interval of the data point that shows it */
  offer(slot: number, span: Span, value: bigint | number, timeNs: bigint): void {
    if (this.#slots[slot] !== undefined || span.traceId === '') return;
    this.#slots[slot] = { filteredAttributes: [], timeNs, value, spanId: span.spanId, traceId: span.traceId };
  }

  /** At most so many, those of the highest slots (the slowest spans) before others; they are gone from here then. By time. */
  take(max: number): readonly Exemplar[] {
    const taken: Exemplar[] = [];
    for (let i = this.#slots.length - 1; i >= 0 && taken.length < max; i--) {
      const exemplar = this.#slots[i];
      if (exemplar !== undefined) taken.push(exemplar);
    }
    this.#slots = [];
    return taken.sort((a, b) => (a.timeNs < b.timeNs ? -1 : a.timeNs > b.timeNs ? 1 : 0));
  }
}
