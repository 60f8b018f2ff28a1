import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import { z } from 'zod';
import { snappyBlock } from '../snappy.js';

export type Compression = 'gzip' | 'zstd' | 'snappy' | 'none';

type Callback = (error: Error | null, result: Buffer) => void;

const gzip = promisify(zlib.gzip);
// From Node.js 22.15 on.
const zstdCompress = (zlib as { readonly zstdCompress?: (bytes: Uint8Array, callback: Callback) => void }).zstdCompress;

/** How requests are compressed, as a setting. */
export const compressionSchema = z
  .enum(['gzip', 'zstd', 'snappy', 'none'])
  .default('gzip')
  .refine((kind) => kind !== 'zstd' || zstdCompress !== undefined, { message: 'zstd needs Node.js 22.15 or newer: use gzip or snappy.' })
  .describe('How requests are compressed; zstd needs Node.js 22.15.');

/** The bytes, compressed; the kind's name is the Content-Encoding. */
export async function compressed(bytes: Uint8Array, kind: Exclude<Compression, 'none'>): Promise<Uint8Array> {
  switch (kind) {
    case 'gzip':
      return gzip(bytes);
    case 'snappy':
      return snappyBlock(bytes);
    case 'zstd':
      if (zstdCompress === undefined) throw new Error('zstd needs Node.js 22.15 or newer');
      return promisify(zstdCompress)(bytes);
  }
}
