import { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, type Socket } from 'node:net';
import { ResponseReader, type ResponseHead, type ResponseTaker } from '../../receivers/prometheus/fetching/response-reader.js';

/** Up to here head and body are joined, so that they leave with one call of the system. */
const JOINED_BYTES = 64 << 10;
/** Before the time that a server names for idle connections, since the request takes its way too. */
const MARGIN_MS = 1000;
const IDLE_TIMEOUT = /(?:^|[,\s])timeout=(\d{1,7})/i;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request on its way. */
interface Running {
  readonly taking: Taking;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection without TLS that carries one request after the other. node:http makes streams, a parser and several objects for each
 * request, which takes a multiple of the time; where many requests are small that is most of what an exporter does.
 */
export class PlainConnection {
  readonly #socket: Socket;
  #running: Running | null = null;
  #failure: Error | null = null;
  #isOpen = true;
  #connected = false;
  #idleUntilMs = Infinity;

  /** `buffer` is what it reads into; what came is taken out at once, so that all connections can share it. */
  constructor(url: URL, buffer: Buffer) {
    // An IPv6 address stands in brackets.
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    const callback = (bytes: number): boolean => {
      this.#read(buffer.subarray(0, bytes));
      return true;
    };
    this.#socket = connect({ host, port: Number(url.port) || 80, keepAlive: true, noDelay: true, onread: { buffer, callback } });
    const over = (): void => this.#over();
    this.#socket.on('connect', () => (this.#connected = true)).on('error', (error) => (this.#failure ??= error)).on('end', over).on('close', over);
  }

  /** What is sent from now on may arrive. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Whether another request can be sent over it at that time (monotonic). */
  isUsable(nowMs: number): boolean {
    return this.#isOpen && nowMs < this.#idleUntilMs;
  }

  /** Settles when the answer was read whole; of its body `maxBytes` are kept. @throws Error of the network or of HTTP */
  send(head: string, body: Uint8Array, maxBytes: number, nowMs: () => number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#running = { taking: new Taking(maxBytes), resolve: (answer) => {
        const seconds = IDLE_TIMEOUT.exec(String(answer.headers['keep-alive'] ?? ''))?.[1];
        this.#idleUntilMs = seconds === undefined ? Infinity : nowMs() + Number(seconds) * 1000 - MARGIN_MS;
        resolve(answer);
      }, reject };
      if (!this.#isOpen) return this.#over();
      if (body.length <= JOINED_BYTES) {
        const bytes = Buffer.allocUnsafe(head.length + body.length);
        bytes.write(head, 'latin1');
        bytes.set(body, head.length);
        this.#socket.write(bytes);
      } else {
        this.#socket.cork();
        this.#socket.write(head, 'latin1');
        this.#socket.write(body);
        this.#socket.uncork();
      }
    });
  }

  close(): void {
    this.#isOpen = false;
    this.#socket.destroy();
    this.#over();
  }

  #read(bytes: Buffer): void {
    const running = this.#running;
    // Nobody asked for anything: what comes would be taken for the next answer.
    if (running === null) return this.close();
    const { reader } = running.taking;
    try {
      reader.push(bytes);
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      return this.close();
    }
    if (!reader.isComplete) return;
    this.#running = null;
    if (!reader.staysOpen) this.close();
    running.resolve(running.taking.answer());
  }

  #over(): void {
    this.#isOpen = false;
    const running = this.#running;
    // An error of the socket is told by its close.
    if (running === null) return;
    this.#running = null;
    const { taking } = running;
    if (this.#failure === null) taking.reader.end();
    if (taking.reader.isComplete) running.resolve(taking.answer());
    else running.reject(this.#failure ?? new Error(taking.begun ? 'connection closed within the answer' : 'connection closed without an answer'));
  }
}

/** An answer while it is read. What of its body is beyond the limit is read away, so that the connection can serve again. */
class Taking implements ResponseTaker {
  readonly reader = new ResponseReader(this);
  #head: ResponseHead | null = null;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get begun(): boolean {
    return this.#head !== null;
  }

  head(head: ResponseHead): boolean {
    this.#head = head;
    return true;
  }

  body(bytes: Buffer, from: number, to: number): void {
    const taken = Math.min(to - from, this.maxBytes - this.#bytes);
    if (taken <= 0) return;
    this.#bytes += taken;
    this.#chunks.push(Buffer.from(bytes.subarray(from, from + taken)));
  }

  answer(): Answer {
    return { status: this.#head?.status ?? 0, headers: Object.fromEntries(this.#head?.headers ?? []), body: this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks) };
  }
}
