import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

/** The OTLP messages by protobufjs, which the own codec is held against. */

export type MessageName = 'TracesData' | 'LogsData' | 'MetricsData';

const root = protobuf.loadSync(fileURLToPath(new URL('otlp.proto', import.meta.url)));

/** Decodes to OTLP/JSON: protobuf's JSON mapping, with ids in hex. */
export function oracleDecode(name: MessageName, bytes: Uint8Array): unknown {
  const type = root.lookupType(`otlp.${name}`);
  return mapIds(type.toObject(type.decode(bytes), { longs: String, bytes: String, json: true }), 'base64', 'hex');
}

/** Encodes from OTLP/JSON. */
export function oracleEncode(name: MessageName, json: unknown): Uint8Array {
  const type = root.lookupType(`otlp.${name}`);
  return type.encode(type.fromObject(mapIds(json, 'hex', 'base64') as object)).finish();
}

const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);

function mapIds(value: unknown, from: BufferEncoding, to: BufferEncoding): unknown {
  if (Array.isArray(value)) return value.map((item) => mapIds(item, from, to));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) =>
    [key, IDS.has(key) && typeof item === 'string' ? Buffer.from(item, from).toString(to) : mapIds(item, from, to)]));
}

/** A number from 0 to n - 1. */
export type Random = (n: number) => number;

/** Numbers that only depend on the seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * n);
  };
}

/**
 * A random message as no usual encoder writes it: fields in any order, singular ones repeated, messages in parts, lists
 * packed and not, varints longer than needed, unknown fields and groups between.
 */
export function randomWire(name: MessageName, random: Random): Buffer {
  return message(root.lookupType(`otlp.${name}`), random, 0);
}

const LENGTH_DELIMITED = 2;
const WIRE_TYPES: Readonly<Record<string, number>> = {
  uint32: 0, int32: 0, sint32: 0, int64: 0, uint64: 0, bool: 0, fixed64: 1, sfixed64: 1, double: 1, string: 2, bytes: 2, fixed32: 5,
};

function message(type: protobuf.Type, random: Random, depth: number): Buffer {
  const chunks: Buffer[] = [];
  const chosen = new Map(type.oneofsArray.map((oneof) => [oneof, oneof.fieldsArray[random(oneof.fieldsArray.length)]]));
  for (const field of type.fieldsArray) {
    field.resolve();
    if (field.partOf && chosen.get(field.partOf) !== field) continue;
    const nested = field.resolvedType instanceof protobuf.Type;
    const most = nested && depth > 7 ? 0 : depth < 3 ? 3 : 2;
    const times = field.repeated ? random(most + 1) : random(4) === 0 ? 0 : Math.min(most, 1 + (random(6) === 0 ? 1 : 0));
    if (nested) {
      for (let i = 0; i < times; i++) chunks.push(delimited(field.id, message(field.resolvedType as protobuf.Type, random, depth + 1), random));
      continue;
    }
    const kind = field.resolvedType instanceof protobuf.Enum ? 'int32' : field.type;
    const wireType = WIRE_TYPES[kind];
    const values = Array.from({ length: times }, () => scalar(kind, field.name, random));
    if (field.repeated && wireType !== LENGTH_DELIMITED && random(2) === 0) chunks.push(delimited(field.id, Buffer.concat(values), random));
    else chunks.push(...values.map((value) => Buffer.concat([varint(BigInt(field.id * 8 + wireType), random), value])));
  }
  for (let i = random(8); i >= 6; i--) chunks.push(unknownField(random, 0));
  for (let i = chunks.length - 1; i > 0; i--) {
    const j = random(i + 1);
    [chunks[i], chunks[j]] = [chunks[j], chunks[i]];
  }
  return Buffer.concat(chunks);
}

function delimited(field: number, content: Buffer, random: Random): Buffer {
  return Buffer.concat([varint(BigInt(field * 8 + LENGTH_DELIMITED), random), varint(BigInt(content.length), random), content]);
}

function varint(value: bigint, random: Random): Buffer {
  const bytes: number[] = [];
  for (let rest = value; bytes.length === 0 || rest > 0n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  if (random(20) === 0 && bytes.length < 4) bytes.push(0x80);
  bytes[bytes.length - 1] &= 0x7f;
  return Buffer.from(bytes);
}

const TEXTS = ['', 'a', 'service.name', 'shop', 'http.route', '/api/users/:id', 'ключ', '🚀 launch', 'x'.repeat(130), `long ${'é'.repeat(70)}`];

function scalar(kind: string, name: string, random: Random): Buffer {
  const bits = (): bigint => (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  switch (kind) {
    case 'string': {
      const text = Buffer.from(random(3) === 0 ? `text ${random(1e9)}` : TEXTS[random(TEXTS.length)]);
      return Buffer.concat([varint(BigInt(text.length), random), text]);
    }
    case 'bytes': {
      const size = name === 'traceId' ? 16 : name.endsWith('panId') ? 8 : random(20);
      return Buffer.concat([varint(BigInt(size), random), Buffer.from(Array.from({ length: size }, () => 1 + random(255)))]);
    }
    case 'bool':
      return varint(BigInt(random(2)), random);
    case 'uint32':
      return varint(BigInt(random(random(2) === 0 ? 10 : 2 ** 32)), random);
    case 'int32':
      return varint(random(5) === 0 ? BigInt.asUintN(64, BigInt(-1 - random(100))) : BigInt(random(7)), random);
    case 'sint32':
      return varint(BigInt(random(random(2) === 0 ? 50 : 2 ** 32)), random);
    case 'int64':
    case 'uint64':
      return varint(random(2) === 0 ? BigInt(random(300)) : bits(), random);
    case 'fixed32': {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(random(2 ** 32));
      return bytes;
    }
    default: {
      const bytes = Buffer.alloc(8);
      if (kind === 'double') bytes.writeDoubleLE([0, -0, 1.5, -1e300, Infinity, NaN, random(1000) / 7][random(7)]);
      else bytes.writeBigUInt64LE(random(3) === 0 ? BigInt(random(10)) : bits());
      return bytes;
    }
  }
}

function unknownField(random: Random, depth: number): Buffer {
  const field = 100 + random(100);
  const tag = (wireType: number): Buffer => varint(BigInt(field * 8 + wireType), random);
  switch (random(depth < 3 ? 5 : 4)) {
    case 0:
      return Buffer.concat([tag(0), varint(BigInt(random(2 ** 32)), random)]);
    case 1:
      return Buffer.concat([tag(1), Buffer.alloc(8, 0xff)]);
    case 2:
      return Buffer.concat([tag(2), Buffer.of(3, 0xff, 0xfe, 0xfd)]);
    case 3:
      return Buffer.concat([tag(5), Buffer.alloc(4, 0xff)]);
    default:
      return Buffer.concat([tag(3), ...Array.from({ length: random(3) }, () => unknownField(random, depth + 1)), tag(4)]);
  }
}
