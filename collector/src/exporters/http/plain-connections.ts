import { Buffer } from 'node:buffer';
import { PlainConnection } from './plain-connection.js';

const READ_BYTES = 64 << 10;

/** Connections without TLS to the servers of one client, so many to each at most; who comes when all are taken waits. */
export class PlainConnections {
  readonly #origins = new Map<string, Origin>();
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #closed = false;

  constructor(private readonly most: number, private readonly monotonicMs: () => number) {}

  /** One that is free or new. Null when the signal came first. */
  take(url: URL, signal: AbortSignal): PlainConnection | Promise<PlainConnection | null> {
    const origin = this.#originOf(url);
    const free = this.#free(origin, url);
    if (free !== null) return free;
    return new Promise((resolve) => {
      const waiter = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(this.#free(origin, url));
      };
      const onAbort = (): void => {
        origin.waiting.splice(origin.waiting.indexOf(waiter), 1);
        resolve(null);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      origin.waiting.push(waiter);
    });
  }

  /** Gives it back, whether it can be used again or not. */
  give(url: URL, connection: PlainConnection): void {
    const origin = this.#originOf(url);
    origin.taken--;
    if (this.#closed) connection.close();
    else if (connection.isUsable(this.monotonicMs())) origin.idle.push(connection);
    origin.waiting.shift()?.();
  }

  /** Closes idle connections; those in use close when they are given back. */
  close(): void {
    this.#closed = true;
    for (const { idle } of this.#origins.values()) for (const connection of idle.splice(0)) connection.close();
  }

  #free(origin: Origin, url: URL): PlainConnection | null {
    if (origin.taken >= this.most) return null;
    origin.taken++;
    const nowMs = this.monotonicMs();
    for (let idle = origin.idle.pop(); idle !== undefined; idle = origin.idle.pop()) {
      if (idle.isUsable(nowMs)) return idle;
      idle.close();
    }
    return new PlainConnection(url, this.#buffer);
  }

  #originOf({ host }: URL): Origin {
    let origin = this.#origins.get(host);
    if (origin === undefined) this.#origins.set(host, (origin = { idle: [], taken: 0, waiting: [] }));
    return origin;
  }
}

interface Origin {
  /** The one used last is the next to be used. */
  readonly idle: PlainConnection[];
  taken: number;
  readonly waiting: (() => void)[];
}
