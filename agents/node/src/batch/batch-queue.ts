import type { BatchSettings } from '../settings/settings.js';

export interface BatchSink<T> {
  /** False while earlier batches are still under way: items then wait here. */
  ready(): boolean;
  send(items: readonly T[]): void;
  /** Something will be sent soon. */
  prepare(): void;
  /** Items that the full queue had no room for. */
  dropped(count: number): void;
}

/**
 * Gathers items until a batch is full or the delay is over. Bounded: what the full queue cannot take is dropped and
 * counted. Everything is synchronous, so that an ending process can still send what waits; the timer never keeps a
 * process alive.
 */
export class BatchQueue<T> {
  readonly #settings: BatchSettings;
  readonly #sink: BatchSink<T>;
  #items: T[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(settings: BatchSettings, sink: BatchSink<T>) {
    this.#settings = settings;
    this.#sink = sink;
  }

  add(item: T): void {
    if (this.#items.length >= this.#settings.maxQueueSize) {
      this.#sink.dropped(1);
      return;
    }
    this.#items.push(item);
    if (this.#items.length >= this.#settings.maxExportBatchSize) this.#sendWhileReady();
    else this.#startTimer();
  }

  /** To be called when the sink is ready again. */
  resume(): void {
    if (this.#items.length >= this.#settings.maxExportBatchSize) this.#sendWhileReady();
    else if (this.#items.length > 0) this.#startTimer();
  }

  /** Sends everything, ready or not: for flushes and the end of the process. */
  flush(): void {
    this.#stopTimer();
    while (this.#items.length > 0) this.#sendOne();
  }

  #sendWhileReady(): void {
    this.#stopTimer();
    while (this.#items.length > 0 && this.#sink.ready()) this.#sendOne();
  }

  #sendOne(): void {
    const size = this.#settings.maxExportBatchSize;
    const batch = this.#items.length <= size ? this.#items : this.#items.slice(0, size);
    this.#items = batch === this.#items ? [] : this.#items.slice(size);
    this.#sink.send(batch);
  }

  #startTimer(): void {
    if (this.#timer !== null) return;
    this.#sink.prepare();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#sendWhileReady();
    }, this.#settings.scheduledDelayMs);
    this.#timer.unref();
  }

  #stopTimer(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
