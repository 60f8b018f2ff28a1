/** How messages follow one another in a stream (RFC 6587): their length in front, or a newline (or NUL) behind. */
export type Framing = 'counted' | 'lines' | 'auto';

/**
 * Cuts messages out of a stream. Of what is longer than `maxBytes` the beginning is a message; the rest of it is passed over.
 */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a message that is too long, still to come; -1: up to the next newline. */
  #skip = 0;
  readonly #framing: Framing;
  readonly #maxBytes: number;
  readonly #message: (bytes: Buffer) => void;

  constructor(framing: Framing, maxBytes: number, message: (bytes: Buffer) => void) {
    this.#framing = framing;
    this.#maxBytes = maxBytes;
    this.#message = message;
  }

  /** False: the stream is not what it should be and cannot be read any further. */
  push(chunk: Buffer): boolean {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      if (this.#skip !== 0) {
        const end = this.#skip > 0 ? at + this.#skip : endOfLine(bytes, at);
        if (end < 0 || end > bytes.length) {
          if (this.#skip > 0) this.#skip -= bytes.length - at;
          at = bytes.length;
          break;
        }
        at = this.#skip > 0 ? end : end + 1;
        this.#skip = 0;
        continue;
      }
      const counted = this.#framing === 'counted' || (this.#framing === 'auto' && bytes[at]! >= 0x31 && bytes[at]! <= 0x39);
      const next = counted ? this.#counted(bytes, at) : this.#line(bytes, at);
      if (next === -2) return false;
      if (next === -1) break;
      at = next;
    }
    this.#rest = at >= bytes.length ? Buffer.alloc(0) : Buffer.from(bytes.subarray(at));
    return true;
  }

  /** The stream has ended: what is left without a newline is a message. */
  end(): void {
    if (this.#rest.length > 0 && this.#skip === 0) this.#give(this.#rest);
    this.#rest = Buffer.alloc(0);
  }

  /** Place behind the message; -1: more is needed; -2: no length. */
  #counted(bytes: Buffer, at: number): number {
    let length = 0;
    let digits = at;
    for (; digits < bytes.length && digits - at < 10; digits++) {
      const digit = bytes[digits]! - 0x30;
      if (digit < 0 || digit > 9) break;
      length = length * 10 + digit;
    }
    if (digits === bytes.length && digits - at < 10) return -1;
    if (bytes[digits] !== 0x20 || digits === at || length === 0) return -2;
    const start = digits + 1;
    const taken = Math.min(length, this.#maxBytes);
    if (bytes.length - start < taken) return -1;
    this.#give(bytes.subarray(start, start + taken));
    this.#skip = length - taken;
    return start + taken;
  }

  #line(bytes: Buffer, at: number): number {
    const end = endOfLine(bytes, at);
    if (end >= 0 && end - at <= this.#maxBytes) {
      this.#give(bytes.subarray(at, end));
      return end + 1;
    }
    if (end < 0 && bytes.length - at <= this.#maxBytes) return -1;
    this.#give(bytes.subarray(at, at + this.#maxBytes));
    this.#skip = -1;
    return at + this.#maxBytes;
  }

  #give(message: Buffer): void {
    let end = message.length;
    while (end > 0 && (message[end - 1] === 0x0a || message[end - 1] === 0x0d || message[end - 1] === 0)) end--;
    if (end > 0) this.#message(message.subarray(0, end));
  }
}

function endOfLine(bytes: Buffer, from: number): number {
  const [newline, nul] = [bytes.indexOf(0x0a, from), bytes.indexOf(0, from)];
  return newline < 0 ? nul : nul < 0 ? newline : Math.min(newline, nul);
}
