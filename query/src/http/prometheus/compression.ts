import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { FastifyInstance } from 'fastify';

type Compress = (bytes: Buffer) => Buffer | Promise<Buffer>;

/** Below this an answer is as long compressed. Bytes. */
const WORTH_BYTES = 256;

const gzip = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gzip);
const deflate = promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.deflate);
/** Fast rather than small: answers are read once, mostly on the same machine. */
const LEVEL = { level: 1 };
/** Up to here an answer is compressed at once, which takes less than a millisecond, and less than to hand it to another thread. Bytes. */
const AT_ONCE_BYTES = 64 * 1024;
/** With 64 KiB of memory in place of 256, which would be mapped anew for each answer. */
const SMALL = { ...LEVEL, windowBits: 13, memLevel: 6 };

/** Compresses answers in the first encoding of Accept-Encoding that is known; zstd where Node's zlib has it (from 22.15 on). */
export function compressAnswers(app: FastifyInstance): void {
  const encodings = knownEncodings();
  app.addHook('onSend', async (request, reply, payload) => {
    const accepted = request.headers['accept-encoding'];
    reply.header('vary', joinVary(reply.getHeader('vary'), 'Accept-Encoding'));
    if (accepted === undefined || reply.getHeader('content-encoding') !== undefined) return payload;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.isBuffer(payload) ? payload : null;
    if (bytes === null || bytes.length < WORTH_BYTES) return payload;
    const chosen = encodingOf(accepted, encodings);
    if (chosen === null) return payload;
    reply.header('content-encoding', chosen.name).removeHeader('content-length');
    return chosen.compress(bytes);
  });
}

function knownEncodings(): ReadonlyMap<string, Compress> {
  const known = new Map<string, Compress>([
    ['gzip', (bytes) => (bytes.length <= AT_ONCE_BYTES ? zlib.gzipSync(bytes, SMALL) : gzip(bytes, LEVEL))],
    ['deflate', (bytes) => (bytes.length <= AT_ONCE_BYTES ? zlib.deflateSync(bytes, SMALL) : deflate(bytes, LEVEL))],
  ]);
  const zstd: unknown = Reflect.get(zlib, 'zstdCompress');
  if (typeof zstd === 'function') known.set('zstd', promisify(zstd as (bytes: Buffer, done: (error: Error | null, result: Buffer) => void) => void));
  return known;
}

function encodingOf(accepted: string, known: ReadonlyMap<string, Compress>): { name: string; compress: Compress } | null {
  for (const part of accepted.split(',')) {
    const [name = '', ...params] = part.split(';').map((text) => text.trim().toLowerCase());
    const compress = known.get(name);
    if (compress !== undefined && !params.some((param) => /^q=0(\.0*)?$/.test(param))) return { name, compress };
  }
  return null;
}

export function joinVary(present: number | string | readonly string[] | undefined, more: string): string {
  const values = present === undefined ? [] : String(present).split(',').map((value) => value.trim());
  return values.includes(more) ? values.join(', ') : [...values, more].join(', ');
}
