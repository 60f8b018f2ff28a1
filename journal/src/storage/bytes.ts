/** Numbers up to 2^53 as 64 bits, little-endian, without bigint: positions and counts are written on the hot path. */
export function writeU64(buffer: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  buffer.writeUInt32LE(value - high * 0x1_0000_0000, offset);
  buffer.writeUInt32LE(high, offset + 4);
}

/** Reads what writeU64 wrote. A damaged value may be beyond 2^53: the checksum tells, not this. */
export function readU64(buffer: Buffer, offset: number): number {
  return buffer.readUInt32LE(offset) + buffer.readUInt32LE(offset + 4) * 0x1_0000_0000;
}

/** The next multiple of `unit`. */
export function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
