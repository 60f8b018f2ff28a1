import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { z } from 'zod';
import { snappyBlock } from '../snappy.js';

export type Compression = 'gzip' | 'zstd' | 'snappy' | 'none';

type Callback = (error: Error | null, result: Buffer) => void;

const gzip = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.gzip);
/** The fastest: telemetry repeats itself so much that higher levels make it 10 % smaller for twice the time. */
const GZIP_LEVEL = 1;
/** The most memory, 384 KiB, saves a seventh of the time. */
const MEMORY_LEVEL = 9;
/** Each piece of output is a way to the thread pool and back. */
const MIN_CHUNK_BYTES = 1024;
const MAX_CHUNK_BYTES = 1 << 20;
// From Node.js 22.15 on.
const zstdCompress = (zlib as { readonly zstdCompress?: (bytes: Uint8Array, callback: Callback) => void }).zstdCompress;

/** How requests are compressed, as a setting. */
export const compressionSchema = z
  .enum(['gzip', 'zstd', 'snappy', 'none'])
  .default('gzip')
  .refine((kind) => kind !== 'zstd' || zstdCompress !== undefined, { message: 'zstd needs Node.js 22.15 or newer: use gzip or snappy.' })
  .describe('How requests are compressed; gzip at its fastest level, zstd needs Node.js 22.15.');

/** The level is 1 to 9: from the fastest to the smallest. */
export function gzipped(bytes: Uint8Array, level = GZIP_LEVEL): Promise<Buffer> {
  return gzip(bytes, { level, memLevel: MEMORY_LEVEL, chunkSize: Math.min(Math.max(bytes.length >> 1, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES) });
}

/** The bytes, compressed; the kind's name is the Content-Encoding. */
export async function compressed(bytes: Uint8Array, kind: Exclude<Compression, 'none'>): Promise<Uint8Array> {
  switch (kind) {
    case 'gzip':
      return gzipped(bytes);
    case 'snappy':
      return snappyBlock(bytes);
    case 'zstd':
      if (zstdCompress === undefined) throw new Error('zstd needs Node.js 22.15 or newer');
      return promisify(zstdCompress)(bytes);
  }
}
