import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsOptions } from '../../../exporters/http/tls.js';
import { Connection } from '../../../http/connection.js';

/** As Prometheus' client keeps them. */
const MOST_IDLE_MS = 300_000;

interface Idle {
  readonly connection: Connection;
  readonly sinceMs: number;
}

interface Origin {
  readonly tls: TlsOptions | null;
  readonly idle: Idle[];
  /** Of the last TLS connection, so that the next one's handshake is short. */
  session: Buffer | null;
}

/** Connections that wait for their target's next scrape. */
export class Connections {
  readonly #origins = new Map<string, Origin>();
  readonly #buffer: Buffer;
  readonly #monotonicMs: () => number;
  #sweptMs = 0;

  /** `buffer` is what sockets read into. */
  constructor(buffer: Buffer, monotonicMs: () => number) {
    this.#buffer = buffer;
    this.#monotonicMs = monotonicMs;
  }

  /** One that is open still, or null. */
  take(url: URL, tls: TlsOptions | null): Connection | null {
    const origin = this.#origins.get(url.origin);
    if (origin === undefined) return null;
    if (origin.tls !== tls) {
      // Certificates have changed.
      this.#forget(url.origin, origin);
      return null;
    }
    for (let found = origin.idle.pop(); found !== undefined; found = origin.idle.pop()) if (found.connection.isOpen) return found.connection;
    return null;
  }

  open(url: URL, tls: TlsOptions | null): Connection {
    // An IPv6 address stands in brackets.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (tls === null) return new Connection((onread) => connect({ host, port: Number(url.port) || 80, keepAlive: true, noDelay: true, onread }), this.#buffer);
    const origin = this.#originOf(url.origin, tls);
    return new Connection((onread): Socket => {
      const options = { host, port: Number(url.port) || 443, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 ? { servername: host } : {}), ...(origin.session === null ? {} : { session: origin.session }), ...tls, keepAlive: true, noDelay: true, onread };
      return connectTls(options).on('session', (session: Buffer) => (origin.session = session));
    }, this.#buffer);
  }

  give(url: URL, tls: TlsOptions | null, connection: Connection): void {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#sweptMs > MOST_IDLE_MS / 2) this.#sweep(nowMs);
    if (!connection.isOpen) return;
    const origin = this.#originOf(url.origin, tls);
    if (origin.tls === tls) origin.idle.push({ connection, sinceMs: nowMs });
    else connection.close();
  }

  close(): void {
    for (const [name, origin] of this.#origins) this.#forget(name, origin);
  }

  #originOf(name: string, tls: TlsOptions | null): Origin {
    let origin = this.#origins.get(name);
    if (origin === undefined) this.#origins.set(name, (origin = { tls, idle: [], session: null }));
    return origin;
  }

  #forget(name: string, origin: Origin): void {
    this.#origins.delete(name);
    for (const { connection } of origin.idle) connection.close();
  }

  /** Targets may have gone. */
  #sweep(nowMs: number): void {
    this.#sweptMs = nowMs;
    for (const [name, origin] of this.#origins) {
      const left = origin.idle.filter(({ connection, sinceMs }) => {
        if (nowMs - sinceMs > MOST_IDLE_MS) connection.close();
        return connection.isOpen;
      });
      origin.idle.splice(0, Infinity, ...left);
      if (left.length === 0) this.#origins.delete(name);
    }
  }
}
