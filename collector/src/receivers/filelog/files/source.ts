import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { Mark } from './checkpoints.js';

/** Bytes of a file at a place: plain, or as they are when unpacked. */
export interface Source {
  /** Fewer bytes than asked for mean the end for now. */
  read(into: Buffer, length: number, position: number): Promise<number>;
  close(): Promise<void>;
}

export async function openPlain(path: string): Promise<Source & { readonly handle: FileHandle }> {
  const handle = await open(path, 'r');
  return {
    handle,
    async read(into, length, position) {
      let total = 0;
      while (total < length) {
        const { bytesRead } = await handle.read(into, total, length - total, position + total);
        if (bytesRead === 0) break;
        total += bytesRead;
      }
      return total;
    },
    close: () => handle.close(),
  };
}

/** A gzip file is read forward once; a place before the one reached begins at its start again. */
export class GzipSource implements Source {
  readonly #path: string;
  #stream: AsyncIterator<Buffer> | null = null;
  #destroy: () => void = () => undefined;
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  async read(into: Buffer, length: number, position: number): Promise<number> {
    if (this.#stream === null || position < this.#position) this.#begin();
    let filled = 0;
    while (filled < length) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#stream!.next();
        if (done) break;
        this.#rest = value;
      }
      const skip = Math.min(position - this.#position, this.#rest.length);
      if (skip > 0) {
        this.#rest = this.#rest.subarray(skip);
        this.#position += skip;
        continue;
      }
      const taken = this.#rest.copy(into, filled, 0, Math.min(length - filled, this.#rest.length));
      this.#rest = this.#rest.subarray(taken);
      this.#position += taken;
      position += taken;
      filled += taken;
    }
    return filled;
  }

  async close(): Promise<void> {
    this.#destroy();
    this.#stream = null;
  }

  #begin(): void {
    this.#destroy();
    const file = createReadStream(this.#path);
    const gunzip = createGunzip();
    file.on('error', (error) => gunzip.destroy(error));
    gunzip.on('error', () => undefined);
    this.#destroy = () => {
      file.destroy();
      gunzip.destroy();
    };
    this.#stream = file.pipe(gunzip)[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#position = 0;
    this.#rest = Buffer.alloc(0);
  }
}

/** The mark of the bytes from `start` to `end`, or null where the source has not that many. */
async function readMark(source: Source, start: number, end: number): Promise<Mark | null> {
  const bytes = Buffer.allocUnsafe(end - start);
  return (await source.read(bytes, bytes.length, start)) === bytes.length ? markOf(bytes, start) : null;
}

export function markOf(bytes: Uint8Array, start: number): Mark {
  return { start, end: start + bytes.length, hash: createHash('sha256').update(bytes).digest('hex') };
}

export async function hasMark(source: Source, mark: Mark | null): Promise<boolean> {
  return mark === null || (await readMark(source, mark.start, mark.end))?.hash === mark.hash;
}
