import { crc32 } from 'node:zlib';
import { Scratch } from '../../scratch.js';
import { BlockWriter } from './block-writer.js';
import type { Repeats } from './repeats.js';
import { MAX_DISTANCE } from './symbols.js';

/** A member of gzip (RFC 1952): DEFLATE, no flags, no time, no system named. */
const HEAD = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);
const TAIL_BYTES = 8;
/** What is shorter costs as much as its literals. */
const WORTH_BYTES = 4;
/** Room for what a text mostly takes, compressed, and for a block at its worst; more is made where it is needed. */
const USUAL_RATIO = 3;
const SPARE_BYTES = 4096;

/**
 * Compresses with gzip what its writer knows the repeats of: nothing is searched for. That makes it several times as fast as zlib at its
 * fastest.
 */
export class RepeatsGzip {
  private readonly blocks = new BlockWriter();
  private readonly scratch = new Scratch();

  /** The bytes from `from` to `to`; `repeats` are about the whole of `text`. The result is the caller's to keep, or to give back. */
  compress(text: Buffer, from: number, to: number, repeats: Repeats): Buffer {
    const { blocks } = this;
    const out = this.scratch.take(Math.ceil((to - from) / USUAL_RATIO) + SPARE_BYTES);
    out.set(HEAD);
    blocks.begin(text, out, HEAD.length);
    let written = from;
    for (let n = repeats.firstBehind(from), { count } = repeats; n < count; n++) {
      const at = repeats.at(n);
      if (at >= to) break;
      const distance = at - repeats.source(n);
      const start = Math.max(at, from);
      const end = Math.min(at + repeats.length(n), to);
      if (end - start < WORTH_BYTES || start - distance < from || distance > MAX_DISTANCE) continue;
      blocks.literals(written, start);
      blocks.repeat(end - start, distance);
      written = end;
    }
    blocks.literals(written, to);
    const { out: deflated, length } = blocks.end();
    let whole = deflated;
    if (length + TAIL_BYTES > deflated.length) {
      // Never of Node's pool, which others have pieces of.
      whole = Buffer.allocUnsafeSlow(length + TAIL_BYTES);
      whole.set(deflated.subarray(0, length));
    }
    whole.writeUInt32LE(crc32(text.subarray(from, to)), length);
    whole.writeUInt32LE((to - from) >>> 0, length + 4);
    return whole.subarray(0, length + TAIL_BYTES);
  }

  /** Takes back the memory of a result that nobody reads any more. */
  giveBack(compressed: Buffer): void {
    this.scratch.give(Buffer.from(compressed.buffer));
  }
}
