import { Buffer } from 'node:buffer';

/** Bytes that a varint of up to 32 bits takes. */
export function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

/** Writes a varint of up to 32 bits; answers where it ends. */
export function writeVarint(out: Buffer, at: number, value: number): number {
  let rest = value >>> 0;
  for (; rest > 0x7f; rest >>>= 7) out[at++] = (rest & 0x7f) | 0x80;
  out[at++] = rest;
  return at;
}

/** A field with bytes in it: tag, length, content. */
export function protobufField(tag: number, content: Uint8Array): Buffer {
  const field = Buffer.alloc(1 + varintBytes(content.length) + content.length);
  field[0] = tag;
  field.set(content, writeVarint(field, 1, content.length));
  return field;
}
