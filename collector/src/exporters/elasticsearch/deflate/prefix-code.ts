/**
 * How many bits each symbol takes: a Huffman code of the frequencies with no code longer than `maxBits`, as canonical codes need it.
 * Symbols that do not occur take 0. There are two codes at least, since a code of one symbol is not complete.
 */
export function codeLengths(frequencies: Uint32Array, maxBits: number): Uint8Array {
  const lengths = new Uint8Array(frequencies.length);
  const symbols = byFrequency(frequencies);
  const { length } = symbols;
  const perLength = lengthsOfLeaves(symbols.map((symbol) => frequencies[symbol]), maxBits);
  // The rarest get the longest.
  for (let bits = maxBits, next = 0; bits > 0; bits--) for (let n = perLength[bits]; n > 0 && next < length; n--) lengths[symbols[next++]] = bits;
  return lengths;
}

/** Symbols that occur, the rarest first; two of them in any case. */
function byFrequency(frequencies: Uint32Array): number[] {
  const symbols: number[] = [];
  for (let symbol = 0; symbol < frequencies.length; symbol++) if (frequencies[symbol] > 0) symbols.push(symbol);
  for (let symbol = 0; symbols.length < 2; symbol++) if (frequencies[symbol] === 0) symbols.push(symbol);
  return symbols.sort((a, b) => frequencies[a] - frequencies[b] || a - b);
}

/**
 * How many leaves of Huffman's tree lie how deep. Two queues, of leaves and of nodes made of them, both ascending: the two lightest are
 * always in front.
 */
function lengthsOfLeaves(weights: readonly number[], maxBits: number): Uint32Array {
  const leaves = weights.length;
  const sums = new Float64Array(leaves - 1);
  const parents = new Int32Array(leaves * 2 - 1);
  let leaf = 0;
  let node = 0;
  const lightest = (made: number): number => (leaf < leaves && (node >= made || weights[leaf] <= sums[node]) ? leaf++ : leaves + node++);
  for (let made = 0; made < leaves - 1; made++) {
    for (let child = 0; child < 2; child++) {
      const taken = lightest(made);
      parents[taken] = leaves + made;
      sums[made] += taken < leaves ? weights[taken] : sums[taken - leaves];
    }
  }
  const depths = new Int32Array(leaves * 2 - 1);
  const counts = new Uint32Array(maxBits + 1);
  for (let i = leaves * 2 - 3; i >= 0; i--) {
    depths[i] = depths[parents[i]] + 1;
    if (i < leaves) counts[Math.min(depths[i], maxBits)]++;
  }
  return completed(counts, maxBits);
}

/**
 * Leaves that were lifted to the deepest level are too many for it (Kraft's sum is over 1): a leaf above becomes a node whose children
 * are it and one of them, until it holds.
 */
function completed(counts: Uint32Array, maxBits: number): Uint32Array {
  let places = 0;
  for (let bits = 1; bits <= maxBits; bits++) places += counts[bits] << (maxBits - bits);
  for (; places > 1 << maxBits; places--) {
    let bits = maxBits - 1;
    while (counts[bits] === 0) bits--;
    counts[bits]--;
    counts[bits + 1] += 2;
    counts[maxBits]--;
  }
  return counts;
}

/** The canonical codes of these lengths (RFC 1951, section 3.2.2), with their bits in the order in which they are written. */
export function codesOf(lengths: Uint8Array, maxBits: number): Uint16Array {
  const next = new Uint16Array(maxBits + 2);
  for (const bits of lengths) if (bits > 0) next[bits + 1]++;
  for (let bits = 1; bits <= maxBits; bits++) next[bits] = (next[bits] + next[bits - 1]) << 1;
  const codes = new Uint16Array(lengths.length);
  for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] > 0) codes[symbol] = reversed(next[lengths[symbol]]++, lengths[symbol]);
  return codes;
}

function reversed(code: number, bits: number): number {
  let out = 0;
  for (let i = 0; i < bits; i++) out |= ((code >>> i) & 1) << (bits - 1 - i);
  return out;
}
