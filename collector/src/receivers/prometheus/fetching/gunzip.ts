import { createGunzip, gunzipSync } from 'node:zlib';
import type { Answer } from './answer.js';

/** What is decompressed at once, without a stream: less than a millisecond's work, and less than most targets expose. */
const MAX_AT_ONCE_BYTES = 64 << 10;
const MAX_AT_ONCE_DECOMPRESSED_BYTES = 1 << 20;
const MIN_CHUNK_BYTES = 1 << 10;

/** Decompresses a body into an answer. @throws Error of zlib, or as the answer does beyond a limit */
export async function gunzip(compressed: Buffer, into: Answer): Promise<void> {
  const small = atOnce(compressed);
  if (small !== null) return into.body(small, 0, small.length);
  const stream = createGunzip();
  try {
    stream.end(compressed);
    for await (const chunk of stream as AsyncIterable<Buffer>) into.body(chunk, 0, chunk.length);
  } finally {
    stream.destroy();
  }
}

/** Null where it is too much. */
function atOnce(compressed: Buffer): Buffer | null {
  if (compressed.length > MAX_AT_ONCE_BYTES) return null;
  // The last four bytes say the length, as a rule: then one buffer of it is enough.
  const said = compressed.length < 4 ? 0 : compressed.readUInt32LE(compressed.length - 4);
  if (said > MAX_AT_ONCE_DECOMPRESSED_BYTES) return null;
  try {
    return gunzipSync(compressed, { chunkSize: Math.max(MIN_CHUNK_BYTES, said + 1), maxOutputLength: MAX_AT_ONCE_DECOMPRESSED_BYTES });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
