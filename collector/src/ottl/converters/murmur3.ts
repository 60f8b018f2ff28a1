/** MurmurHash3 with the seed 0, as its author made it public (x86, 32 bits): an unsigned number. */
export function murmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length & ~3;
  let hash = 0;
  for (let at = 0; at < whole; at += 4) hash = (Math.imul(rotate32(hash ^ mixed32(view.getInt32(at, true)), 13), 5) + 0xe6546b64) | 0;
  let tail = 0;
  for (let at = bytes.length - 1; at >= whole; at--) tail = (tail << 8) | bytes[at];
  if (whole < bytes.length) hash ^= mixed32(tail);
  hash ^= bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function mixed32(block: number): number {
  return Math.imul(rotate32(Math.imul(block, 0xcc9e2d51), 15), 0x1b873593);
}

function rotate32(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

const C1 = 0x87c37b91114253d5n;
const C2 = 0x4cf5ad432745937fn;
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate64 = (value: bigint, by: bigint): bigint => u64((value << by) | (value >> (64n - by)));
const mixed1 = (block: bigint): bigint => u64(rotate64(u64(block * C1), 31n) * C2);
const mixed2 = (block: bigint): bigint => u64(rotate64(u64(block * C2), 33n) * C1);

/** The same of 128 bits (x64): two unsigned numbers. */
export function murmur3Of128(bytes: Uint8Array): readonly [bigint, bigint] {
  const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  const whole = bytes.length & ~15;
  let [h1, h2] = [0n, 0n];
  for (let at = 0; at < whole; at += 16) {
    h1 = u64(u64(rotate64(h1 ^ mixed1(view.getBigUint64(at, true)), 27n) + h2) * 5n + 0x52dce729n);
    h2 = u64(u64(rotate64(h2 ^ mixed2(view.getBigUint64(at + 8, true)), 31n) + h1) * 5n + 0x38495ab5n);
  }
  if (whole < bytes.length) {
    h1 ^= mixed1(view.getBigUint64(whole, true));
    h2 ^= mixed2(view.getBigUint64(whole + 8, true));
  }
  const length = BigInt(bytes.length);
  h1 ^= length;
  h2 ^= length;
  h1 = u64(h1 + h2);
  h2 = u64(h2 + h1);
  h1 = finished(h1);
  h2 = finished(h2);
  h1 = u64(h1 + h2);
  return [h1, u64(h2 + h1)];
}

function finished(hash: bigint): bigint {
  let mixed = u64((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn);
  mixed = u64((mixed ^ (mixed >> 33n)) * 0xc4ceb9fe1a85ec53n);
  return mixed ^ (mixed >> 33n);
}
