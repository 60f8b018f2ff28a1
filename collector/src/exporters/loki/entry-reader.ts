import { Buffer } from 'node:buffer';
import { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import { EntryPairs, MAX_ID_BYTES } from './entry-pairs.js';
import type { NameTable } from './name-table.js';
import type { PushEntries } from './push-entries.js';

const FIELD_NAMES = ['observed_timestamp', 'severity_number', 'severity_text', 'dropped_attributes_count', 'flags', 'event_name', 'trace_id', 'span_id'] as const;
type FieldName = (typeof FIELD_NAMES)[number];

/**
 * Reads a log record into what its entry is made of: the line, and pairs of structured metadata. `simple` is false for what is rare and
 * has rules of its own: a body that is no text, arrays and maps, names that stand twice.
 */
export class EntryReader {
  readonly pairs = new EntryPairs();
  simple = true;
  lineFrom = 0;
  lineTo = 0;
  reader = new WireReader(Buffer.alloc(0));
  #entries: PushEntries | null = null;
  #names!: NameTable;
  #field!: Readonly<Record<FieldName, number>>;
  #contextNumber = -1;

  /** Before each request. */
  begin(entries: PushEntries): void {
    this.#contextNumber = -1;
    if (entries !== this.#entries) {
      this.#entries = entries;
      this.reader = new WireReader(entries.bytes);
      this.#names = entries.names;
      this.#field = Object.fromEntries(FIELD_NAMES.map((name) => [name, entries.names.ofName(name)])) as Record<FieldName, number>;
    }
    this.pairs.begin(this.reader, entries.names);
  }

  /** `position`: bytes of the request so far. @throws OtlpError where the record is malformed */
  read(entries: PushEntries, item: number, position: number): void {
    const { reader, pairs } = this;
    const end = entries.to[item]!;
    const contextNumber = entries.context[item]!;
    const context = entries.contexts[contextNumber]!;
    if (contextNumber !== this.#contextNumber) {
      this.#contextNumber = contextNumber;
      pairs.enter(context.names);
    }
    pairs.start(position);
    this.simple = true;
    this.lineFrom = this.lineTo = 0;
    let met = 0;
    let timed = false;
    let observedFrom = -1;
    reader.pos = entries.from[item]!;
    while (reader.pos < end && this.simple && pairs.distinct) {
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
          if ((reader.low | 0) !== 0 && context.severityMetadata && !this.pairs.repeat(from)) this.pairs.addText(this.#field.severity_number, String(reader.low | 0), from);
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
          if (reader.low !== 0 && !this.pairs.repeat(from)) this.pairs.addText(this.#field.dropped_attributes_count, String(reader.low), from);
          break;
        case 69: // 8 flags
          reader.skipFixed(4, end);
          if (!this.#zeros(reader.pos - 4, reader.pos) && !this.pairs.repeat(from)) this.pairs.addText(this.#field.flags, String(reader.view.getUint32(reader.pos - 4, true)), from);
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
    if (timed && observedFrom >= 0 && this.simple && pairs.distinct) {
      reader.pos = observedFrom + 9;
      if (!pairs.repeat(observedFrom)) pairs.addText(this.#field.observed_timestamp, decimal(reader.view.getUint32(observedFrom + 5, true), reader.view.getUint32(observedFrom + 1, true)), observedFrom);
    }
    this.simple &&= pairs.distinct;
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
    if (wanted && to > valueFrom && !this.pairs.repeat(from)) this.pairs.add(name, valueFrom, to, from);
  }

  #id(name: number, from: number, to: number): void {
    const { reader, pairs } = this;
    const idFrom = reader.pos;
    reader.pos = to;
    if (this.#zeros(idFrom, to) || pairs.repeat(from)) return;
    if (to - idFrom > MAX_ID_BYTES) this.simple = false;
    else pairs.addId(name, idFrom, to, from);
  }

  #attribute(from: number, end: number): void {
    const { reader } = this;
    const start = reader.pos;
    reader.pos = end;
    if (this.pairs.repeat(from)) return;
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
        if (to === end && to > valueFrom) this.pairs.add(name, valueFrom, to, from);
        break;
      }
      case 16: // 2 bool_value
        reader.varint(end);
        if (reader.pos === end) this.pairs.addText(name, (reader.low | reader.high) !== 0 ? 'true' : 'false', from);
        break;
      case 24: // 3 int_value
        reader.varint(end);
        if (reader.pos === end) this.pairs.addText(name, signed(reader.high, reader.low), from);
        break;
      case 33: // 4 double_value
        reader.skipFixed(8, end);
        if (reader.pos === end) this.pairs.addText(name, String(reader.view.getFloat64(end - 8, true)), from);
        break;
      default:
        this.simple = false;
    }
    if (reader.pos !== end) this.simple = false;
  }

  #zeros(from: number, to: number): boolean {
    const { bytes } = this.reader;
    for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
    return true;
  }
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
