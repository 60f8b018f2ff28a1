import { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { ResponseHead, ResponseTaker } from '../../http/response-reader.js';

/** An answer while it is read. What of its body is beyond the limit is read away, so that the connection can serve again. */
export class AnswerTaker implements ResponseTaker {
  #status = 0;
  #headers: ReadonlyMap<string, string> = new Map();
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  head({ status, headers }: ResponseHead): boolean {
    this.#status = status;
    this.#headers = headers;
    return true;
  }

  body(bytes: Buffer, from: number, to: number): void {
    const taken = Math.min(to - from, this.maxBytes - this.#bytes);
    if (taken <= 0) return;
    this.#bytes += taken;
    this.#chunks.push(Buffer.from(bytes.subarray(from, from + taken)));
  }

  answer(): { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer } {
    return { status: this.#status, headers: Object.fromEntries(this.#headers), body: this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks) };
  }
}
