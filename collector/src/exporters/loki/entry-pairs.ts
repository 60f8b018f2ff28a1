import { Buffer } from 'node:buffer';
import type { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import { varintBytes } from '../protobuf-field.js';
import type { NameTable } from './name-table.js';
import { SeenFields } from './seen-fields.js';

/** Pairs of one entry; a record with more is written in the plain way. */
const MAX_PAIRS = 512;
/** A number, or an id in hex. */
const MAX_TEXT_BYTES = 40;
/** Bytes of an id at most. */
export const MAX_ID_BYTES = MAX_TEXT_BYTES / 2;
/** The two digits of each byte, as they stand in memory. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) => Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE());

/** The structured metadata of one entry after the other: pairs to write, and pairs that the request has already, in columns that are used again. */
export class EntryPairs {
  readonly seen = new SeenFields();
  /** Whether no name stands twice, in the entry or what it shares with others, and there was room for all. */
  distinct = true;
  /** Pairs to write: their name's number, and their value's place in the wire or in `text`. */
  count = 0;
  readonly name = new Int32Array(MAX_PAIRS);
  readonly valueFrom = new Int32Array(MAX_PAIRS);
  readonly valueTo = new Int32Array(MAX_PAIRS);
  readonly valueInText = new Uint8Array(MAX_PAIRS);
  /** Where the field is to be remembered, or -1, and its place in the wire. */
  readonly slot = new Int32Array(MAX_PAIRS);
  readonly fieldFrom = new Int32Array(MAX_PAIRS);
  readonly fieldTo = new Int32Array(MAX_PAIRS);
  /** Bytes of the pairs to write. */
  bytes = 0;
  /** Pairs to repeat: where they stand, how many bytes they have, and their slots in `seen`. */
  repeats = 0;
  readonly repeatFrom = new Int32Array(MAX_PAIRS);
  readonly repeatLength = new Int32Array(MAX_PAIRS);
  readonly repeatSlot = new Int32Array(MAX_PAIRS);
  repeatBytes = 0;
  /** Values that the wire has in another form. */
  readonly textView = new DataView(new ArrayBuffer((MAX_PAIRS + 1) * MAX_TEXT_BYTES));
  #reader!: WireReader;
  #names!: NameTable;
  #textAt = 0;
  /** Of the field that was looked up last. */
  #slot = -1;
  #position = 0;
  /** By name: the entry, or the change of context, that had it last. */
  #ofEntry = new Int32Array(1024);
  #ofContext = new Int32Array(1024);
  #entry = 0;
  #context = 0;

  /** Before each request: what it is read from, and the names of the batch. */
  begin(reader: WireReader, names: NameTable): void {
    this.#reader = reader;
    this.#names = names;
    this.seen.begin();
  }

  /** The entries that follow share pairs of these names, which are not among theirs. */
  enter(names: readonly number[]): void {
    this.#context++;
    for (const name of names) {
      this.#reserve(name);
      this.#ofContext[name] = this.#context;
    }
  }

  /** Before each entry. `position`: bytes of the request so far. */
  start(position: number): void {
    this.#entry++;
    this.#position = position;
    this.#textAt = 0;
    this.distinct = true;
    this.count = this.bytes = this.repeats = this.repeatBytes = 0;
  }

  /** Whether the request has had this field, which ends at the reader's place: then what it became is repeated. */
  repeat(from: number): boolean {
    const { seen } = this;
    const reader = this.#reader;
    const slot = seen.slotOf(reader, from, reader.pos);
    this.#slot = slot;
    if (slot < 0 || !seen.has(slot, reader, from, reader.pos, this.#position)) return false;
    if (this.repeats === MAX_PAIRS || !this.#once(seen.name(slot))) {
      this.distinct = false;
      return true;
    }
    const repeat = this.repeats++;
    this.repeatFrom[repeat] = seen.position(slot);
    const bytes = seen.bytes(slot);
    this.repeatLength[repeat] = bytes;
    this.repeatSlot[repeat] = slot;
    this.repeatBytes += bytes;
    return true;
  }

  /** A pair whose value stands in the wire. The field ends at the reader's place; it was looked up just before. */
  add(name: number, valueFrom: number, valueTo: number, from: number): void {
    this.#add(name, valueFrom, valueTo, 0, from);
  }

  /** Likewise, of a value in another form, of up to 40 characters of ASCII. */
  addText(name: number, text: string, from: number): void {
    const start = this.#textAt;
    let at = start;
    for (let i = 0; i < text.length; i++) this.textView.setUint8(at++, text.charCodeAt(i));
    this.#textAt = at;
    this.#add(name, start, at, 1, from);
  }

  /** Likewise, of an id of up to `MAX_ID_BYTES`, in hex. */
  addId(name: number, idFrom: number, idTo: number, from: number): void {
    const { bytes } = this.#reader;
    const { textView } = this;
    const start = this.#textAt;
    let at = start;
    for (let i = idFrom; i < idTo; i++, at += 2) textView.setUint16(at, HEX[bytes[i]!]!, true);
    this.#textAt = at;
    this.#add(name, start, at, 1, from);
  }

  #add(name: number, valueFrom: number, valueTo: number, inText: 0 | 1, from: number): void {
    if (this.count === MAX_PAIRS || !this.#once(name)) {
      this.distinct = false;
      return;
    }
    const pair = this.count++;
    this.name[pair] = name;
    this.valueFrom[pair] = valueFrom;
    this.valueTo[pair] = valueTo;
    this.valueInText[pair] = inText;
    this.slot[pair] = this.#slot;
    this.fieldFrom[pair] = from;
    this.fieldTo[pair] = this.#reader.pos;
    const length = valueTo - valueFrom;
    const inner = this.#names.fields[name]!.length + 1 + varintBytes(length) + length;
    this.bytes += 1 + varintBytes(inner) + inner;
  }

  /** Whether neither the entry nor its context has had the name. */
  #once(name: number): boolean {
    this.#reserve(name);
    if (this.#ofEntry[name] === this.#entry || this.#ofContext[name] === this.#context) return false;
    this.#ofEntry[name] = this.#entry;
    return true;
  }

  #reserve(name: number): void {
    if (name < this.#ofEntry.length) return;
    this.#ofEntry = grown(this.#ofEntry, name);
    this.#ofContext = grown(this.#ofContext, name);
  }
}

function grown(numbers: Int32Array, index: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(Math.max(numbers.length * 2, index + 1));
  more.set(numbers);
  return more;
}
