import { MAX_DEPTH_CEILING } from '@signalbox/signals/otlp/limits';
import { Reader } from '@signalbox/signals/otlp/protobuf/reader';

/** A message that may come in several parts, which are merged: from, to, from, to… */
export type Ranges = readonly number[];

export interface SpanVisitor {
  /** Before the spans of a resource; its bytes lie in `resource`. */
  resource?(reader: Reader, resource: Ranges): void;
  /** `reader.pos` is at the span's beginning; where it stands afterwards does not matter. */
  span(reader: Reader, end: number, ordinal: number): void;
}

/**
 * Visits the spans of an ExportTraceServiceRequest on the wire, all but the rejected, in document order: the ordinals are those that
 * decoding gives. @throws OtlpError
 */
export function walkSpans(payload: Uint8Array, rejected: readonly number[], visitor: SpanVisitor): void {
  const reader = new Reader(payload, MAX_DEPTH_CEILING);
  const end = reader.bytes.length;
  const walk = new Walk(reader, rejected, visitor);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) walk.resourceSpans(reader.limit(end));
    else reader.skip(tag, end);
  }
}

class Walk {
  #ordinal = 0;
  #skipped = 0;

  constructor(private readonly reader: Reader, private readonly rejected: readonly number[], private readonly visitor: SpanVisitor) {}

  /** The resource may stand behind the spans. */
  resourceSpans(end: number): void {
    const { reader, visitor } = this;
    const resource: number[] = [];
    const scopes: number[] = [];
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag === 10) this.#range(resource, end);
      else if (tag === 18) this.#range(scopes, end);
      else reader.skip(tag, end);
    }
    visitor.resource?.(reader, resource);
    for (let i = 0; i < scopes.length; i += 2) {
      reader.pos = scopes[i];
      this.#scopeSpans(scopes[i + 1]);
    }
    reader.pos = end;
  }

  #scopeSpans(end: number): void {
    const { reader, rejected, visitor } = this;
    while (reader.pos < end) {
      const tag = reader.tag(end);
      if (tag !== 18) {
        reader.skip(tag, end);
        continue;
      }
      const to = reader.limit(end);
      const ordinal = this.#ordinal++;
      if (rejected[this.#skipped] === ordinal) this.#skipped++;
      else visitor.span(reader, to, ordinal);
      reader.pos = to;
    }
  }

  #range(ranges: number[], end: number): void {
    const { reader } = this;
    const to = reader.limit(end);
    ranges.push(reader.pos, to);
    reader.pos = to;
  }
}

/** Where the span's trace id begins; -1 where it has none of 16 bytes. Of several the last one counts, as in decoding. */
export function traceIdAt(reader: Reader, end: number): number {
  const { bytes } = reader;
  let at = -1;
  while (reader.pos < end) {
    // Most fields have a tag and a length of one byte each; the others are read as they are everywhere.
    const from = reader.pos;
    const tag = bytes[from];
    const to = from + 1 < end && tag >= 8 ? shortFieldEnd(tag, bytes[from + 1], from) : 0;
    if (to > from && to <= end) {
      if (tag === 10) at = to - from === 18 ? from + 2 : -1;
      reader.pos = to;
    } else at = traceIdOr(at, reader, end);
  }
  return at;
}

/** Where a field ends whose tag has one byte, by the byte behind it; 0 where that does not tell. */
function shortFieldEnd(tag: number, next: number, from: number): number {
  switch (tag & 0x87) {
    case 0:
      return next < 0x80 ? from + 2 : 0;
    case 1:
      return from + 9;
    case 2:
      return next < 0x80 ? from + 2 + next : 0;
    default:
      return 0;
  }
}

/** Goes over a field; answers where the trace id begins where it is one, else what was known before. */
function traceIdOr(known: number, reader: Reader, end: number): number {
  const tag = reader.tag(end);
  if (tag !== 10) {
    reader.skip(tag, end);
    return known;
  }
  const to = reader.limit(end);
  const at = to - reader.pos === 16 ? reader.pos : -1;
  reader.pos = to;
  return at;
}

/** Whether two trace ids are the same; their 16 bytes begin there. */
export function sameTrace(bytes: Buffer, a: number, b: number): boolean {
  for (let i = 0; i < 16; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
