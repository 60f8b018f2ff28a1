import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { BlockIndex } from './block-index.js';
import { HEAD_BYTES, headProblem, readTail, TAIL_BYTES, type TenantPart } from './block-layout.js';

/** A block or a part of it cannot be used. */
export class BlockDamaged extends Error {
  constructor(readonly path: string, what: string) {
    super(`block ${path} is damaged: ${what}`);
    this.name = 'BlockDamaged';
  }
}

/** An open block. */
export class Block {
  private constructor(readonly path: string, private readonly file: FileHandle, readonly parts: ReadonlyMap<string, TenantPart>) {}

  /** @throws BlockDamaged */
  static async open(path: string): Promise<Block> {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const problem = headProblem(await readAt(file, path, 0, Math.min(size, HEAD_BYTES)));
      if (problem !== null) throw new BlockDamaged(path, problem);
      const tail = readTail(await readAt(file, path, Math.max(0, size - TAIL_BYTES), Math.min(size, TAIL_BYTES)));
      if (tail === null || tail.bytes > size - TAIL_BYTES - HEAD_BYTES) throw new BlockDamaged(path, 'it is cut off');
      const contents = await readAt(file, path, size - TAIL_BYTES - tail.bytes, tail.bytes);
      if (crc32(contents) !== tail.crc) throw new BlockDamaged(path, 'wrong checksum of its table of contents');
      const parts = JSON.parse(contents.toString()) as TenantPart[];
      return new Block(path, file, new Map(parts.map((part) => [part.tenant, part])));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @throws BlockDamaged */
  async index(part: TenantPart): Promise<BlockIndex> {
    const bytes = await readAt(this.file, this.path, part.indexAt, part.indexBytes);
    if (crc32(bytes) !== part.indexCrc) throw new BlockDamaged(this.path, `wrong checksum of the index of tenant ${part.tenant}`);
    const index = BlockIndex.decode(bytes);
    if (index === null) throw new BlockDamaged(this.path, `the index of tenant ${part.tenant} cannot be read`);
    return index;
  }

  /** Bytes of a tenant's chunks; from and to as the index has them. @throws BlockDamaged */
  chunks(part: TenantPart, from: number, to: number): Promise<Buffer> {
    return readAt(this.file, this.path, part.chunksAt + from, to - from);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** A buffer of its own, so that it begins at a multiple of eight. */
async function readAt(file: FileHandle, path: string, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(length));
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new BlockDamaged(path, 'it is cut off');
    done += bytesRead;
  }
  return bytes;
}
