import { Buffer } from 'node:buffer';
import { malformed } from '../requests/refusal.js';

/** The length that a block says it has when decompressed. @throws Refusal `malformed` */
export function snappyLength(block: Uint8Array): number {
  return preamble(block).length;
}

/**
 * Decompresses snappy's block format (google/snappy, format_description.txt). The block's own length is what is allotted, so it
 * has to be looked at before.
 * @throws Refusal `malformed`
 */
export function unsnappy(block: Uint8Array): Buffer {
  const { length, next } = preamble(block);
  const out = Buffer.allocUnsafe(length);
  const end = block.length;
  let at = next;
  let to = 0;
  while (at < end) {
    const tag = block[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let size = (tag >>> 2) + 1;
      if (size > 60) {
        const bytes = size - 60;
        if (at + bytes > end) throw corrupt();
        size = little(block, at, bytes) + 1;
        at += bytes;
      }
      if (at + size > end || to + size > length) throw corrupt();
      if (size <= 16) for (let i = 0; i < size; i++) out[to + i] = block[at + i]!;
      else out.set(block.subarray(at, at + size), to);
      at += size;
      to += size;
      continue;
    }
    let size = (tag >>> 2) + 1;
    let offset: number;
    const bytes = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    if (at + bytes > end) throw corrupt();
    if (kind === 1) {
      size = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | block[at]!;
    } else offset = little(block, at, bytes);
    at += bytes;
    if (offset === 0 || offset > to || to + size > length) throw corrupt();
    // Source and target may overlap: a run repeats itself then.
    for (let i = 0; i < size; i++, to++) out[to] = out[to - offset]!;
  }
  if (to !== length) throw corrupt();
  return out;
}

function preamble(block: Uint8Array): { readonly length: number; readonly next: number } {
  let length = 0;
  for (let i = 0; i < 5 && i < block.length; i++) {
    const byte = block[i]!;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) {
      // Three bytes stand for at most 64.
      if (length >= 2 ** 32 || length > block.length * 64) throw corrupt();
      return { length, next: i + 1 };
    }
  }
  throw corrupt();
}

function little(block: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let i = 0; i < bytes; i++) value += block[at + i]! * 2 ** (8 * i);
  return value;
}

/** In the words of the library that Prometheus uses. */
function corrupt(): Error {
  return malformed('s2: corrupt input');
}
