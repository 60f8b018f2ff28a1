import { TermSort } from './sort-terms.js';
import { TermSpace } from './term-space.js';

/** Rows of a block: the unit that the index points to, and the row group of the files. */
export const BLOCK_ROWS = 4096;

/** One block of rows: which terms are in it and which times. */
export interface Block {
  /** Sorted, without duplicates. */
  readonly terms: Uint32Array;
  readonly rows: number;
  readonly minNs: bigint;
  readonly maxNs: bigint;
}

const FIRST_SLOTS = 1 << 13;

/** Collects the terms of rows that come one by one; a block is closed when it is full. */
export class BlockTerms {
  readonly closed: Block[] = [];
  private readonly sort = new TermSort();
  private slots: Uint32Array;
  /** Where the terms of closed blocks lie. */
  private readonly pieces: Uint32Array[] = [];
  private pieceUsed = 0;
  private used = 0;
  private rows = 0;
  private minHigh = 0xffffffff;
  private minLow = 0xffffffff;
  private maxHigh = 0;
  private maxLow = 0;

  constructor(private readonly space = new TermSpace()) {
    this.slots = space.takeTable(FIRST_SLOTS);
  }

  /** Number of the block that rows go to now. */
  get current(): number {
    return this.closed.length;
  }

  /** Estimated bytes held. */
  get bytes(): number {
    return this.slots.byteLength + this.closed.reduce((sum, block) => sum + block.terms.byteLength, 0);
  }

  /** True when the term is new in the current block. */
  add(term: number): boolean {
    const value = term === 0 ? 1 : term;
    const slots = this.slots;
    const mask = slots.length - 1;
    let at = value & mask;
    for (;;) {
      const there = slots[at];
      if (there === value) return false;
      if (there === 0) break;
      at = (at + 1) & mask;
    }
    slots[at] = value;
    if (++this.used * 2 > slots.length) this.grow();
    return true;
  }

  /** Ends a row whose time in nanoseconds is given as two words. */
  endRow(timeHigh: number, timeLow: number): void {
    if (timeHigh < this.minHigh || (timeHigh === this.minHigh && timeLow < this.minLow)) {
      this.minHigh = timeHigh;
      this.minLow = timeLow;
    }
    if (timeHigh > this.maxHigh || (timeHigh === this.maxHigh && timeLow > this.maxLow)) {
      this.maxHigh = timeHigh;
      this.maxLow = timeLow;
    }
    if (++this.rows === BLOCK_ROWS) this.close();
  }

  /** All blocks, the last one with what it has so far. */
  finish(): readonly Block[] {
    if (this.rows > 0) this.close();
    return this.closed;
  }

  /** Gives the memory back; nobody uses the terms any more. */
  release(): void {
    this.closed.length = 0;
    for (const piece of this.pieces.splice(0)) this.space.givePiece(piece);
    this.space.giveTable(this.slots);
    this.slots = new Uint32Array(0);
  }

  private close(): void {
    const { slots } = this;
    const terms = this.sort.take(slots, this.used, this.place(this.used));
    this.closed.push({ terms, rows: this.rows, minNs: words(this.minHigh, this.minLow), maxNs: words(this.maxHigh, this.maxLow) });
    slots.fill(0);
    this.used = 0;
    this.rows = 0;
    this.minHigh = this.minLow = 0xffffffff;
    this.maxHigh = this.maxLow = 0;
  }

  private place(words: number): Uint32Array {
    let piece = this.pieces.at(-1);
    if (piece === undefined || this.pieceUsed + words > piece.length) {
      piece = this.space.takePiece(words);
      this.pieces.push(piece);
      this.pieceUsed = 0;
    }
    this.pieceUsed += words;
    return piece.subarray(this.pieceUsed - words, this.pieceUsed);
  }

  private grow(): void {
    const old = this.slots;
    this.slots = this.space.takeTable(old.length * 2);
    const mask = this.slots.length - 1;
    for (let i = 0; i < old.length; i++) {
      const value = old[i]!;
      if (value === 0) continue;
      let at = value & mask;
      while (this.slots[at] !== 0) at = (at + 1) & mask;
      this.slots[at] = value;
    }
    this.space.giveTable(old);
  }
}

function words(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low);
}
