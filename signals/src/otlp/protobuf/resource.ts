import type { KeyValue } from '../../model/attributes.js';
import type { Resource, Scope } from '../../model/resource.js';
import { readKeyValue, writeAttributes } from './attributes.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

/** opentelemetry.proto.resource.v1.Resource; `before` is what an earlier part of the same message held. */
export function readResource(reader: Reader, end: number, before: Resource | null): Resource {
  const attributes = before === null ? [] : (before.attributes as KeyValue[]);
  let droppedAttributesCount = before === null ? 0 : before.droppedAttributesCount;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 16: // 2 dropped_attributes_count
        droppedAttributesCount = reader.uint32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { attributes, droppedAttributesCount };
}

export function writeResource(writer: Writer, tag: number, resource: Resource | null): void {
  if (resource === null) return;
  const end = writer.mark();
  writer.uint32(16, resource.droppedAttributesCount);
  writeAttributes(writer, 10, resource.attributes);
  writer.message(tag, end);
}

/** opentelemetry.proto.common.v1.InstrumentationScope; `before` as for a resource. */
export function readScope(reader: Reader, end: number, before: Scope | null): Scope {
  let name = before === null ? '' : before.name;
  let version = before === null ? '' : before.version;
  const attributes = before === null ? [] : (before.attributes as KeyValue[]);
  let droppedAttributesCount = before === null ? 0 : before.droppedAttributesCount;
  while (reader.pos < end) {
    const tag = reader.tag(end);
    switch (tag) {
      case 10: // 1 name
        name = reader.string(end);
        break;
      case 18: // 2 version
        version = reader.string(end);
        break;
      case 26: // 3 attributes
        attributes.push(readKeyValue(reader, reader.limit(end)));
        break;
      case 32: // 4 dropped_attributes_count
        droppedAttributesCount = reader.uint32(end);
        break;
      default:
        reader.skip(tag, end);
    }
  }
  return { name, version, attributes, droppedAttributesCount };
}

export function writeScope(writer: Writer, tag: number, scope: Scope | null): void {
  if (scope === null) return;
  const end = writer.mark();
  writer.uint32(32, scope.droppedAttributesCount);
  writeAttributes(writer, 26, scope.attributes);
  writer.string(18, scope.version);
  writer.string(10, scope.name);
  writer.message(tag, end);
}
