const PRIME = 0x01000193;
const OTHER_PRIME = 0x5bd1e995;

/**
 * A hash of bytes from..to, at least four of them, a word at a time and in two chains that do not wait for each other. For tables in
 * memory only; every byte counts for every bit.
 */
export function hashOfWords(view: DataView, from: number, to: number, seed: number): number {
  let a = seed ^ (to - from);
  let b = OTHER_PRIME;
  let at = from;
  for (; at + 8 <= to; at += 8) {
    a = Math.imul(a ^ view.getInt32(at, true), PRIME);
    b = Math.imul(b ^ view.getInt32(at + 4, true), OTHER_PRIME);
  }
  if (at + 4 <= to) a = Math.imul(a ^ view.getInt32(at, true), PRIME);
  // The last word again, with the bytes that are no whole one.
  let hash = Math.imul(a ^ view.getInt32(to - 4, true), PRIME) ^ ((b << 13) | (b >>> 19));
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** Whether `length` bytes, at least four, are the same in both. */
export function sameWords(a: DataView, aFrom: number, b: DataView, bFrom: number, length: number): boolean {
  const last = length - 4;
  for (let at = 0; at < last; at += 4) if (a.getInt32(aFrom + at, true) !== b.getInt32(bFrom + at, true)) return false;
  return a.getInt32(aFrom + last, true) === b.getInt32(bFrom + last, true);
}

/** Copies bytes from..to, at least four. */
export function copyWords(target: DataView, at: number, source: DataView, from: number, to: number): void {
  const end = to - 4;
  for (let i = from; i < end; i += 4) target.setInt32(at + i - from, source.getInt32(i, true), true);
  target.setInt32(at + end - from, source.getInt32(end, true), true);
}
