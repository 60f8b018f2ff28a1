import { Buffer } from 'node:buffer';
import type { OnReadOpts, Socket } from 'node:net';
import { ResponseReader, type ResponseTaker } from './response-reader.js';

/** Up to here head and body are joined, so that they leave with one call of the system. */
const JOINED_BYTES = 256 << 10;
const FIRST_JOINED_BYTES = 4 << 10;

interface Running {
  readonly reader: ResponseReader;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection of HTTP/1.1 that carries one request after the other. What it brings is read into a buffer that connections can share,
 * since the taker takes out at once what it keeps. node:http makes streams, a parser and a buffer for each answer, which takes three
 * times as much time; where requests are many that is most of what a scraper or an exporter does.
 */
export class Connection {
  readonly #socket: Socket;
  #running: Running | null = null;
  #failure: Error | null = null;
  #isOpen = true;
  #isConnected = false;
  #hasAnswered = false;
  /** Used again: the request before has left when the next one comes. */
  #joined: Buffer = Buffer.alloc(0);

  /** `connect` opens the socket with those options. */
  constructor(connect: (onread: OnReadOpts) => Socket, buffer: Buffer) {
    this.#socket = connect({
      buffer,
      callback: (bytes) => {
        this.#read(buffer.subarray(0, bytes));
        return true;
      },
    });
    const over = (): void => this.#over();
    this.#socket.on('connect', () => (this.#isConnected = true)).on('error', (error) => (this.#failure ??= error)).on('end', over).on('close', over);
  }

  /** Another request can be sent over it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** What is sent from now on may arrive. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Some of the last request's answer came. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /**
   * Settles when the answer was read whole, or as far as the taker wants it.
   * @param head request line and headers, in latin1, with the empty line behind them
   * @throws Error of the network, of HTTP, or the taker's
   */
  send(head: string, body: Uint8Array | null, taker: ResponseTaker): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#hasAnswered = false;
      this.#running = { reader: new ResponseReader(taker), resolve, reject };
      if (!this.#isOpen) this.#over();
      else this.#write(head, body);
    });
  }

  close(error: Error | null = null): void {
    this.#isOpen = false;
    this.#failure ??= error;
    this.#socket.destroy();
    this.#over();
  }

  #write(head: string, body: Uint8Array | null): void {
    if (body === null || body.length === 0) this.#socket.write(head, 'latin1');
    else if (body.length <= JOINED_BYTES) {
      const length = head.length + body.length;
      if (this.#joined.length < length) this.#joined = Buffer.allocUnsafeSlow(Math.max(FIRST_JOINED_BYTES, this.#joined.length * 2, length));
      this.#joined.write(head, 'latin1');
      this.#joined.set(body, head.length);
      this.#socket.write(this.#joined.subarray(0, length));
    } else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    }
  }

  #read(bytes: Buffer): void {
    const running = this.#running;
    // Nobody asked for anything: what comes would be taken for the next answer.
    if (running === null) return this.close();
    this.#hasAnswered = true;
    try {
      running.reader.push(bytes);
    } catch (error) {
      return this.close(error instanceof Error ? error : new Error(String(error)));
    }
    if (!running.reader.isComplete) return;
    this.#running = null;
    // Of an answer before the request has left nobody reads the rest, and its memory is the caller's again.
    if (!running.reader.staysOpen || this.#socket.writableLength > 0) this.close();
    running.resolve();
  }

  #over(): void {
    this.#isOpen = false;
    const running = this.#running;
    // A close after an error of the socket tells it; an end comes before it.
    if (running === null) return;
    this.#running = null;
    if (this.#failure === null) running.reader.end();
    if (running.reader.isComplete) running.resolve();
    else running.reject(this.#failure ?? new Error(this.#hasAnswered ? 'connection closed within the answer' : 'connection closed without an answer'));
  }
}
