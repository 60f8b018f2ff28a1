/** Of the pieces that terms of blocks are put into, in words. A block has some ten thousand terms. */
const PIECE_WORDS = 1 << 18;
/** What is kept for later: as much as two full generations take. */
const MAX_KEPT_PIECES = 8;
const MAX_KEPT_TABLES = 4;

/**
 * Memory for the terms of rows that are not in files yet, used again. They are megabytes that live for seconds, long enough to become old
 * for V8, which would mark its whole heap every dozen seconds to be rid of them.
 */
export class TermSpace {
  private readonly pieces: Uint32Array[] = [];
  private readonly tables: Uint32Array[] = [];

  /** At least so many words, of whatever was in them. */
  takePiece(words: number): Uint32Array {
    return (words <= PIECE_WORDS ? this.pieces.pop() : undefined) ?? new Uint32Array(Math.max(PIECE_WORDS, words));
  }

  givePiece(piece: Uint32Array): void {
    if (piece.length === PIECE_WORDS && this.pieces.length < MAX_KEPT_PIECES) this.pieces.push(piece);
  }

  /** Zeros, so many or more: a power of two. */
  takeTable(words: number): Uint32Array {
    const kept = this.tables.findIndex((table) => table.length >= words);
    return kept < 0 ? new Uint32Array(words) : this.tables.splice(kept, 1)[0].fill(0);
  }

  giveTable(table: Uint32Array): void {
    if (table.length <= PIECE_WORDS && this.tables.length < MAX_KEPT_TABLES) this.tables.push(table);
  }
}
