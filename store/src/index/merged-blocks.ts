import { BLOCK_ROWS } from './block-terms.js';
import type { IndexReader } from './index-reader.js';
import type { BlockTargets } from './mapped-terms.js';

interface MergedBlock {
  rows: number;
  minNs: bigint;
  maxNs: bigint;
}

/** Blocks of a file that the rows of several are put into, one file behind the other. */
export class MergedBlocks {
  readonly blocks: MergedBlock[] = [];

  /** The file's blocks stay as they are, as the row groups do. Answers which ones they become. */
  append(file: Pick<IndexReader, 'starts' | 'times'>): BlockTargets {
    const targets = new Uint32Array(file.starts.length - 1);
    for (let block = 0; block < targets.length; block++) {
      targets[block] = this.blocks.length;
      this.blocks.push({ rows: file.starts[block + 1] - file.starts[block], minNs: file.times[block * 2], maxNs: file.times[block * 2 + 1] });
    }
    return { first: targets, last: targets };
  }

  /** The file's rows fill up full blocks, written anew. Answers which ones they get into. */
  spread(file: Pick<IndexReader, 'starts' | 'times'>): BlockTargets {
    const count = file.starts.length - 1;
    const first = new Uint32Array(count);
    const last = new Uint32Array(count);
    for (let block = 0; block < count; block++) {
      const [minNs, maxNs] = [file.times[block * 2], file.times[block * 2 + 1]];
      for (let left = file.starts[block + 1] - file.starts[block], begun = false; left > 0; begun = true) {
        const target = this.open(minNs, maxNs);
        const taken = Math.min(left, BLOCK_ROWS - target.rows);
        target.rows += taken;
        left -= taken;
        last[block] = this.blocks.length - 1;
        if (!begun) first[block] = last[block];
      }
    }
    return { first, last };
  }

  /** The block that the next rows go into, with their times. */
  private open(minNs: bigint, maxNs: bigint): MergedBlock {
    let block = this.blocks.at(-1);
    if (block === undefined || block.rows === BLOCK_ROWS) this.blocks.push((block = { rows: 0, minNs, maxNs }));
    if (minNs < block.minNs) block.minNs = minNs;
    if (maxNs > block.maxNs) block.maxNs = maxNs;
    return block;
  }
}
