import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';

/** Lengths are written in as many bytes, seven bits each, whatever the number is. */
const LENGTH_BYTES = 4;
const RESOURCE_SPANS = 10;
const SCOPE_SPANS = 18;
const SPAN = 18;

/**
 * An ExportTraceServiceRequest without the content of some spans: they stand there with the length 0, so that the others keep their
 * ordinals. What remains is copied. The payload was walked before: it is well formed, and shorter than 2^28 bytes.
 */
export function withoutSpans(payload: Uint8Array, ordinals: readonly number[]): Buffer {
  const removal = new SpanRemoval(new Reader(payload, MAX_DEPTH_CEILING), ordinals);
  removal.request();
  return removal.copy();
}

/** What the result is made of, in order. */
type Piece =
  /** Bytes as they were. */
  | { readonly from: number; to: number }
  /** Spans with nothing in them. */
  | { empty: number }
  /** The beginning of a message. */
  | { readonly tag: number; length: number };

class SpanRemoval {
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  #ordinal = 0;
  #removed = 0;

  constructor(private readonly reader: Reader, private readonly ordinals: readonly number[]) {}

  request(): void {
    this.#fields(this.reader.bytes.length, RESOURCE_SPANS, (end) => this.#fields(end, SCOPE_SPANS, (scopeEnd) => this.#spans(scopeEnd)));
  }

  copy(): Buffer {
    const { bytes } = this.reader;
    const out = Buffer.allocUnsafeSlow(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      if ('from' in piece) at += bytes.copy(out, at, piece.from, piece.to);
      else if ('empty' in piece) {
        for (let i = 0; i < piece.empty; i++) {
          out[at++] = SPAN;
          out[at++] = 0;
        }
      } else {
        out[at++] = piece.tag;
        for (let i = 1, rest = piece.length; i <= LENGTH_BYTES; i++, rest >>>= 7) out[at++] = (rest & 127) | (i < LENGTH_BYTES ? 128 : 0);
      }
    }
    return out;
  }

  /** Keeps the fields up to `end`, but for messages with the tag, whose fields are handed over. */
  #fields(end: number, message: number, visit: (end: number) => void): void {
    const { reader } = this;
    while (reader.pos < end) {
      const from = reader.pos;
      const tag = reader.tag(end);
      if (tag !== message) {
        reader.skip(tag, end);
        this.#keep(from, reader.pos);
        continue;
      }
      const piece = { tag, length: 0 };
      this.#pieces.push(piece);
      this.#bytes += 1 + LENGTH_BYTES;
      const before = this.#bytes;
      visit(reader.limit(end));
      piece.length = this.#bytes - before;
    }
  }

  #spans(end: number): void {
    const { reader } = this;
    while (reader.pos < end) {
      const from = reader.pos;
      const tag = reader.tag(end);
      if (tag === SPAN) reader.pos = reader.limit(end);
      else reader.skip(tag, end);
      if (tag === SPAN && this.ordinals[this.#removed] === this.#ordinal++) this.#empty();
      else this.#keep(from, reader.pos);
    }
  }

  #keep(from: number, to: number): void {
    const last = this.#pieces.at(-1);
    if (last && 'from' in last && last.to === from) last.to = to;
    else this.#pieces.push({ from, to });
    this.#bytes += to - from;
  }

  #empty(): void {
    this.#removed++;
    const last = this.#pieces.at(-1);
    if (last && 'empty' in last) last.empty++;
    else this.#pieces.push({ empty: 1 });
    this.#bytes += 2;
  }
}
