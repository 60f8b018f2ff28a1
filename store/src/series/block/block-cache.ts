import { pathsOf, type StoredFile } from '../../files/stored-file.js';
import { Block, BlockDamaged } from './block.js';
import type { BlockIndex } from './block-index.js';
import type { TenantPart } from './block-layout.js';

/** A tenant's part of an open block with its index. */
export interface TenantBlockPart {
  readonly block: Block;
  readonly part: TenantPart;
  readonly index: BlockIndex;
}

interface Entry {
  readonly block: Promise<Block>;
  readonly indexes: Map<string, Promise<BlockIndex>>;
  bytes: number;
  users: number;
  gone: boolean;
}

/** Open blocks at most. */
const MAX_OPEN = 256;

/** Open blocks and the indexes that were used last, up to a number of bytes. */
export class BlockCache {
  private readonly entries = new Map<number, Entry>();
  private bytes = 0;

  constructor(private readonly dir: string, private readonly maxBytes: number) {}

  /** The tenant's part while `work` goes on; nothing is done where the block has none of it. @throws BlockDamaged */
  async use<T>(file: StoredFile, tenant: string, work: (part: TenantBlockPart) => Promise<T>): Promise<T | null> {
    const entry = this.entry(file);
    entry.users++;
    try {
      const block = await entry.block;
      const part = block.parts.get(tenant);
      if (part === undefined) return null;
      return await work({ block, part, index: await this.index(entry, block, part) });
    } catch (error) {
      if (error instanceof BlockDamaged || (error instanceof Error && 'syscall' in error)) this.evict(file.number, entry);
      throw error;
    } finally {
      entry.users--;
      if (entry.gone) closeUnused(entry);
    }
  }

  /** The file is going to be deleted. */
  forget(number: number): void {
    const entry = this.entries.get(number);
    if (entry !== undefined) this.evict(number, entry);
  }

  async close(): Promise<void> {
    const entries = [...this.entries.values()];
    this.entries.clear();
    for (const { block } of entries) await block.then((opened) => opened.close(), () => undefined);
  }

  private entry(file: StoredFile): Entry {
    let entry = this.entries.get(file.number);
    if (entry !== undefined) this.entries.delete(file.number);
    else {
      entry = { block: Block.open(pathsOf(this.dir, file).data), indexes: new Map(), bytes: 0, users: 0, gone: false };
      entry.block.catch(() => undefined);
    }
    this.entries.set(file.number, entry);
    for (const [number, oldest] of this.entries) {
      if (this.entries.size <= MAX_OPEN && this.bytes <= this.maxBytes) break;
      if (oldest === entry) break;
      this.evict(number, oldest);
    }
    return entry;
  }

  private async index(entry: Entry, block: Block, part: TenantPart): Promise<BlockIndex> {
    let index = entry.indexes.get(part.tenant);
    if (index === undefined) {
      index = block.index(part);
      index.catch(() => undefined);
      entry.indexes.set(part.tenant, index);
      entry.bytes += part.indexBytes;
      if (!entry.gone) this.bytes += part.indexBytes;
    }
    return index;
  }

  private evict(number: number, entry: Entry): void {
    if (this.entries.get(number) === entry) {
      this.entries.delete(number);
      this.bytes -= entry.bytes;
    }
    entry.gone = true;
    closeUnused(entry);
  }
}

function closeUnused(entry: Entry): void {
  if (entry.users === 0) void entry.block.then((opened) => opened.close(), () => undefined);
}
