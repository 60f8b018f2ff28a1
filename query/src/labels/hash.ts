import type { Labels } from '@signalbox/signals/prometheus/types';

/** Prometheus' hash of a label set: XXH64 over names and values with their lengths in front (limit_ratio chooses by it). */
export function labelsHash(labels: Labels): bigint {
  const parts: Buffer[] = [];
  for (const pair of labels) {
    for (const text of pair) {
      const bytes = Buffer.from(text);
      const { length } = bytes;
      parts.push(length < 255 ? Buffer.from([length]) : Buffer.from([255, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff]), bytes);
    }
  }
  return xxh64(Buffer.concat(parts));
}

const MASK = (1n << 64n) - 1n;
const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

function rotated(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}

function round(lane: bigint, input: bigint): bigint {
  return (rotated((lane + input * P2) & MASK, 31n) * P1) & MASK;
}

/** XXH64 with seed 0. */
function xxh64(bytes: Buffer): bigint {
  let at = 0;
  let hash: bigint;
  if (bytes.length >= 32) {
    const lanes = [(P1 + P2) & MASK, P2, 0n, -P1 & MASK];
    for (; at + 32 <= bytes.length; at += 32) for (const i of lanes.keys()) lanes[i] = round(lanes[i] ?? 0n, bytes.readBigUInt64LE(at + i * 8));
    const [a = 0n, b = 0n, c = 0n, d = 0n] = lanes;
    hash = (rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n)) & MASK;
    for (const lane of lanes) hash = ((hash ^ round(0n, lane)) * P1 + P4) & MASK;
  } else {
    hash = P5;
  }
  hash = (hash + BigInt(bytes.length)) & MASK;
  for (; at + 8 <= bytes.length; at += 8) hash = (rotated(hash ^ round(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4) & MASK;
  for (; at + 4 <= bytes.length; at += 4) hash = (rotated(hash ^ ((BigInt(bytes.readUInt32LE(at)) * P1) & MASK), 23n) * P2 + P3) & MASK;
  for (; at < bytes.length; at++) hash = (rotated(hash ^ ((BigInt(bytes[at] ?? 0) * P5) & MASK), 11n) * P1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * P2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * P3) & MASK;
  return hash ^ (hash >> 32n);
}
