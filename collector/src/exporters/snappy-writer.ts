import { Buffer } from 'node:buffer';
import { varintBytes, writeVarint } from './protobuf-field.js';

/** A literal's length fits into one, two or three bytes of tag; longer ones are cut. */
export const MAX_LITERAL = 65_536;
const MAX_COPY = 64;
const COPY_TAG_BYTES = 5;
/** Room in front for the length of all of it, as a varint. */
const PREAMBLE = 5;

/**
 * Writes snappy's block format (google/snappy, format_description.txt) for who knows already what repeats: nothing is searched for, a
 * repetition costs two to five bytes and no more time than writing them. Positions are those of the uncompressed content.
 */
export class SnappyWriter {
  /** What is written; whoever announced a literal writes its bytes here himself, at `at`. */
  out: Buffer;
  view: DataView;
  at = PREAMBLE;
  /** Uncompressed bytes so far. */
  length = 0;
  #distance = 0;
  #repeated = 0;

  constructor(initialBytes = 1 << 16) {
    this.out = Buffer.allocUnsafeSlow(initialBytes);
    this.view = new DataView(this.out.buffer);
  }

  begin(): void {
    this.at = PREAMBLE;
    this.length = 0;
    this.#repeated = 0;
  }

  /** Announces a literal of up to 65,536 bytes, which the caller writes to `out` from `at` on. */
  literal(bytes: number): void {
    if (this.#repeated > 0) this.#flush();
    this.#reserve(bytes + 3);
    const { out } = this;
    if (bytes <= 60) out[this.at++] = (bytes - 1) << 2;
    else if (bytes <= 256) {
      out[this.at++] = 60 << 2;
      out[this.at++] = bytes - 1;
    } else {
      out[this.at++] = 61 << 2;
      out[this.at++] = (bytes - 1) & 0xff;
      out[this.at++] = (bytes - 1) >> 8;
    }
    this.length += bytes;
  }

  /** Writes a literal of any length. */
  bytes(content: Uint8Array): void {
    for (let from = 0; from < content.length; from += MAX_LITERAL) {
      const piece = content.subarray(from, from + MAX_LITERAL);
      this.literal(piece.length);
      this.out.set(piece, this.at);
      this.at += piece.length;
    }
  }

  /** Repeats what stands at a position. */
  copy(position: number, bytes: number): void {
    const distance = this.length - position;
    // What stood side by side and does so again is one repetition.
    if (this.#repeated > 0 && distance !== this.#distance) this.#flush();
    this.#distance = distance;
    this.#repeated += bytes;
    this.length += bytes;
  }

  /** Everything; good until the writer begins again. */
  finish(): Buffer {
    if (this.#repeated > 0) this.#flush();
    const begin = PREAMBLE - varintBytes(this.length);
    writeVarint(this.out, begin, this.length);
    return this.out.subarray(begin, this.at);
  }

  #flush(): void {
    const distance = this.#distance;
    let left = this.#repeated;
    this.#repeated = 0;
    this.#reserve((Math.ceil(left / MAX_COPY) + 1) * COPY_TAG_BYTES);
    const { out } = this;
    for (; left > 0; left -= MAX_COPY) {
      const bytes = left < MAX_COPY ? left : MAX_COPY;
      if (distance < 2048 && bytes >= 4 && bytes <= 11) {
        out[this.at++] = 1 | ((bytes - 4) << 2) | ((distance >> 8) << 5);
        out[this.at++] = distance & 0xff;
      } else if (distance < 65_536) {
        out[this.at++] = 2 | ((bytes - 1) << 2);
        out[this.at++] = distance & 0xff;
        out[this.at++] = distance >> 8;
      } else {
        out[this.at++] = 3 | ((bytes - 1) << 2);
        this.view.setUint32(this.at, distance, true);
        this.at += 4;
      }
    }
  }

  #reserve(bytes: number): void {
    if (this.at + bytes <= this.out.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.out.length * 2, this.at + bytes));
    grown.set(this.out.subarray(0, this.at));
    this.out = grown;
    this.view = new DataView(grown.buffer);
  }
}
