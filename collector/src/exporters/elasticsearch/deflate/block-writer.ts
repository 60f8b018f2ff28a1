import { BlockCode } from './block-code.js';
import { DISTANCE_BASES, DISTANCE_EXTRA_BITS, DISTANCE_SYMBOLS, distanceSymbol, END_OF_BLOCK, LENGTH_SYMBOL_OF, LITERAL_SYMBOLS, MAX_LENGTH, MIN_LENGTH } from './symbols.js';

/** So many literal runs and repeats make a block, which has a code of its own. */
const MAX_TOKENS = 1 << 16;
/** The description of a code takes no more, nor what fills the last byte; and words are written whole. */
const HEAD_BYTES = 330;
/** Bits that a literal takes at most (BlockCode), and a repeat. */
const MAX_LITERAL_BITS = 12;
const MAX_REPEAT_BITS = 12 + 5 + 12 + 13;
/** So many are counted for the code: those behind them are like them. */
const COUNTED_TOKENS = 1 << 13;

/**
 * Gathers literal runs and repeats until they make a block, then writes them in a code that suits them (RFC 1951, section 3.2.7). Bits
 * that do not fill a byte wait for the next block.
 */
export class BlockWriter {
  /** For each token: where its bytes begin and how many they are, or its distance below zero and its length. */
  private readonly tokens = new Int32Array(MAX_TOKENS * 2);
  private count = 0;
  private literalBytes = 0;
  private readonly literalCounts = new Uint32Array(LITERAL_SYMBOLS);
  private readonly distanceCounts = new Uint32Array(DISTANCE_SYMBOLS);
  private bytes: Uint8Array = new Uint8Array();
  private out: Buffer = Buffer.alloc(0);
  private length = 0;
  /** Fewer than eight bits that are not written yet. */
  private hold = 0;
  private held = 0;

  /** Begins with what takes the bytes of `text` from then on, behind what stands in `out` already. */
  begin(text: Uint8Array, out: Buffer, length: number): void {
    this.bytes = text;
    this.out = out;
    this.length = length;
    this.hold = this.held = 0;
    this.clear();
  }

  literals(from: number, to: number): void {
    if (to <= from) return;
    if (this.count < COUNTED_TOKENS) {
      const { bytes, literalCounts } = this;
      for (let i = from; i < to; i++) literalCounts[bytes[i]]++;
    }
    this.literalBytes += to - from;
    this.add(from, to - from);
  }

  /** @param length MIN_LENGTH or more */
  repeat(length: number, distance: number): void {
    const symbol = distanceSymbol(distance);
    for (let left = length; left > 0; ) {
      // What is left must not be shorter than a repeat can be.
      const some = left <= MAX_LENGTH ? left : Math.min(MAX_LENGTH, left - MIN_LENGTH);
      if (this.count < COUNTED_TOKENS) {
        this.literalCounts[LENGTH_SYMBOL_OF[some]]++;
        this.distanceCounts[symbol]++;
      }
      this.add(-distance, some);
      left -= some;
    }
  }

  /** Writes what is left as the last block. */
  end(): { readonly out: Buffer; readonly length: number } {
    this.write(true);
    if (this.held > 0) this.out[this.length++] = this.hold;
    const { out, length } = this;
    this.bytes = new Uint8Array();
    this.out = Buffer.alloc(0);
    return { out, length };
  }

  private add(first: number, second: number): void {
    const at = this.count * 2;
    this.tokens[at] = first;
    this.tokens[at + 1] = second;
    if (++this.count === MAX_TOKENS) this.write(false);
  }

  private write(isLast: boolean): void {
    this.literalCounts[END_OF_BLOCK] = 1;
    const code = new BlockCode(this.literalCounts, this.distanceCounts);
    this.reserve(HEAD_BYTES + Math.ceil((this.literalBytes * MAX_LITERAL_BITS + this.count * MAX_REPEAT_BITS) / 8));
    this.put(isLast ? 1 : 0, 1);
    this.put(2, 2); // a code of its own
    code.describe((value, bits) => this.put(value, bits));
    this.writeTokens(code);
    const end = code.literals[END_OF_BLOCK];
    this.put(end >>> 4, end & 0xf);
    this.clear();
  }

  private clear(): void {
    this.count = this.literalBytes = 0;
    this.literalCounts.fill(0);
    this.distanceCounts.fill(0);
  }

  /** Without branches on how many bits wait: words are written whole, and what they hold of whole bytes is counted. */
  private writeTokens({ literals, lengths, distances }: BlockCode): void {
    const { tokens, count, bytes, out } = this;
    const view = new DataView(out.buffer, out.byteOffset, out.length);
    let { length, hold, held } = this;
    for (let token = 0; token < count * 2; token += 2) {
      const first = tokens[token];
      const second = tokens[token + 1];
      if (first >= 0) {
        const end = first + second;
        let i = first;
        // Two literals have 24 bits at most.
        for (; i + 1 < end; i += 2) {
          const one = literals[bytes[i]];
          const two = literals[bytes[i + 1]];
          hold |= (one >>> 4) << held;
          held += one & 0xf;
          hold |= (two >>> 4) << held;
          held += two & 0xf;
          view.setInt32(length, hold, true);
          length += held >>> 3;
          hold >>>= held & 0x38;
          held &= 7;
        }
        if (i < end) {
          const code = literals[bytes[i]];
          hold |= (code >>> 4) << held;
          held += code & 0xf;
        }
      } else {
        const code = lengths[second];
        hold |= (code >>> 5) << held;
        held += code & 0x1f;
        view.setInt32(length, hold, true);
        length += held >>> 3;
        hold >>>= held & 0x38;
        held &= 7;
        const symbol = distanceSymbol(-first);
        const far = distances[symbol];
        hold |= ((far >>> 4) | ((-first - DISTANCE_BASES[symbol]) << (far & 0xf))) << held;
        held += (far & 0xf) + DISTANCE_EXTRA_BITS[symbol];
      }
      view.setInt32(length, hold, true);
      length += held >>> 3;
      hold = held < 32 ? hold >>> (held & 0x38) : 0;
      held &= 7;
    }
    this.length = length;
    this.hold = hold;
    this.held = held;
  }

  /** Up to 16 bits, for which there is room. */
  private put(value: number, bits: number): void {
    this.hold |= value << this.held;
    this.held += bits;
    for (; this.held >= 8; this.held -= 8) {
      this.out[this.length++] = this.hold;
      this.hold >>>= 8;
    }
  }

  private reserve(more: number): void {
    if (this.length + more <= this.out.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.out.length * 2, this.length + more));
    larger.set(this.out.subarray(0, this.length));
    this.out = larger;
  }
}
