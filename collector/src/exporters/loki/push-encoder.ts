import { Buffer } from 'node:buffer';
import { protobufField, varintBytes, writeVarint } from '../protobuf-field.js';
import { MAX_LITERAL, SnappyWriter } from '../snappy-writer.js';
import { EntryReader } from './entry-reader.js';
import type { LineContexts } from './line-contexts.js';
import { plainEntry } from './plain-entry.js';
import type { PushEntries } from './push-entries.js';
import { MAX_DISTANCE } from './seen-fields.js';

/** A stream's length is not known before its entries: it is written in as many bytes, whatever it is. */
const LENGTH_BYTES = 4;
const MAX_STREAM_BYTES = 2 ** (7 * LENGTH_BYTES) - 1;
const BILLION = 1_000_000_000;

export interface PushRequest {
  /** logproto.PushRequest (loki, pkg/push/push.proto) in snappy's block format, as Loki expects it for application/x-protobuf. Good until the next one is encoded. */
  readonly body: Buffer;
  /** How many of the items are in it. */
  readonly taken: number;
}

/**
 * Writes entries from the wire of log records into pushes. What lines have in common, and fields that were written shortly before, become
 * repetitions of the compressed form at once: they are neither made nor searched for.
 */
export class PushEncoder {
  readonly #writer = new SnappyWriter();
  readonly #entry = new EntryReader();
  /** By context: where its metadata was written last in this request, and 1; 0 for nowhere. */
  #metadataAt = new Int32Array(64);
  #plain: Buffer | null = null;
  #timeHigh = 0;
  #timeLow = 0;
  #seconds = 0;
  #nanos = 0;

  constructor(private readonly contexts: LineContexts) {}

  /** As many of the items, of which those of one stream stand side by side, as fit into the bytes; one at least. @throws OtlpError where one is malformed */
  encode(entries: PushEntries, items: Uint32Array, maxBytes: number): PushRequest {
    const writer = this.#writer;
    writer.begin();
    this.#entry.begin(entries);
    if (this.#metadataAt.length < entries.contexts.length) this.#metadataAt = new Int32Array(entries.contexts.length * 2);
    else this.#metadataAt.fill(0);
    let stream = -1;
    let lengthAt = 0;
    let streamStart = 0;
    let taken = 0;
    for (; taken < items.length; taken++) {
      const item = items[taken]!;
      const begins = entries.stream[item] !== stream;
      const labels = begins ? protobufField(0x0a, Buffer.from(entries.labels(item), 'utf8')) : null; // 1 labels
      const size = this.#measure(entries, item);
      const after = writer.length + 1 + varintBytes(size) + size + (labels === null ? 0 : 1 + LENGTH_BYTES + labels.length);
      if (taken > 0 && after > Math.min(maxBytes, MAX_STREAM_BYTES)) break;
      if (labels !== null) {
        if (taken > 0) writeLength(writer.out, lengthAt, writer.length - streamStart);
        writer.literal(1 + LENGTH_BYTES);
        writer.out[writer.at++] = 0x0a; // 1 streams
        lengthAt = writer.at;
        writer.at += LENGTH_BYTES;
        streamStart = writer.length;
        writer.bytes(labels);
        stream = entries.stream[item]!;
      }
      entries.size[item] = size;
      this.#write(entries, item, size);
    }
    if (taken > 0) writeLength(writer.out, lengthAt, writer.length - streamStart);
    return { body: writer.finish(), taken };
  }

  /** Reads a record; answers the bytes of its entry. */
  #measure(entries: PushEntries, item: number): number {
    const entry = this.#entry;
    this.#time(entries, item);
    entry.read(entries, item, this.#writer.length);
    const line = entry.lineTo - entry.lineFrom;
    const time = this.#timeBytes();
    const size = 1 + varintBytes(time) + time + (line === 0 ? 0 : 1 + varintBytes(line) + line) + entries.contexts[entries.context[item]!]!.metadata.length + entry.pairs.bytes + entry.pairs.repeatBytes;
    if (entry.simple && this.#seconds < 2 ** 32 && size < MAX_LITERAL - 16) {
      this.#plain = null;
      return size;
    }
    this.#plain = plainEntry(entries, item, this.contexts.translator);
    return this.#plain.length;
  }

  #write(entries: PushEntries, item: number, size: number): void {
    const writer = this.#writer;
    if (this.#plain !== null) {
      writer.bytes(protobufField(0x12, this.#plain)); // 2 entries
      return;
    }
    const entry = this.#entry;
    const { pairs } = entry;
    const context = entries.context[item]!;
    const { metadata } = entries.contexts[context]!;
    const metadataAt = this.#metadataAt[context]! - 1;
    const again = metadataAt >= 0 && writer.length - metadataAt < MAX_DISTANCE;
    writer.literal(1 + varintBytes(size) + size - pairs.repeatBytes - (again ? metadata.length : 0));
    const { out } = writer;
    let { at } = writer;
    out[at++] = 0x12; // 2 entries
    at = writeVarint(out, at, size);
    at = this.#writeTime(out, at);
    if (entry.lineTo > entry.lineFrom) {
      out[at++] = 0x12; // 2 line
      at = writeVarint(out, at, entry.lineTo - entry.lineFrom);
      at = copyBytes(entry.reader.view, entry.lineFrom, entry.lineTo, writer.view, at);
    }
    // The literal ends where all that is written so far does.
    const behind = writer.at + 1 + varintBytes(size) + size - pairs.repeatBytes - (again ? metadata.length : 0) - writer.length;
    if (!again) {
      this.#metadataAt[context] = at - behind + 1;
      out.set(metadata, at);
      at += metadata.length;
    }
    writer.at = this.#writePairs(entries, out, at, behind);
    if (again && metadata.length > 0) {
      this.#metadataAt[context] = writer.length + 1;
      writer.copy(metadataAt, metadata.length);
    }
    const { seen, repeatFrom, repeatLength, repeatSlot } = pairs;
    for (let i = 0; i < pairs.repeats; i++) {
      const from = repeatFrom[i]!;
      // A pair of this entry may have taken the slot.
      seen.move(repeatSlot[i]!, from, writer.length);
      writer.copy(from, repeatLength[i]!);
    }
  }

  /** `behind`: how far the place in `out` is ahead of the position in the request. */
  #writePairs(entries: PushEntries, out: Buffer, start: number, behind: number): number {
    const { count, name: nameOf, valueFrom, valueTo, valueInText, slot, fieldFrom, fieldTo, textView, seen } = this.#entry.pairs;
    const { view: wire } = this.#entry.reader;
    const { view } = this.#writer;
    let at = start;
    for (let i = 0; i < count; i++) {
      const from = at;
      const name = entries.names.fields[nameOf[i]!]!;
      const length = valueTo[i]! - valueFrom[i]!;
      out[at++] = 0x1a; // 3 structuredMetadata
      at = writeVarint(out, at, name.length + 1 + varintBytes(length) + length);
      for (let k = 0; k < name.length; k++) out[at++] = name[k]!;
      out[at++] = 0x12; // 2 value
      at = writeVarint(out, at, length);
      at = copyBytes(valueInText[i] === 1 ? textView : wire, valueFrom[i]!, valueTo[i]!, view, at);
      if (slot[i]! >= 0) seen.keep(slot[i]!, fieldFrom[i]!, fieldTo[i]!, nameOf[i]!, from - behind, at - from);
    }
    return at;
  }

  #time(entries: PushEntries, item: number): void {
    const high = entries.timeHigh[item]!;
    const low = entries.timeLow[item]!;
    if (high === this.#timeHigh && low === this.#timeLow) return;
    this.#timeHigh = high;
    this.#timeLow = low;
    // A long division by digits of 16 bits: 64 bits are more than a number holds.
    const first = Math.floor(high / BILLION);
    let rest = (high - first * BILLION) * 65_536 + (low >>> 16);
    const second = Math.floor(rest / BILLION);
    rest = (rest - second * BILLION) * 65_536 + (low & 0xffff);
    const third = Math.floor(rest / BILLION);
    this.#seconds = (first * 65_536 + second) * 65_536 + third;
    this.#nanos = rest - third * BILLION;
  }

  #timeBytes(): number {
    return (this.#seconds === 0 ? 0 : 1 + varintBytes(this.#seconds)) + (this.#nanos === 0 ? 0 : 1 + varintBytes(this.#nanos));
  }

  #writeTime(out: Buffer, start: number): number {
    let at = start;
    out[at++] = 0x0a; // 1 timestamp
    at = writeVarint(out, at, this.#timeBytes());
    if (this.#seconds !== 0) {
      out[at++] = 0x08; // 1 seconds
      at = writeVarint(out, at, this.#seconds);
    }
    if (this.#nanos !== 0) {
      out[at++] = 0x10; // 2 nanos
      at = writeVarint(out, at, this.#nanos);
    }
    return at;
  }
}

/** A native copy takes longer to begin than most of these take. */
function copyBytes(source: DataView, from: number, to: number, out: DataView, start: number): number {
  let at = start;
  let next = from;
  for (const last = to - 4; next <= last; next += 4, at += 4) out.setUint32(at, source.getUint32(next, true), true);
  for (; next < to; next++, at++) out.setUint8(at, source.getUint8(next));
  return at;
}

function writeLength(out: Buffer, start: number, length: number): void {
  let at = start;
  let rest = length;
  for (let i = 1; i <= LENGTH_BYTES; i++, rest >>>= 7) out[at++] = (rest & 0x7f) | (i < LENGTH_BYTES ? 0x80 : 0);
}
