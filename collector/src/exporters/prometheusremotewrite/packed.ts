/** Varints one behind the other, as a packed repeated field holds them; whole numbers from 0 to 2^53. */
export function packedVarints(values: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  for (const value of values) {
    let rest = value;
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) + 0x80);
      rest = Math.floor(rest / 0x80);
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** Whole numbers of either sign as those from 0 on: 0, -1, 1, -2, 2… (protobuf's sint64). */
export function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}
