import * as zlib from 'node:zlib';
import { gunzip, gunzipSync, inflate, type ZlibOptions } from 'node:zlib';
import type { Hold } from './hold.js';
import { malformed, tooLarge, type Refusal } from './refusal.js';
import { zstdFrames } from './zstd-frames.js';

export type Compression = 'gzip' | 'deflate' | 'zstd';

// From Node.js 22.15 on.
const zstdDecompress = (zlib as { readonly zstdDecompress?: Unzip }).zstdDecompress;
/** What Node.js here can decompress. */
export const COMPRESSIONS: readonly Compression[] = ['gzip', ...(zstdDecompress ? ['zstd' as const] : []), 'deflate'];
/** `grpc-encoding` of messages that are taken, besides identity. */
export const GRPC_ENCODINGS: readonly Compression[] = COMPRESSIONS.filter((compression) => compression !== 'deflate');

export function isGrpcEncoding(encoding: string): encoding is Compression {
  return GRPC_ENCODINGS.some((known) => known === encoding);
}

/** Below it a thread costs more than it takes over. */
const SYNC_BYTES = 16 * 1024;
/** What deflate reaches at most: 1032 to 1 (RFC 1951, runs of 258 bytes in two bits). */
const MAX_RATIO = 1032;
const MIN_GZIP_BYTES = 18;
/** Telemetry shrinks to a tenth or so. */
const USUAL_RATIO = 20;

/**
 * Decompresses within `limit` bytes; the result is taken from the budget before it is made. A gzip says at its end how long it
 * is (RFC 1952, ISIZE): memory is allotted once and by that. One of several members says it of its last member only, so when
 * there is more, it is done again within the whole limit.
 * @throws Refusal `too_large` for bombs, `malformed` for what is cut off or damaged; IntakeFull
 */
export async function decompress(compression: Compression, body: Buffer, limit: number, hold: Hold): Promise<Buffer> {
  if (compression === 'deflate') {
    const room = Math.min(limit, body.length * MAX_RATIO + 64);
    hold.take(room);
    return run(inflate, body, room, 64 * 1024, overLimit(limit));
  }
  if (compression === 'zstd') return unzstd(body, limit, hold);
  if (body.length < MIN_GZIP_BYTES) throw malformed(`a gzip of ${body.length} bytes is cut off`);
  const length = body.readUInt32LE(body.length - 4);
  if (length > body.length * MAX_RATIO) throw malformed('the gzip is cut off or damaged');
  if (length > limit) throw tooLarge(`${length} bytes when decompressed, more than the limit of ${limit}`);
  hold.take(length);
  if (length <= SYNC_BYTES) {
    const small = runSync(body, length);
    if (small) return small;
  } else {
    const whole = await run(gunzip, body, length, length + 1, null);
    if (whole) return whole;
  }
  const room = Math.min(limit, body.length * MAX_RATIO);
  hold.take(room - length);
  return run(gunzip, body, room, 64 * 1024, overLimit(limit));
}

async function unzstd(body: Buffer, limit: number, hold: Hold): Promise<Buffer> {
  if (zstdDecompress === undefined) throw new Error('zstd needs Node.js 22.15 or newer');
  const pieces: Buffer[] = [];
  let left = limit;
  for (const { bytes, length } of zstdFrames(body, limit)) {
    const piece = length === null ? await unknownLength(zstdDecompress, bytes, left, limit, hold) : await knownLength(zstdDecompress, bytes, length, left, limit, hold);
    pieces.push(piece);
    left -= piece.length;
  }
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

async function knownLength(unzip: Unzip, frame: Buffer, length: number, left: number, limit: number, hold: Hold): Promise<Buffer> {
  if (length > left) throw overLimit(limit);
  hold.take(length);
  const whole = await run(unzip, frame, length, Math.min(length + 1, 64 * 1024), malformed('the zstd is damaged: there is more in a frame than it says'));
  if (whole.length !== length) throw malformed(`the zstd is damaged: ${whole.length} of ${length} bytes are in a frame`);
  return whole;
}

/** Room is taken for what is usual first, and for all that is allowed where that is not enough. */
async function unknownLength(unzip: Unzip, frame: Buffer, left: number, limit: number, hold: Hold): Promise<Buffer> {
  const usual = Math.min(left, frame.length * USUAL_RATIO);
  hold.take(usual);
  const whole = await run(unzip, frame, usual, 64 * 1024, null);
  if (whole) return whole;
  if (usual === left) throw overLimit(limit);
  hold.take(left - usual);
  return run(unzip, frame, left, 64 * 1024, overLimit(limit));
}

type Unzip = (body: Buffer, options: ZlibOptions, done: (error: Error | null, result: Buffer) => void) => void;

/** Never a byte more in memory than `room`, which was taken: the library stops there, and then this answers `whenMore` or throws it. */
function run<M extends Refusal | null>(unzip: Unzip, body: Buffer, room: number, chunkSize: number, whenMore: M): Promise<Buffer | (M extends null ? null : never)> {
  return new Promise((resolve, reject) => {
    unzip(body, { maxOutputLength: Math.max(room, 1), chunkSize: Math.max(chunkSize, 64) }, (error, result) => {
      if (!error) resolve(result);
      else if (!isTooLarge(error)) reject(malformed(`cannot be decompressed: ${error.message}`));
      else if (whenMore) reject(whenMore);
      else resolve(null as M extends null ? null : never);
    });
  });
}

function runSync(body: Buffer, length: number): Buffer | null {
  try {
    return gunzipSync(body, { maxOutputLength: Math.max(length, 1), chunkSize: Math.max(length + 1, 64) });
  } catch (error) {
    if (error instanceof Error && isTooLarge(error)) return null;
    throw malformed(`cannot be decompressed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function overLimit(limit: number): Refusal {
  return tooLarge(`more than the limit of ${limit} bytes when decompressed`);
}

function isTooLarge(error: Error): boolean {
  return 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
