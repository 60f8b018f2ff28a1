import type { WireReader } from '@signalbox/signals/otlp/protobuf/wire';
import type { JsonBuffer } from '../json/json-buffer.js';
import { stringText } from '../json/json-text.js';
import type { Phrase } from '../json/phrase.js';

const QUOTE = 0x22;

/** An AnyValue of one plain field, up to `end`; false for any other. */
export function value(out: JsonBuffer, reader: WireReader, end: number): boolean {
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

function string(out: JsonBuffer, reader: WireReader, end: number): boolean {
  return escaped(out, reader, reader.limit(end));
}

/** The bytes up to `to` as a JSON string. */
export function escaped(out: JsonBuffer, reader: WireReader, to: number): boolean {
  const { bytes, view, pos } = reader;
  reader.pos = to;
  out.byte(QUOTE);
  if (out.plainBytes(bytes, view, pos, to)) {
    out.byte(QUOTE);
    return true;
  }
  out.back();
  return decoded(out, bytes, pos, to, 0);
}

/** Bytes as a JSON string without so many of its first characters. False where they perhaps are no text: who decodes them says so. */
export function decoded(out: JsonBuffer, bytes: Buffer, from: number, to: number, without: number): boolean {
  const text = bytes.toString('utf8', from, to);
  if (text.includes('\ufffd')) return false;
  out.raw(stringText(text).slice(without));
  return true;
}

/** An id in hex; one of zeros is none. Each has a closing quote of its own, since what follows is the same behind it. */
export function id(out: JsonBuffer, name: Phrase, quote: Phrase, reader: WireReader, end: number, length: number): boolean {
  const to = reader.limit(end);
  const from = reader.pos;
  if (to - from !== length) return from === to;
  reader.pos = to;
  if (zeros(reader.bytes, from, to)) return true;
  out.phrase(name);
  out.hex(reader.bytes, from, to);
  out.phrase(quote);
  return true;
}

export function number(out: JsonBuffer, name: string, count: number): void {
  if (count === 0) return;
  out.ascii(name);
  out.integer(count);
}

export function zeros(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}
