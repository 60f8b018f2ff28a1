import { Buffer } from 'node:buffer';
import { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import type { NameTable } from './name-table.js';
import type { PushEntries } from './push-entries.js';
import { SeenFields } from './seen-fields.js';
import { varintBytes } from '../protobuf-field.js';

/** Pairs of one entry; a record with more is written in the plain way. */
const MAX_PAIRS = 512;
/** A number, or an id in hex. */
const MAX_TEXT_BYTES = 40;
/** The two digits of each byte, as they stand in memory. */
const HEX = Uint16Array.from({ length: 256 }, (_, byte) => Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE());

const FIELD_NAMES = ['observed_timestamp', 'severity_number', 'severity_text', 'dropped_attributes_count', 'flags', 'event_name', 'trace_id', 'span_id'] as const;
type FieldName = (typeof FIELD_NAMES)[number];

/**
 * Reads a log record into what its entry is made of: the line, pairs of structured metadata to write, and pairs that the request has
 * already. `simple` is false for what is rare and has rules of its own: a body that is no text, arrays and maps, names that stand twice.
 */
export class EntryReader {
  readonly seen = new SeenFields();
  simple = true;
  lineFrom = 0;
  lineTo = 0;
  /** Pairs to write: their name's number, and their value's place in the wire or in `text`. */
  pairs = 0;
  readonly pairName = new Int32Array(MAX_PAIRS);
  readonly valueFrom = new Int32Array(MAX_PAIRS);
  readonly valueTo = new Int32Array(MAX_PAIRS);
  readonly valueInText = new Uint8Array(MAX_PAIRS);
  /** Where the field is to be remembered, or -1, and its place in the wire. */
  readonly pairSlot = new Int32Array(MAX_PAIRS);
  readonly fieldFrom = new Int32Array(MAX_PAIRS);
  readonly fieldTo = new Int32Array(MAX_PAIRS);
  /** Bytes of the pairs to write. */
  pairBytes = 0;
  /** Pairs to repeat: where they stand, how many bytes they have, and their slots in `seen`. */
  repeats = 0;
  readonly repeatFrom = new Int32Array(MAX_PAIRS);
  readonly repeatLength = new Int32Array(MAX_PAIRS);
  readonly repeatSlot = new Int32Array(MAX_PAIRS);
  repeatBytes = 0;
  /** Values that the wire has in another form. */
  readonly textView = new DataView(new ArrayBuffer((MAX_PAIRS + 1) * MAX_TEXT_BYTES));
  reader = new WireReader(Buffer.alloc(0));
  #entries: PushEntries | null = null;
  #names!: NameTable;
  #field!: Readonly<Record<FieldName, number>>;
  #textAt = 0;
  /** Of the field that was looked up last. */
  #slot = -1;
  #position = 0;
  /** By name: the entry, or the change of context, that had it last. */
  #ofEntry = new Int32Array(1024);
  #ofContext = new Int32Array(1024);
  #entry = 0;
  #context = 0;
  #contextNumber = -1;

  /** Before each request. */
  begin(entries: PushEntries): void {
    this.#contextNumber = -1;
    this.seen.begin();
    if (entries === this.#entries) return;
    this.#entries = entries;
    this.reader = new WireReader(entries.bytes);
    this.#names = entries.names;
    this.#field = Object.fromEntries(FIELD_NAMES.map((name) => [name, entries.names.ofName(name)])) as Record<FieldName, number>;
  }

  /** `position`: bytes of the request so far. @throws OtlpError where the record is malformed */
  read(entries: PushEntries, item: number, position: number): void {
    const { reader } = this;
    const end = entries.to[item]!;
    const contextNumber = entries.context[item]!;
    const context = entries.contexts[contextNumber]!;
    if (contextNumber !== this.#contextNumber) this.#enter(contextNumber, context.names);
    this.#entry++;
    this.#position = position;
    this.#textAt = 0;
    this.simple = true;
    this.lineFrom = this.lineTo = 0;
    this.pairs = this.pairBytes = this.repeats = this.repeatBytes = 0;
    let met = 0;
    let timed = false;
    let observedFrom = -1;
    reader.pos = entries.from[item]!;
    while (reader.pos < end && this.simple) {
      const from = reader.pos;
      const tag = reader.tag(end);
      // Of fields that stand twice the last one counts, or they are merged.
      if (tag < 128 && tag !== 50) {
        const bit = 1 << (tag >>> 3);
        if ((met & bit) !== 0) this.simple = false;
        met |= bit;
      }
      switch (tag) {
        case 9: // 1 time_unix_nano
          reader.skipFixed(8, end);
          timed = !this.#zeros(reader.pos - 8, reader.pos);
          break;
        case 16: // 2 severity_number
          reader.varint(end);
          if ((reader.low | 0) !== 0 && context.severityMetadata && !this.#repeat(from)) this.#addText(this.#field.severity_number, String(reader.low | 0), from);
          break;
        case 26: // 3 severity_text
          this.#string(this.#field.severity_text, from, end, context.severityMetadata);
          break;
        case 42: // 5 body
          this.#body(reader.limit(end));
          break;
        case 50: // 6 attributes
          this.#attribute(from, reader.limit(end));
          break;
        case 56: // 7 dropped_attributes_count
          reader.varint(end);
          if (reader.low !== 0 && !this.#repeat(from)) this.#addText(this.#field.dropped_attributes_count, String(reader.low), from);
          break;
        case 69: // 8 flags
          reader.skipFixed(4, end);
          if (!this.#zeros(reader.pos - 4, reader.pos) && !this.#repeat(from)) this.#addText(this.#field.flags, String(reader.view.getUint32(reader.pos - 4, true)), from);
          break;
        case 74: // 9 trace_id
          this.#id(this.#field.trace_id, from, reader.limit(end));
          break;
        case 82: // 10 span_id
          this.#id(this.#field.span_id, from, reader.limit(end));
          break;
        case 89: // 11 observed_time_unix_nano
          reader.skipFixed(8, end);
          if (!this.#zeros(reader.pos - 8, reader.pos)) observedFrom = from;
          break;
        case 98: // 12 event_name
          this.#string(this.#field.event_name, from, end, true);
          break;
        default:
          reader.skip(tag, end);
      }
    }
    // Without a time of its own the record has the one when it was observed.
    if (timed && observedFrom >= 0 && this.simple) {
      reader.pos = observedFrom + 9;
      if (!this.#repeat(observedFrom)) this.#addText(this.#field.observed_timestamp, decimal(reader.view.getUint32(observedFrom + 5, true), reader.view.getUint32(observedFrom + 1, true)), observedFrom);
    }
  }

  #enter(number: number, names: readonly number[]): void {
    this.#contextNumber = number;
    this.#context++;
    for (const name of names) {
      this.#reserve(name);
      this.#ofContext[name] = this.#context;
    }
  }

  #body(end: number): void {
    const { reader } = this;
    if (reader.pos === end) return;
    if (reader.tag(end) === 10) {
      this.lineTo = reader.limit(end);
      this.lineFrom = reader.pos;
      reader.pos = this.lineTo;
    }
    if (reader.pos !== end) this.simple = false;
  }

  #string(name: number, from: number, end: number, wanted: boolean): void {
    const { reader } = this;
    const to = reader.limit(end);
    const valueFrom = reader.pos;
    reader.pos = to;
    if (wanted && to > valueFrom && !this.#repeat(from)) this.#add(name, valueFrom, to, 0, from);
  }

  #id(name: number, from: number, to: number): void {
    const { reader, textView } = this;
    const idFrom = reader.pos;
    reader.pos = to;
    if (this.#zeros(idFrom, to) || this.#repeat(from)) return;
    if (to - idFrom > MAX_TEXT_BYTES / 2) {
      this.simple = false;
      return;
    }
    const { bytes } = reader;
    const textFrom = this.#textAt;
    let at = textFrom;
    for (let i = idFrom; i < to; i++, at += 2) textView.setUint16(at, HEX[bytes[i]!]!, true);
    this.#textAt = at;
    this.#add(name, textFrom, at, 1, from);
  }

  #attribute(from: number, end: number): void {
    const { reader } = this;
    const start = reader.pos;
    reader.pos = end;
    if (this.#repeat(from)) return;
    reader.pos = start;
    let keyFrom = 0;
    let keyTo = 0;
    if (reader.pos < end && reader.bytes[reader.pos] === 10) { // 1 key
      reader.pos++;
      keyTo = reader.limit(end);
      keyFrom = reader.pos;
      reader.pos = keyTo;
    }
    if (reader.pos === end) return; // no value
    if (reader.tag(end) !== 18 || reader.limit(end) !== end) { // 2 value
      this.simple = false;
      return;
    }
    if (reader.pos === end) return;
    const name = this.#names.ofKey(reader.bytes, keyFrom, keyTo);
    switch (reader.tag(end)) {
      case 10: { // 1 string_value
        const to = reader.limit(end);
        const valueFrom = reader.pos;
        reader.pos = to;
        if (to === end && to > valueFrom) this.#add(name, valueFrom, to, 0, from);
        break;
      }
      case 16: // 2 bool_value
        reader.varint(end);
        if (reader.pos === end) this.#addText(name, (reader.low | reader.high) !== 0 ? 'true' : 'false', from);
        break;
      case 24: // 3 int_value
        reader.varint(end);
        if (reader.pos === end) this.#addText(name, signed(reader.high, reader.low), from);
        break;
      case 33: // 4 double_value
        reader.skipFixed(8, end);
        if (reader.pos === end) this.#addText(name, String(reader.view.getFloat64(end - 8, true)), from);
        break;
      default:
        this.simple = false;
    }
    if (reader.pos !== end) this.simple = false;
  }

  /** Whether the request has had this field, which ends at the reader's place: then what it became is repeated. */
  #repeat(from: number): boolean {
    const { seen, reader } = this;
    const slot = seen.slotOf(reader, from, reader.pos);
    this.#slot = slot;
    if (slot < 0 || !seen.has(slot, reader, from, reader.pos, this.#position)) return false;
    if (this.repeats === MAX_PAIRS || !this.#once(seen.name(slot))) {
      this.simple = false;
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

  #addText(name: number, text: string, from: number): void {
    const start = this.#textAt;
    let at = start;
    for (let i = 0; i < text.length; i++) this.textView.setUint8(at++, text.charCodeAt(i));
    this.#textAt = at;
    this.#add(name, start, at, 1, from);
  }

  /** The field ends at the reader's place; it was looked up just before. */
  #add(name: number, valueFrom: number, valueTo: number, inText: 0 | 1, from: number): void {
    if (this.pairs === MAX_PAIRS || !this.#once(name)) {
      this.simple = false;
      return;
    }
    const pair = this.pairs++;
    this.pairName[pair] = name;
    this.valueFrom[pair] = valueFrom;
    this.valueTo[pair] = valueTo;
    this.valueInText[pair] = inText;
    const to = this.reader.pos;
    this.pairSlot[pair] = this.#slot;
    this.fieldFrom[pair] = from;
    this.fieldTo[pair] = to;
    const length = valueTo - valueFrom;
    const inner = this.#names.fields[name]!.length + 1 + varintBytes(length) + length;
    this.pairBytes += 1 + varintBytes(inner) + inner;
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

  #zeros(from: number, to: number): boolean {
    const { bytes } = this.reader;
    for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
    return true;
  }
}

function grown(numbers: Int32Array, index: number): Int32Array<ArrayBuffer> {
  const more = new Int32Array(Math.max(numbers.length * 2, index + 1));
  more.set(numbers);
  return more;
}

/** A 64-bit number in two halves. */
function decimal(high: number, low: number): string {
  return high < 0x20_0000 ? String(high * 2 ** 32 + low) : String((BigInt(high) << 32n) | BigInt(low));
}

function signed(high: number, low: number): string {
  if (high === 0) return String(low);
  if (high === 0xffff_ffff && low >= 0x8000_0000) return String(low | 0);
  return String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)));
}
