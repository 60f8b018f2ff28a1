import type { OnReadOpts, Socket } from 'node:net';
import { ResponseReader, type ResponseTaker } from './response-reader.js';

interface Running {
  readonly reader: ResponseReader;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A connection to a target that carries one request after the other. What it brings is read into a buffer that all connections share:
 * node:http makes streams, a parser and a buffer for each answer, which takes three times as much time.
 */
export class Connection {
  readonly #socket: Socket;
  #running: Running | null = null;
  #failure: Error | null = null;
  #isOpen = true;
  #hasAnswered = false;

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
    this.#socket.on('error', (error) => (this.#failure ??= error)).on('end', over).on('close', over);
  }

  /** Another request can be sent over it. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Some of the last request's answer came. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Settles when the answer was read whole, or as far as the taker wants it. @throws Error of the network, of HTTP, or the taker's */
  send(request: string, taker: ResponseTaker): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#hasAnswered = false;
      this.#running = { reader: new ResponseReader(taker), resolve, reject };
      this.#socket.write(request, 'latin1');
    });
  }

  close(error: Error | null = null): void {
    this.#isOpen = false;
    this.#failure ??= error;
    this.#socket.destroy();
    this.#over();
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
    if (!running.reader.staysOpen) this.close();
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
    else running.reject(this.#failure ?? new Error(this.#hasAnswered ? 'the answer was cut off' : 'the target closed the connection without an answer'));
  }
}
