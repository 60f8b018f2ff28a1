import type { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import { BytesTable } from '@signalbox/signals/otlp/wire/bytes-table';
import { TIME_BYTES, type JsonBuffer } from '../json/json-buffer.js';
import { fieldName, stringText } from '../json/json-text.js';
import { isRouting } from '../streams/routing.js';

/** Keys of attributes are few, unless somebody puts values into them. */
const MAX_KEYS = 10_000;
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;
const COMMA = 0x2c;
const CLOSE = 0x7d;

/**
 * Writes log records in Elastic's OpenTelemetry mapping out of their protobuf, without objects in between. What is rare is left to those
 * who think about it: bodies and attributes that are not plain values, keys that stand twice, that are renamed or say where the document
 * goes, fields out of order, text that has to be escaped in other ways than ASCII's.
 */
export class WireLogs {
  private readonly keys = new BytesTable();
  /** By number of the key: `"key":`; null where the key is a rare one. */
  private fields: (Uint8Array | null)[] = [];
  /** By number of the key: the record that it was last written in. */
  private writtenIn = new Int32Array(64);
  private record = 0;

  /**
   * The record from where the reader stands up to `end`; `context` is the end of the document. False, with anything written, where the
   * record is a rare one.
   * @throws OtlpError where the bytes are malformed
   */
  write(out: JsonBuffer, reader: WireReader, end: number, receivedNs: bigint, dataStreamField: Uint8Array, context: Uint8Array): boolean {
    const { bytes, view } = reader;
    let timeAt = -1;
    let observedAt = -1;
    let hasAttributes = false;
    /** Fields met, one bit each. */
    let met = 0;
    this.record++;
    out.ascii('{"@timestamp":');
    const time = out.leave(TIME_BYTES);
    out.copy(dataStreamField);
    while (reader.pos < end) {
      const tag = reader.tag(end);
      const bit = tag < 128 ? 1 << (tag >>> 3) : 0;
      // Of a field that stands twice the last one counts.
      if ((met & bit) !== 0) return false;
      met |= bit;
      switch (tag) {
        case 9: // 1 time_unix_nano
          reader.skipFixed(8, end);
          if (!zeros(bytes, reader.pos - 8, reader.pos)) timeAt = reader.pos - 8;
          break;
        case 16: // 2 severity_number
          reader.varint(end);
          number(out, ',"severity_number":', reader.low | 0);
          break;
        case 26: // 3 severity_text
          if (!text(out, ',"severity_text":', reader, end)) return false;
          break;
        case 42: // 5 body
          if (!body(out, reader, reader.limit(end))) return false;
          break;
        case 50: // 6 attributes
          hasAttributes = true;
          if (!this.attributes(out, reader, end)) return false;
          break;
        case 56: // 7 dropped_attributes_count
          reader.varint(end);
          number(out, ',"dropped_attributes_count":', reader.low);
          break;
        case 69: // 8 flags
          reader.skipFixed(4, end);
          number(out, ',"flags":', view.getUint32(reader.pos - 4, true));
          break;
        case 74: // 9 trace_id
          if (!id(out, ',"trace_id":', reader, end, TRACE_ID_BYTES)) return false;
          break;
        case 82: // 10 span_id
          if (!id(out, ',"span_id":', reader, end, SPAN_ID_BYTES)) return false;
          break;
        case 89: // 11 observed_time_unix_nano
          reader.skipFixed(8, end);
          if (!zeros(bytes, reader.pos - 8, reader.pos)) observedAt = reader.pos - 8;
          break;
        case 98: // 12 event_name
          if (!text(out, ',"event_name":', reader, end)) return false;
          break;
        default:
          reader.skip(tag, end);
      }
    }
    if (!hasAttributes) out.ascii(',"attributes":{}');
    if (observedAt >= 0) {
      out.ascii(',"observed_timestamp":');
      out.timeOf(view.getUint32(observedAt + 4, true), view.getUint32(observedAt, true));
    }
    const at = timeAt >= 0 ? timeAt : observedAt;
    if (at >= 0) out.fillTime(time, view.getUint32(at + 4, true), view.getUint32(at, true));
    else out.fillTime(time, Number(receivedNs >> 32n), Number(receivedNs & 0xffff_ffffn));
    out.copy(context);
    return true;
  }

  /** One attribute behind the other, the first one's tag read. */
  private attributes(out: JsonBuffer, reader: WireReader, end: number): boolean {
    const { bytes } = reader;
    out.ascii(',"attributes":{');
    const first = out.length;
    for (;;) {
      const attributeEnd = reader.limit(end);
      if (!this.attribute(out, reader, attributeEnd, out.length > first)) return false;
      if (reader.pos >= end || bytes[reader.pos] !== 50) break;
      reader.pos++;
    }
    out.byte(CLOSE);
    return true;
  }

  /** A key and a value, as most write them. */
  private attribute(out: JsonBuffer, reader: WireReader, end: number, isNext: boolean): boolean {
    if (reader.pos >= end || reader.tag(end) !== 10) return false; // 1 key
    const keyEnd = reader.limit(end);
    const key = this.key(reader.bytes, reader.pos, keyEnd);
    const field = this.fields[key];
    if (field === null || this.writtenIn[key] === this.record) return false;
    reader.pos = keyEnd;
    if (reader.pos >= end || reader.tag(end) !== 18) return false; // 2 value
    const valueEnd = reader.limit(end);
    if (valueEnd !== end) return false;
    // No value at all: there is no such attribute.
    if (reader.pos === end) return true;
    this.writtenIn[key] = this.record;
    if (isNext) out.byte(COMMA);
    out.copy(field);
    return value(out, reader, end);
  }

  private key(bytes: Buffer, from: number, to: number): number {
    const known = this.keys.find(bytes, from, to, 0);
    if (known >= 0) return known;
    const key = bytes.toString('utf8', from, to);
    // Bytes that are no text are looked at where they are decoded.
    const isRare = isRouting(key) || fieldName(key) !== key || key.includes('\ufffd');
    const number = this.keys.add(bytes, from, to, 0);
    this.fields[number] = isRare ? null : Buffer.from(`${stringText(key)}:`);
    if (number >= this.writtenIn.length) {
      const longer = new Int32Array(number * 2);
      longer.set(this.writtenIn);
      this.writtenIn = longer;
    }
    return number;
  }

  /** Knows too many keys to be kept. */
  get isFull(): boolean {
    return this.keys.size > MAX_KEYS;
  }
}

/** An AnyValue of one plain field, up to `end`; false for any other. */
function value(out: JsonBuffer, reader: WireReader, end: number): boolean {
  switch (reader.tag(end)) {
    case 10: // 1 string_value
      return string(out, reader, end) && reader.pos === end;
    case 16: // 2 bool_value
      reader.varint(end);
      out.ascii((reader.low | reader.high) === 0 ? 'false' : 'true');
      return reader.pos === end;
    case 24: // 3 int_value
      reader.varint(end);
      out.integer(reader.high === 0 ? reader.low : BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low)));
      return reader.pos === end;
    case 33: // 4 double_value
      reader.skipFixed(8, end);
      out.double(reader.view.getFloat64(reader.pos - 8, true));
      return reader.pos === end;
    default:
      return false;
  }
}

/** A body of text; what has none is left out. */
function body(out: JsonBuffer, reader: WireReader, end: number): boolean {
  if (reader.pos === end) return true;
  if (reader.tag(end) !== 10) return false; // 1 string_value
  const textEnd = reader.limit(end);
  if (textEnd !== end) return false;
  if (reader.pos === textEnd) return true;
  out.ascii(',"body":{"text":');
  if (!escaped(out, reader, textEnd)) return false;
  out.byte(CLOSE);
  return true;
}

function text(out: JsonBuffer, name: string, reader: WireReader, end: number): boolean {
  const textEnd = reader.limit(end);
  if (reader.pos === textEnd) return true;
  out.ascii(name);
  return escaped(out, reader, textEnd);
}

function string(out: JsonBuffer, reader: WireReader, end: number): boolean {
  return escaped(out, reader, reader.limit(end));
}

/** The bytes up to `to` as a JSON string. */
function escaped(out: JsonBuffer, reader: WireReader, to: number): boolean {
  const { bytes, pos } = reader;
  reader.pos = to;
  if (out.plainBytes(bytes, pos, to)) return true;
  const decoded = bytes.toString('utf8', pos, to);
  // Perhaps it was no text: who decodes it says so.
  if (decoded.includes('\ufffd')) return false;
  out.raw(stringText(decoded));
  return true;
}

/** An id in hex; one of zeros is none. */
function id(out: JsonBuffer, name: string, reader: WireReader, end: number, length: number): boolean {
  const to = reader.limit(end);
  const from = reader.pos;
  if (to - from !== length) return from === to;
  reader.pos = to;
  if (zeros(reader.bytes, from, to)) return true;
  out.ascii(name);
  out.hex(reader.bytes, from, to);
  return true;
}

function number(out: JsonBuffer, name: string, count: number): void {
  if (count === 0) return;
  out.ascii(name);
  out.integer(count);
}

function zeros(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
