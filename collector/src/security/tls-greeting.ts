import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { readFirstBytes, type Spoken } from './first-bytes.js';
import { goAway } from './http2-goaway.js';

const FIRST_BYTES_TIMEOUT_MS = 10_000;
/** For the rest of a request that is not read: an answer could be lost in a reset otherwise. */
const LINGER_MS = 1000;

export interface TlsGreetingOptions {
  /** What a client in plain text is told. */
  readonly hint: () => string;
  /** A client speaks something else than TLS. */
  readonly onPlain: (spoken: Exclude<Spoken, 'tls'>) => void;
  /** TLS did not come about: no certificate where one is demanded, one that nobody trusts, no version in common. */
  readonly onFailed: (reason: string) => void;
}

/** The connections of a server that is greeted. */
export interface Greeted {
  /** Ends those that have not said a byte. */
  endSilent(): void;
  /** Ends all, those that are in the middle of TLS's handshake too. */
  endAll(): void;
}

/**
 * Looks at the first bytes of each connection to a TLS server, so that who speaks plain text is told what to change, in the
 * language that they speak. A TLS server alone would close the connection without a word.
 */
export function greetBeforeTls(server: Server, options: TlsGreetingOptions): Greeted {
  const silent = new Set<Socket>();
  const all = new Set<Socket>();
  const accepts = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const ignore = (): void => undefined;
    socket.on('error', ignore).once('close', () => all.delete(socket));
    all.add(socket);
    silent.add(socket);
    void readFirstBytes(socket, FIRST_BYTES_TIMEOUT_MS).then((spoken) => {
      silent.delete(socket);
      if (spoken !== 'tls') return refusePlain(socket, spoken, options);
      socket.off('error', ignore);
      for (const accept of accepts) accept.call(server, socket);
    });
  });
  // That of node:https would answer in plain text.
  server.removeAllListeners('tlsClientError');
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    options.onFailed(error.message);
    socket.destroy();
  });
  const end = (sockets: Iterable<Socket>): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { endSilent: () => end(silent), endAll: () => end(all) };
}

function refusePlain(socket: Socket, spoken: Exclude<Spoken, 'tls'> | null, { hint, onPlain }: TlsGreetingOptions): void {
  if (spoken === null || socket.destroyed) return void socket.destroy();
  onPlain(spoken);
  if (spoken === 'http1') return answerHttp1(socket, hint());
  if (spoken === 'http2') goAway(socket, hint());
  linger(socket, spoken === 'http2' ? LINGER_MS : 0);
}

/** Answers a client that speaks HTTP/1.1 where that is not spoken, and closes. */
export function answerHttp1(socket: Socket, hint: string): void {
  const body = `${hint}\n`;
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  linger(socket, LINGER_MS);
}

function linger(socket: Socket, ms: number): void {
  socket.resume();
  setTimeout(() => socket.destroy(), ms).unref();
}
