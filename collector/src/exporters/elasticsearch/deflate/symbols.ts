/**
 * The alphabets of DEFLATE (RFC 1951, section 3.2.5): 0 to 255 are literal bytes, 256 ends a block, from 257 on symbols stand for lengths
 * of repeats; distances have an alphabet of their own. A symbol names a range, and extra bits behind it the place in that range.
 */
export const END_OF_BLOCK = 256;
export const LITERAL_SYMBOLS = 286;
export const DISTANCE_SYMBOLS = 30;
export const MIN_LENGTH = 3;
export const MAX_LENGTH = 258;
export const MAX_DISTANCE = 32_768;
export const FIRST_LENGTH_SYMBOL = 257;

export const LENGTH_EXTRA_BITS = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0);
export const DISTANCE_EXTRA_BITS = Uint8Array.of(0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13);

/** The smallest length of each symbol from 257 on. The last symbol is the longest length alone, which the one before it could say too. */
const LENGTH_BASES = basesOf(LENGTH_EXTRA_BITS, MIN_LENGTH);
LENGTH_BASES[LENGTH_BASES.length - 1] = MAX_LENGTH;
export const DISTANCE_BASES = basesOf(DISTANCE_EXTRA_BITS, 1);

/** By length: its symbol. */
export const LENGTH_SYMBOL_OF = new Uint16Array(MAX_LENGTH + 1);
/** By length: what its extra bits say. */
export const LENGTH_REST_OF = new Uint8Array(MAX_LENGTH + 1);
for (let i = 0; i < LENGTH_BASES.length; i++) {
  for (let length = LENGTH_BASES[i]; length <= MAX_LENGTH && length < LENGTH_BASES[i] + (1 << LENGTH_EXTRA_BITS[i]); length++) {
    LENGTH_SYMBOL_OF[length] = FIRST_LENGTH_SYMBOL + i;
    LENGTH_REST_OF[length] = length - LENGTH_BASES[i];
  }
}

/** Symbols of distances up to 256, and behind them those of larger ones by their distance - 1 divided by 128: as ranges are cut there. */
const DISTANCE_SYMBOL_OF = new Uint8Array(512);
for (let symbol = 0; symbol < DISTANCE_SYMBOLS; symbol++) {
  const first = DISTANCE_BASES[symbol] - 1;
  const last = first + (1 << DISTANCE_EXTRA_BITS[symbol]) - 1;
  if (last < 256) DISTANCE_SYMBOL_OF.fill(symbol, first, last + 1);
  else DISTANCE_SYMBOL_OF.fill(symbol, 256 + (first >>> 7), 256 + (last >>> 7) + 1);
}

/** @param distance 1 to MAX_DISTANCE */
export function distanceSymbol(distance: number): number {
  const place = distance - 1;
  return place < 256 ? DISTANCE_SYMBOL_OF[place] : DISTANCE_SYMBOL_OF[256 + (place >>> 7)];
}

function basesOf(extraBits: Uint8Array, first: number): Uint16Array {
  const bases = new Uint16Array(extraBits.length);
  let base = first;
  for (let i = 0; i < extraBits.length; i++) {
    bases[i] = base;
    base += 1 << extraBits[i];
  }
  return bases;
}
