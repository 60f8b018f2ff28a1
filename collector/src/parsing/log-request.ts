import { Buffer } from 'node:buffer';
import type { Resource } from '@signalbox/signals/model/resource';
import { writeAnyValue, writeAttributes } from '@signalbox/signals/otlp/protobuf/attributes';
import { writeResource } from '@signalbox/signals/otlp/protobuf/resource';
import { Writer } from '@signalbox/signals/otlp/protobuf/writer';
import { toAnyValue, toAttributes, type Entry } from './entry.js';

/**
 * An ExportLogsServiceRequest that grows record by record, in one buffer that is used again:
 *
 *     [group: ResourceLogs { resource, ScopeLogs { record, record … } }] [group …] [open group: record, record …
 *
 * The header of a group has its length in it, so it is put in front of its records when the group is closed.
 * Callers that write records themselves take `reserve`, write at `pos` and count `items`.
 */
export class LogRequest {
  bytes: Buffer;
  view: DataView;
  pos = 0;
  items = 0;
  #groupStart = 0;
  #resource: Uint8Array = NOTHING;

  constructor(initialBytes = 1 << 20) {
    this.bytes = Buffer.allocUnsafeSlow(initialBytes);
    this.view = viewOf(this.bytes);
  }

  reset(): void {
    this.pos = 0;
    this.items = 0;
    this.#groupStart = 0;
  }

  /** Records from here on have this resource (see `encodeResource`). */
  useResource(resource: Uint8Array): void {
    if (resource === this.#resource || Buffer.compare(resource, this.#resource) === 0) return;
    this.#closeGroup();
    this.#resource = resource;
  }

  /** The request so far; valid until the next `reset`. */
  finish(): Buffer {
    this.#closeGroup();
    return this.bytes.subarray(0, this.pos);
  }

  reserve(size: number): void {
    if (this.pos + size <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.pos + size));
    this.bytes.copy(grown, 0, 0, this.pos);
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  /** @param extra attributes that every record of the source has, encoded (`encodeAttributes`) */
  entry(entry: Entry, observedNs: bigint, extra: Uint8Array): void {
    const writer = new Writer(1024);
    writer.fixed64(89, observedNs);
    writer.id(82, entry.spanId);
    writer.id(74, entry.traceId);
    writeAttributes(writer, 50, toAttributes(entry.attributes));
    if (entry.body !== null) writeAnyValue(writer, 42, toAnyValue(entry.body));
    writer.string(26, entry.severityText);
    writer.int32(16, entry.severityNumber);
    writer.fixed64(9, BigInt.asUintN(64, entry.timeNs));
    const record = writer.finish();
    const size = record.length + extra.length;
    this.reserve(size + 6);
    this.pos = putVarint(this.bytes, this.pos, 18);
    this.pos = putVarint(this.bytes, this.pos, size);
    this.bytes.set(record, this.pos);
    this.bytes.set(extra, this.pos + record.length);
    this.pos += size;
    this.items++;
  }

  #closeGroup(): void {
    const records = this.pos - this.#groupStart;
    if (records > 0) {
      const inner = this.#resource.length + 1 + varintSize(records) + records;
      const header = 1 + varintSize(inner) + inner - records;
      this.reserve(header);
      this.bytes.copyWithin(this.#groupStart + header, this.#groupStart, this.pos);
      let at = putVarint(this.bytes, this.#groupStart, 10);
      at = putVarint(this.bytes, at, inner);
      this.bytes.set(this.#resource, at);
      at = putVarint(this.bytes, at + this.#resource.length, 18);
      putVarint(this.bytes, at, records);
      this.pos += header;
    }
    this.#groupStart = this.pos;
  }
}

const NOTHING = new Uint8Array(0);

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The field `resource` of a ResourceLogs. */
export function encodeResource(resource: Resource): Uint8Array {
  const writer = new Writer(256);
  writeResource(writer, 10, resource);
  return writer.finish().slice();
}

/** Fields `attributes` of a LogRecord. */
export function encodeAttributes(attributes: Parameters<typeof writeAttributes>[2]): Uint8Array {
  const writer = new Writer(256);
  writeAttributes(writer, 50, attributes);
  return writer.finish().slice();
}

export function varintSize(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Writes up to 32 bits and answers the place behind. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}
