import type { Signal } from '@signalbox/signals/model/signal';
import { SIGNALS } from '@signalbox/signals/model/signal';
import type { Failure } from '../failure.js';
import type { Payload, SenderReport, SenderRequest } from '../messages.js';
import { OUTSTANDING } from '../messages.js';
import type { SpoolLoss } from '../spool/spool.js';

/** The sender thread, as the outbox sees it. */
export interface SenderThread {
  post(request: SenderRequest): void;
}

export interface OutboxOptions {
  /** Starts the sender; `lost` is called when it ended by itself, with why. */
  readonly start: (shared: SharedArrayBuffer, report: (message: SenderReport) => void, lost: (reason: string) => void) => SenderThread;
  /** Batches of a signal that may be under way at once. */
  readonly maxOutstanding: number;
  readonly sent: (signal: Signal, items: number) => void;
  /** The spool lost items. */
  readonly spoolLost: (signal: Signal, items: number, reason: SpoolLoss) => void;
  /** `items` are lost; 0 where they are tried again. */
  readonly failed: (signal: Signal, failure: Failure, items: number) => void;
  readonly warning: (text: string) => void;
  readonly nowMs: () => number;
}

export interface Sifted {
  readonly payload: Payload;
  readonly items: number;
}

/** A sender that ended by itself is not started again before this time. */
const RESTART_AFTER_MS = 10_000;

/** Hands batches to the sender thread, which it starts with the first one, and knows what is under way. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #outstanding = new Int32Array(this.#shared);
  readonly #underWay: Record<Signal, { batches: number; items: number }> = {
    traces: { batches: 0, items: 0 }, logs: { batches: 0, items: 0 }, metrics: { batches: 0, items: 0 },
  };
  readonly #readyListeners: { signal: Signal; listener: () => void }[] = [];
  #sender: SenderThread | null = null;
  #notBeforeMs = -Infinity;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  ready(signal: Signal): boolean {
    return this.#underWay[signal].batches < this.#options.maxOutstanding;
  }

  /** Calls the listener whenever a batch of the signal is done with. */
  onReady(signal: Signal, listener: () => void): void {
    this.#readyListeners.push({ signal, listener });
  }

  /** Starts the sender, so that it is there when the first batch comes. */
  prepare(): void {
    this.#start();
  }

  /** `sift` gives the payload without what cannot be sent to another thread, or null where nothing of it is left. */
  send(payload: Payload, items: number, sift: () => Sifted | null): void {
    const { signal } = payload;
    const sender = this.#start();
    if (sender === null) {
      this.#options.failed(signal, LOST, items);
      return;
    }
    // Counted before it is posted: the sender may be done with it before the next line runs here.
    Atomics.add(this.#outstanding, OUTSTANDING, 1);
    const posted = this.#post(sender, payload, items, sift);
    if (posted === 0) {
      Atomics.sub(this.#outstanding, OUTSTANDING, 1);
      return;
    }
    this.#underWay[signal].batches += 1;
    this.#underWay[signal].items += posted;
  }

  /** Answers the number of items that were posted. */
  #post(sender: SenderThread, payload: Payload, items: number, sift: () => Sifted | null): number {
    try {
      sender.post({ kind: 'batch', items, payload });
      return items;
    } catch {
      const sifted = sift();
      this.#options.warning(`${items - (sifted?.items ?? 0)} of ${items} items of ${payload.signal} hold values that cannot be sent (functions, proxies); they are dropped`);
      if (sifted !== null) sender.post({ kind: 'batch', items: sifted.items, payload: sifted.payload });
      return sifted?.items ?? 0;
    }
  }

  /**
   * Waits, with this thread stopped, until all is sent or given up, but not longer than `timeoutMs`. For the very end
   * of a process. With a spool, what is not sent after `graceMs` is kept there. Answers the number of batches that are left.
   */
  drain(timeoutMs: number, graceMs = timeoutMs): number {
    if (this.#sender === null) return 0;
    this.#sender.post({ kind: 'drain', graceMs });
    const deadline = this.#options.nowMs() + timeoutMs;
    for (;;) {
      const left = Atomics.load(this.#outstanding, OUTSTANDING);
      const waitMs = deadline - this.#options.nowMs();
      if (left <= 0 || waitMs <= 0) return Math.max(left, 0);
      Atomics.wait(this.#outstanding, OUTSTANDING, left, waitMs);
    }
  }

  #start(): SenderThread | null {
    if (this.#sender !== null) return this.#sender;
    if (this.#options.nowMs() < this.#notBeforeMs) return null;
    this.#sender = this.#options.start(this.#shared, (message) => this.#take(message), (reason) => this.#lost(reason));
    return this.#sender;
  }

  #take(message: SenderReport): void {
    switch (message.kind) {
      case 'warning':
        this.#options.warning(message.text);
        return;
      case 'trouble':
        this.#options.failed(message.signal, message.failure, 0);
        return;
      case 'kept':
        this.#arrived(message.signal, message.items);
        return;
      case 'delivered':
        this.#tell(message.signal, message.items, message.failure);
        return;
      case 'spool-lost':
        this.#options.spoolLost(message.signal, message.items, message.reason);
        return;
      case 'settled':
        this.#tell(message.signal, message.items, message.failure);
        this.#arrived(message.signal, message.items);
    }
  }

  #tell(signal: Signal, items: number, failure: Failure | null): void {
    if (failure === null) this.#options.sent(signal, items);
    else this.#options.failed(signal, failure, items);
  }

  /** A batch is under way no more. */
  #arrived(signal: Signal, items: number): void {
    this.#underWay[signal].batches -= 1;
    this.#underWay[signal].items -= items;
    this.#announceReady(signal);
  }

  #lost(reason: string): void {
    this.#sender = null;
    this.#notBeforeMs = this.#options.nowMs() + RESTART_AFTER_MS;
    Atomics.store(this.#outstanding, OUTSTANDING, 0);
    this.#options.warning(`the thread that sends telemetry ended (${reason}); it is started again`);
    for (const signal of SIGNALS) {
      const { items } = this.#underWay[signal];
      this.#underWay[signal] = { batches: 0, items: 0 };
      if (items > 0) this.#options.failed(signal, LOST, items);
      this.#announceReady(signal);
    }
  }

  #announceReady(signal: Signal): void {
    for (const entry of this.#readyListeners) if (entry.signal === signal) entry.listener();
  }
}

const LOST: Failure = { kind: 'rejected', text: 'the thread that sends telemetry had ended', retryable: false };
