import { encodeResource, type LogRequest } from '../../parsing/log-request.js';
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
  readonly #resource: Uint8Array;
  #waiting: { readonly entry: Entry; readonly observedNs: bigint; readonly bytes: number }[] = [];
  #waitingBytes = 0;
  /** Waiting or on their way. */
  #heldBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #pumping: Promise<void> | null = null;

  constructor(options: MessageBatcherOptions) {
    this.#options = options;
    const attributes = Object.entries(options.resource).map(([key, value]) => ({ key, value: typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value }));
    this.#resource = encodeResource({ attributes, droppedAttributesCount: 0 });
  }

  get isFull(): boolean {
    return this.#heldBytes >= this.#options.maxBytes;
  }

  add(entry: Entry, bytes: number): void {
    this.#waiting.push({ entry, observedNs: this.#options.nowNs(), bytes });
    this.#waitingBytes += bytes;
    this.#heldBytes += bytes;
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
      void this.#options.sender.send(request, undefined, this.#options.signal).then(() => {
        const wasFull = this.isFull;
        this.#heldBytes -= bytes;
        if (wasFull && !this.isFull) this.#options.drained();
      });
    }
  }

  #fill(request: LogRequest): number {
    let bytes = 0;
    let taken = 0;
    request.useResource(this.#resource);
    for (; taken < this.#waiting.length && bytes < REQUEST_BYTES; taken++) {
      const { entry, observedNs, bytes: size } = this.#waiting[taken]!;
      request.entry(entry, observedNs, NO_ATTRIBUTES);
      bytes += size;
    }
    this.#waiting.splice(0, taken);
    this.#waitingBytes -= bytes;
    return bytes;
  }
}
