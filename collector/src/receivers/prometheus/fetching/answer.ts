import type { Intake } from '../../../component.js';
import type { BufferPool } from './buffer-pool.js';
import type { ResponseHead, ResponseTaker } from '../../../http/response-reader.js';

/** A target may say any length: no more than this is made ready for it. */
const MAX_AHEAD_BYTES = 1 << 20;
const NO_ROOM = 'no room for it in the byte budget of what is taken in (setting: receive.max_in_flight_bytes)';
const TOO_LONG = 'body size limit exceeded';

/** Gathers an answer's body, within the limit of its size and the byte budget of the receivers. */
export class Answer implements ResponseTaker {
  status = 0;
  statusText = '';
  headers: ReadonlyMap<string, string> = new Map();
  buffer: Buffer | null = null;
  /** Bytes of the body, at the beginning of the buffer. */
  length = 0;
  readonly #limit: number;
  readonly #intake: Intake;
  readonly #buffers: BufferPool;

  /** @param limit 0: none */
  constructor(limit: number, intake: Intake, buffers: BufferPool) {
    this.#limit = limit;
    this.#intake = intake;
    this.#buffers = buffers;
  }

  /** Only the body of an answer that brings something is wanted. */
  head({ status, statusText, headers }: ResponseHead): boolean {
    this.status = status;
    this.statusText = statusText;
    this.headers = headers;
    if (status !== 200) return false;
    this.buffer = this.#buffers.take(Math.min(Number(headers.get('content-length') ?? 0) || 0, MAX_AHEAD_BYTES));
    return true;
  }

  /** @throws Error beyond a limit */
  body(bytes: Uint8Array, from: number, to: number): void {
    const length = this.length + to - from;
    if (this.#limit > 0 && length > this.#limit) throw new Error(TOO_LONG);
    if (!this.#intake.take(to - from)) throw new Error(NO_ROOM);
    const before = this.length;
    this.length = length;
    if (this.buffer === null || length > this.buffer.length) {
      const longer = this.#buffers.take(length);
      if (this.buffer !== null) {
        longer.set(this.buffer.subarray(0, before));
        this.#buffers.give(this.buffer);
      }
      this.buffer = longer;
    }
    this.buffer.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), before);
  }

  /** The body is not held against the byte budget any more. */
  settle(): void {
    this.#intake.give(this.length);
  }

  /** And nobody needs it. */
  drop(): void {
    if (this.buffer !== null) this.#buffers.give(this.buffer);
    this.buffer = null;
  }
}
