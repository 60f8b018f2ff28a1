import { KeyValueList } from '../../model/attributes.js';
import type { AnyValue, Attributes, KeyValue } from '../../model/attributes.js';
import type { JsonObject, JsonReader } from './reader.js';
import { doubleJson, withoutDefaults } from './writer.js';

const VALUES = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'arrayValue', 'kvlistValue', 'bytesValue'] as const;

export function attributesFromJson(json: JsonReader, object: JsonObject, name: string): KeyValue[] {
  return json.list(object, name, (reader, entry) => keyValueFromJson(reader, entry, 0));
}

function keyValueFromJson(json: JsonReader, object: JsonObject, depth: number): KeyValue {
  return {
    key: json.string(object, 'key'),
    value: json.message(object, 'value', (reader, value) => anyValueFromJson(reader, value, depth)),
  };
}

/** opentelemetry.proto.common.v1.AnyValue */
export function anyValueFromJson(json: JsonReader, object: JsonObject, depth: number): AnyValue {
  switch (json.oneof(object, VALUES)) {
    case 'stringValue':
      return json.string(object, 'stringValue');
    case 'boolValue':
      return json.bool(object, 'boolValue');
    case 'intValue':
      return json.int64(object, 'intValue');
    case 'doubleValue':
      return json.double(object, 'doubleValue');
    case 'bytesValue':
      return json.bytes(object, 'bytesValue');
    case 'arrayValue':
      checkDepth(json, depth + 1);
      return json.message(object, 'arrayValue', (reader, array) =>
        reader.list(array, 'values', (inner, value) => anyValueFromJson(inner, value, depth + 1)));
    case 'kvlistValue':
      checkDepth(json, depth + 1);
      return json.message(object, 'kvlistValue', (reader, list) =>
        new KeyValueList(reader.list(list, 'values', (inner, entry) => keyValueFromJson(inner, entry, depth + 1))));
    case null:
      return null;
  }
}

function checkDepth(json: JsonReader, depth: number): void {
  if (depth > json.maxDepth) json.fail(`value nested deeper than ${json.maxDepth}`);
}

export function attributesToJson(attributes: Attributes): object[] {
  return attributes.map(({ key, value }) => ({ key, ...(value === null ? {} : { value: anyValueToJson(value) }) }));
}

export function anyValueToJson(value: AnyValue): object {
  switch (typeof value) {
    case 'string':
      return { stringValue: value };
    case 'boolean':
      return { boolValue: value };
    case 'bigint':
      return { intValue: String(value) };
    case 'number':
      return { doubleValue: doubleJson(value) };
  }
  if (value === null) return {};
  if (value instanceof Uint8Array) {
    return { bytesValue: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  }
  if (value instanceof KeyValueList) return { kvlistValue: withoutDefaults({ values: attributesToJson(value.entries) }) };
  return { arrayValue: withoutDefaults({ values: value.map(anyValueToJson) }) };
}
