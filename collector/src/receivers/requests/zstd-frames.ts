import { malformed, tooLarge } from './refusal.js';

const MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const BLOCK_HEADER_BYTES = 3;
const CHECKSUM_BYTES = 4;
const RLE = 1;
const RESERVED = 3;
/** What every decoder should take (RFC 8878, 3.1.1.1.2). */
const USUAL_WINDOW_BYTES = 8 * 2 ** 20;

export interface ZstdFrame {
  readonly bytes: Buffer;
  /** What it says it decompresses to; null where it does not say. */
  readonly length: number | null;
}

/**
 * The frames of a zstd stream (RFC 8878, 3.1), skippable ones left out. Node.js decompresses the first frame alone, and takes what is
 * cut off for the end: here each is walked to its last block.
 * @throws Refusal `malformed` for what is cut off or something else; `too_large` where more memory is asked for than `limit`
 */
export function zstdFrames(body: Buffer, limit: number): readonly ZstdFrame[] {
  const frames: ZstdFrame[] = [];
  let at = 0;
  while (at < body.length) {
    const magic = uint(body, at, 4);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      at = within(body, at + 8 + uint(body, at + 4, 4));
      continue;
    }
    if (magic !== MAGIC) throw malformed(`cannot be decompressed: no zstd frame at byte ${at}`);
    const start = at;
    const { end, length } = frameAt(body, start, limit);
    frames.push({ bytes: body.subarray(start, end), length });
    at = end;
  }
  if (body.length === 0) throw malformed('a zstd of 0 bytes is cut off');
  return frames;
}

function frameAt(body: Buffer, start: number, limit: number): { readonly end: number; readonly length: number | null } {
  let at = start + 4;
  const descriptor = uint(body, at++, 1);
  const singleSegment = (descriptor & 0x20) !== 0;
  if (!singleSegment) checkWindow(uint(body, at++, 1), limit);
  at += DICTIONARY_ID_BYTES[(descriptor & 3) as 0 | 1 | 2 | 3];
  const lengthFlag = descriptor >>> 6;
  const lengthBytes = lengthFlag === 0 ? (singleSegment ? 1 : 0) : 2 ** lengthFlag;
  const length = lengthBytes === 0 ? null : uint(body, at, lengthBytes) + (lengthBytes === 2 ? 256 : 0);
  at += lengthBytes;
  for (let last = false; !last; ) {
    const header = uint(body, at, BLOCK_HEADER_BYTES);
    const type = (header >>> 1) & 3;
    if (type === RESERVED) throw malformed(`cannot be decompressed: a block of an unknown type at byte ${at}`);
    at = within(body, at + BLOCK_HEADER_BYTES + (type === RLE ? 1 : header >>> 3));
    last = (header & 1) !== 0;
  }
  return { end: within(body, at + ((descriptor & 4) !== 0 ? CHECKSUM_BYTES : 0)), length };
}

/** The decoder takes memory for the window, whatever comes after it. */
function checkWindow(descriptor: number, limit: number): void {
  const base = 2 ** (10 + (descriptor >>> 3));
  const window = base + (base / 8) * (descriptor & 7);
  if (window > Math.max(limit, USUAL_WINDOW_BYTES)) throw tooLarge(`a zstd window of ${window} bytes is larger than the limit of ${Math.max(limit, USUAL_WINDOW_BYTES)}`);
}

function uint(body: Buffer, at: number, bytes: number): number {
  within(body, at + bytes);
  return bytes <= 6 ? body.readUIntLE(at, bytes) : Number(body.readBigUInt64LE(at));
}

function within(body: Buffer, end: number): number {
  if (end > body.length) throw malformed(`the zstd is cut off: ${body.length} bytes arrived, at least ${end} belong to it`);
  return end;
}
