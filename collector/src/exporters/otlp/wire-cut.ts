import { Buffer } from 'node:buffer';
import type { Signal } from '@signalbox/signals/model/signal';
import { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import { writeVarint } from '../protobuf-field.js';

/** What becomes of a field: it stays, it goes, or it is a message whose own fields are asked about. */
export type Fate = boolean | MessageCut;

export interface MessageCut {
  /**
   * Of a field whose tag was read just now; the reader, which stays there, is at what is behind it, and the message around ends at `end`.
   * A tag that is answered with a cut is that of a message, below 128.
   */
  field(tag: number, reader: WireReader, end: number): Fate;
  /** Asked at its end: whether the message stays. */
  stays(): boolean;
}

/** Room for a length that is not known yet, in as many messages as stand in each other. */
const LENGTH_BYTES = 5;
const NESTED = 8;

/** Bytes without some of their fields, whatever else is in them; the lengths around are written anew. @throws OtlpError where they are malformed */
export function cut(bytes: Uint8Array, what: MessageCut): Uint8Array {
  const cutting = new Cutting(new WireReader(bytes));
  cutting.fields(bytes.length, what);
  return cutting.result();
}

class Cutting {
  readonly #out: Buffer;
  #at = 0;

  constructor(private readonly reader: WireReader) {
    this.#out = Buffer.allocUnsafe(reader.bytes.length + NESTED * LENGTH_BYTES);
  }

  fields(end: number, what: MessageCut): void {
    const { reader } = this;
    while (reader.pos < end) {
      const from = reader.pos;
      const tag = reader.tag(end);
      const fate = what.field(tag, reader, end);
      if (typeof fate !== 'boolean') {
        this.#message(tag, reader.limit(end), fate);
        continue;
      }
      reader.skip(tag, end);
      if (fate) this.#at += reader.bytes.copy(this.#out, this.#at, from, reader.pos);
    }
  }

  result(): Uint8Array {
    return this.#out.subarray(0, this.#at);
  }

  #message(tag: number, end: number, what: MessageCut): void {
    const start = this.#at;
    this.#out[start] = tag;
    const content = start + 1 + LENGTH_BYTES;
    this.#at = content;
    this.fields(end, what);
    if (!what.stays()) {
      this.#at = start;
      return;
    }
    const behind = writeVarint(this.#out, start + 1, this.#at - content);
    this.#out.copyWithin(behind, content, this.#at);
    this.#at -= content - behind;
  }
}

/** The tags of the messages that items stand in, from the outside, and of the items. */
const LEVELS: Readonly<Record<Signal, readonly (readonly number[])[]>> = {
  traces: [[10], [18], [18]], // resource_spans, scope_spans, spans
  logs: [[10], [18], [18]], // resource_logs, scope_logs, log_records
  metrics: [[10], [18], [18], [42, 58, 74, 82, 90], [10]], // resource_metrics, scope_metrics, metrics; gauge, sum, histogram, exponential_histogram, summary; data_points
};

/** An Export*ServiceRequest with some of its items, by their ascending ordinals in document order. Messages around items that are left without any are gone. */
export function itemsOfWire(signal: Signal, wire: Uint8Array, ordinals: Uint32Array): Uint8Array {
  return cut(wire, new ItemCut(LEVELS[signal], new Ordinals(ordinals)));
}

class Ordinals {
  #ordinal = 0;
  #next = 0;

  constructor(private readonly wanted: Uint32Array) {}

  take(): boolean {
    if (this.wanted[this.#next] !== this.#ordinal++) return false;
    this.#next++;
    return true;
  }
}

class ItemCut implements MessageCut {
  #kept = false;

  constructor(private readonly levels: readonly (readonly number[])[], private readonly ordinals: Ordinals, private readonly around: ItemCut | null = null) {}

  field(tag: number): Fate {
    if (!this.levels[0]!.includes(tag)) return true;
    if (this.levels.length > 1) return new ItemCut(this.levels.slice(1), this.ordinals, this);
    const kept = this.ordinals.take();
    this.#kept ||= kept;
    return kept;
  }

  stays(): boolean {
    if (this.#kept && this.around !== null) this.around.#kept = true;
    return this.#kept;
  }
}

/** Whether the text stands anywhere in the resources of an Export*ServiceRequest: an attribute's key can only be there then. @throws OtlpError where the bytes around them are malformed */
export function isInResources(wire: Uint8Array, text: Buffer): boolean {
  const reader = new WireReader(wire);
  for (const end = wire.length; reader.pos < end; ) {
    const tag = reader.tag(end);
    if (tag !== 10) { // 1 resource_spans, resource_logs, resource_metrics
      reader.skip(tag, end);
      continue;
    }
    for (const groupEnd = reader.limit(end); reader.pos < groupEnd; ) {
      const of = reader.tag(groupEnd);
      if (of !== 10) { // 1 resource
        reader.skip(of, groupEnd);
        continue;
      }
      const to = reader.limit(groupEnd);
      if (reader.bytes.subarray(reader.pos, to).includes(text)) return true;
      reader.pos = to;
    }
  }
  return false;
}

/** An Export*ServiceRequest whose resources lack an attribute. */
export function withoutResourceAttribute(wire: Uint8Array, key: Buffer): Uint8Array {
  const resource: MessageCut = { field: (tag, reader, end) => !(tag === 10 && hasKey(reader, end, key)), stays: () => true }; // 1 attributes
  const group: MessageCut = { field: (tag) => (tag === 10 ? resource : true), stays: () => true }; // 1 resource
  return cut(wire, { field: (tag) => (tag === 10 ? group : true), stays: () => true }); // 1 resource_spans, resource_logs, resource_metrics
}

/** Of the KeyValue whose length is next. Of several keys the last one counts, as in decoding. */
function hasKey(reader: WireReader, end: number, key: Buffer): boolean {
  const { pos } = reader;
  const to = reader.limit(end);
  let found = false;
  while (reader.pos < to) {
    const tag = reader.tag(to);
    if (tag !== 10) { // 1 key
      reader.skip(tag, to);
      continue;
    }
    const keyTo = reader.limit(to);
    found = key.equals(reader.bytes.subarray(reader.pos, keyTo));
    reader.pos = keyTo;
  }
  reader.pos = pos;
  return found;
}
