import { EntryResources } from '../../parsing/entry-resources.js';
import type { LogRequest } from '../../parsing/log-request.js';
import type { Entry } from '../../parsing/entry.js';
import type { LogSender } from '../../parsing/log-sender.js';

export interface MessageBatcherOptions {
  readonly sender: LogSender;
  readonly maxBytes: number;
  readonly resource: Readonly<Record<string, string | number | boolean>>;
  readonly nowNs: () => bigint;
  readonly signal: AbortSignal;
  /** There is room again. */
  readonly drained: () => void;
}

/** A request is sent when it has so much. */
const REQUEST_BYTES = 256 << 10;
/** …or so long after its first message. */
const REQUEST_AFTER_MS = 100;
const NO_ATTRIBUTES = new Uint8Array(0);

/** Gathers messages into requests and sends them, one after another as they come to be free. */
export class MessageBatcher {
  readonly #options: MessageBatcherOptions;
  readonly #resources: EntryResources;
  #waiting: { readonly entry: Entry; readonly observedNs: bigint; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  /** Held, waiting or on their way. */
  #heldBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #pumping: Promise<void> | null = null;

  constructor(options: MessageBatcherOptions) {
    this.#options = options;
    const attributes = Object.entries(options.resource).map(([key, value]) => ({ key, value: typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value }));
    this.#resources = new EntryResources(attributes);
  }

  get isFull(): boolean {
    return this.#heldBytes >= this.#options.maxBytes;
  }

  /** A message has come, whose record is to be added or its bytes to be released. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
  }

  /** What was held is gone, or on disk. */
  release(bytes: number): void {
    const wasFull = this.isFull;
    this.#heldBytes -= bytes;
    if (wasFull && !this.isFull) this.#options.drained();
  }

  /** @param bytes held for it */
  add(entry: Entry, bytes: number): void {
    this.#waiting.push({ entry, observedNs: this.#options.nowNs(), bytes });
    this.#waitingBytes += bytes;
    if (this.#waitingBytes >= REQUEST_BYTES) this.#pump();
    else this.#timer ??= setTimeout(() => this.#pump(), REQUEST_AFTER_MS);
  }

  /** Sends what is left; gives up after `withinMs`. */
  async close(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, withinMs)));
    this.#pump();
    await Promise.race([this.#drain(), late]);
    clearTimeout(timer);
    if (this.#timer) clearTimeout(this.#timer);
  }

  async #drain(): Promise<void> {
    await this.#pumping;
    await this.#options.sender.drain();
  }

  #pump(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#pumping ??= this.#sendWaiting().finally(() => (this.#pumping = null));
  }

  async #sendWaiting(): Promise<void> {
    while (this.#waiting.length > 0) {
      const request = await this.#options.sender.acquire();
      const bytes = this.#fill(request);
      void this.#options.sender.send(request, undefined, this.#options.signal).then(() => this.release(bytes));
    }
  }

  #fill(request: LogRequest): number {
    let bytes = 0;
    let taken = 0;
    for (; taken < this.#waiting.length && bytes < REQUEST_BYTES; taken++) {
      const { entry, observedNs, bytes: size } = this.#waiting[taken]!;
      request.useResource(this.#resources.of(entry));
      request.entry(entry, observedNs, NO_ATTRIBUTES);
      bytes += size;
    }
    this.#waiting.splice(0, taken);
    this.#waitingBytes -= bytes;
    return bytes;
  }
}
