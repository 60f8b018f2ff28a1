import * as fs from 'node:fs/promises';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { systemCode } from '../errors.js';
import { writeFully } from '../storage/disk.js';
import type { Disk } from '../storage/disk.js';

const SLICE_BYTES = 1 << 20;
/** What writes past the page cache begin and end at; disks with greater blocks answer EINVAL. */
const BLOCK_BYTES = 4096;
/** A sync now and then keeps the backlog of dirty pages small, which other syncs would wait behind. */
const SLICES_PER_SYNC = 8;
const WASM_PAGE_BYTES = 64 << 10;

interface Zeros {
  readonly bytes: Uint8Array;
  /** Its address is a multiple of BLOCK_BYTES. */
  readonly aligned: boolean;
}

/**
 * Fills files with zeros. The zeros go past the page cache where the system can do that: nobody reads them, and copying them into it
 * takes a quarter of the CPU time that receiving takes, for pages that push others out.
 */
export class ZeroFill {
  #zeros: Zeros | null = null;

  constructor(private readonly disk: Disk) {}

  /** From the end of the file up to `fileBytes`; durable when it settles, unless it was stopped between two slices. */
  async fill(path: string, handle: FileHandle, fileBytes: number, stop: AbortSignal): Promise<void> {
    let { size } = await handle.stat();
    this.#zeros ??= makeZeros();
    const { bytes, aligned } = this.#zeros;
    let direct = aligned && size < fileBytes ? await openDirect(path) : null;
    try {
      for (let slices = 1; size < fileBytes && !stop.aborted; slices++) {
        const rest = Math.min(SLICE_BYTES, fileBytes - size);
        // Parts of blocks, at the begin or end, go through the page cache.
        const past = direct !== null && size % BLOCK_BYTES === 0 && rest >= BLOCK_BYTES;
        const length = past ? rest - (rest % BLOCK_BYTES) : direct !== null ? Math.min(rest, BLOCK_BYTES - (size % BLOCK_BYTES)) : rest;
        try {
          await writeFully(this.disk, past ? direct!.fd : handle.fd, [bytes.subarray(0, length)], size);
          size += length;
        } catch (error) {
          if (!past || systemCode(error) !== 'EINVAL') throw error;
          await direct!.close();
          direct = null;
        }
        if (direct === null && slices % SLICES_PER_SYNC === 0) await this.disk.datasync(handle.fd);
      }
    } finally {
      await direct?.close();
    }
    if (!stop.aborted) await this.disk.datasync(handle.fd);
  }
}

/** Null where the file system takes no writes past the page cache. */
async function openDirect(path: string): Promise<FileHandle | null> {
  // Not on every system there is such a flag.
  const flag = (constants as Partial<typeof constants>).O_DIRECT;
  if (flag === undefined) return null;
  try {
    return await fs.open(path, constants.O_WRONLY | flag);
  } catch {
    return null;
  }
}

/** What there is of WebAssembly's interface in every version of Node; its types come with those of browsers only. */
interface WithWebAssembly {
  readonly WebAssembly?: { readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => { readonly buffer: ArrayBuffer } };
}

/** WebAssembly's memory begins at a page; memory of Node's own begins anywhere. */
function makeZeros(): Zeros {
  const { WebAssembly } = globalThis as WithWebAssembly;
  const pages = SLICE_BYTES / WASM_PAGE_BYTES;
  try {
    if (WebAssembly !== undefined) return { bytes: new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer), aligned: true };
  } catch {
    // A limit on address space: it takes room for guards around it.
  }
  return { bytes: new Uint8Array(SLICE_BYTES), aligned: false };
}
