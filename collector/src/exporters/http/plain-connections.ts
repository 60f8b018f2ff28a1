import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import { Connection } from '../../http/connection.js';

const READ_BYTES = 64 << 10;
/** Before the time that a server names for idle connections, since the request takes its way too. */
const MARGIN_MS = 1000;
const IDLE_TIMEOUT = /(?:^|[,\s])timeout=(\d{1,7})/i;

/** Connections without TLS to the servers of one client, so many to each at most; who comes when all are taken waits. */
export class PlainConnections {
  readonly #origins = new Map<string, Origin>();
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  #closed = false;

  constructor(private readonly most: number, private readonly monotonicMs: () => number) {}

  /** One that is free or new. Null when the signal came first. */
  take(url: URL, signal: AbortSignal): Connection | Promise<Connection | null> {
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

  /** Gives it back, whether it can be used again or not; `keepAlive` is the header of its last answer, with the time that it may be idle. */
  give(url: URL, connection: Connection, keepAlive?: string): void {
    const origin = this.#originOf(url);
    origin.taken--;
    if (this.#closed) connection.close();
    else if (connection.isOpen) origin.idle.push({ connection, untilMs: this.#idleUntilMs(keepAlive) });
    origin.waiting.shift()?.();
  }

  /** Closes idle connections; those in use close when they are given back. */
  close(): void {
    this.#closed = true;
    for (const { idle } of this.#origins.values()) for (const { connection } of idle.splice(0)) connection.close();
  }

  #idleUntilMs(keepAlive = ''): number {
    const seconds = IDLE_TIMEOUT.exec(keepAlive)?.[1];
    return seconds === undefined ? Infinity : this.monotonicMs() + Number(seconds) * 1000 - MARGIN_MS;
  }

  #free(origin: Origin, url: URL): Connection | null {
    if (origin.taken >= this.most) return null;
    origin.taken++;
    const nowMs = this.monotonicMs();
    for (let idle = origin.idle.pop(); idle !== undefined; idle = origin.idle.pop()) {
      if (idle.connection.isOpen && nowMs < idle.untilMs) return idle.connection;
      idle.connection.close();
    }
    // An IPv6 address stands in brackets.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    return new Connection((onread) => connect({ host, port: Number(url.port) || 80, keepAlive: true, noDelay: true, onread }), this.#buffer);
  }

  #originOf({ host }: URL): Origin {
    let origin = this.#origins.get(host);
    if (origin === undefined) this.#origins.set(host, (origin = { idle: [], taken: 0, waiting: [] }));
    return origin;
  }
}

interface Origin {
  /** The one used last is the next to be used. */
  readonly idle: { readonly connection: Connection; readonly untilMs: number }[];
  taken: number;
  readonly waiting: (() => void)[];
}
