import { crc32 } from 'node:zlib';
import type { Block} from './block.js';
import { BlockDamaged } from './block.js';
import type { BlockIndex } from './block-index.js';
import type { TenantPart } from './block-layout.js';

const WINDOW_BYTES = 1 << 20;

/** Chunks of a tenant of a block, read from the first to the last. */
export class ChunkWindow {
  private bytes: Uint8Array = new Uint8Array(0);
  private from = 0;

  constructor(private readonly block: Block, private readonly part: TenantPart, private readonly index: BlockIndex) {}

  /** A chunk's bytes, valid until the next call. @throws BlockDamaged */
  async chunk(chunk: number): Promise<Uint8Array> {
    const { chunkAt, chunkCrc } = this.index.columns;
    const at = chunkAt[chunk];
    const to = chunkAt[chunk + 1];
    if (at < this.from || to > this.from + this.bytes.length) {
      this.bytes = await this.block.chunks(this.part, at, Math.min(this.part.chunksBytes, Math.max(to, at + WINDOW_BYTES)));
      this.from = at;
    }
    const bytes = this.bytes.subarray(at - this.from, to - this.from);
    if (crc32(bytes) !== chunkCrc[chunk]) throw new BlockDamaged(this.block.path, `wrong checksum of chunk ${chunk} of tenant ${this.part.tenant}`);
    return bytes;
  }
}
