import { KeyValueList } from '../../model/attributes.js';
import type { AnyValue, Attributes, KeyValue } from '../../model/attributes.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** An AnyValue while fields may still be added to it: a message that is sent in parts is merged. */
type GrowingValue = AnyValue | AnyValue[];

/** opentelemetry.proto.common.v1.KeyValue */
export function readKeyValue(reader: Reader, end: number, depth = 0): KeyValue {
  let key = '';
  let value: AnyValue = null;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 key
        key = reader.string(end);
        break;
      case 18: // 2 value
        value = readAnyValue(reader, reader.limit(end), depth, value);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { key, value };
}

/**
 * opentelemetry.proto.common.v1.AnyValue. Of several values in the oneof the last one stands, where arrays and lists
 * sent in parts are joined, as protobuf merges messages.
 */
export function readAnyValue(reader: Reader, end: number, depth = 0, before: AnyValue = null): AnyValue {
  let value: GrowingValue = before;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 string_value
        value = reader.string(end);
        break;
      case 16: // 2 bool_value
        value = reader.bool(end);
        break;
      case 24: // 3 int_value
        value = reader.int64(end);
        break;
      case 33: // 4 double_value
        value = reader.double(end);
        break;
      case 42: { // 5 array_value
        const list: AnyValue[] = Array.isArray(value) ? value : [];
        readArray(reader, reader.limit(end), depth + 1, list);
        value = list;
        break;
      }
      case 50: { // 6 kvlist_value
        const entries: KeyValue[] = value instanceof KeyValueList ? (value.entries as KeyValue[]) : [];
        readEntries(reader, reader.limit(end), depth + 1, entries);
        if (!(value instanceof KeyValueList)) value = new KeyValueList(entries);
        break;
      }
      case 58: // 7 bytes_value
        value = reader.blob(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return value;
}

function readArray(reader: Reader, end: number, depth: number, list: AnyValue[]): void {
  checkDepth(reader, depth);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) list.push(readAnyValue(reader, reader.limit(end), depth));
    else reader.skip(tag, end);
  }
}

function readEntries(reader: Reader, end: number, depth: number, entries: KeyValue[]): void {
  checkDepth(reader, depth);
  while (reader.pos < end) {
    const tag = reader.tag(end);
    if (tag === 10) entries.push(readKeyValue(reader, reader.limit(end), depth));
    else reader.skip(tag, end);
  }
}

function checkDepth(reader: Reader, depth: number): void {
  if (depth > reader.maxDepth) reader.fail(`value nested deeper than ${reader.maxDepth}`);
}

/** Writes attributes as repeated KeyValue under `tag`. */
export function writeAttributes(writer: Writer, tag: number, attributes: Attributes): void {
  for (let i = attributes.length - 1; i >= 0; i--) {
    const end = writer.mark();
    const { key, value } = attributes[i];
    if (value !== null) writeAnyValue(writer, 18, value);
    writer.string(10, key);
    writer.message(tag, end);
  }
}

/** Writes an AnyValue as a field under `tag`; null is an empty message. */
export function writeAnyValue(writer: Writer, tag: number, value: AnyValue): void {
  const end = writer.mark();
  if (typeof value === 'string') writer.setString(10, value);
  else if (typeof value === 'boolean') writer.setUint32(16, value ? 1 : 0);
  else if (typeof value === 'bigint') writer.setInt64(24, value);
  else if (typeof value === 'number') writer.setDouble(33, value);
  else if (value instanceof Uint8Array) writer.setBytes(58, value);
  else if (value instanceof KeyValueList) {
    const inner = writer.mark();
    writeAttributes(writer, 10, value.entries);
    writer.message(50, inner);
  } else if (value !== null) {
    const inner = writer.mark();
    for (let i = value.length - 1; i >= 0; i--) writeAnyValue(writer, 10, value[i]);
    writer.message(42, inner);
  }
  writer.message(tag, end);
}
