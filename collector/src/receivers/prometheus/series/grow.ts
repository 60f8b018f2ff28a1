/** The array, or a longer one with the same content where it is shorter than `size`. */
export function grown<T extends Int32Array | Uint8Array | Float64Array>(array: T, size: number): T {
  if (size <= array.length) return array;
  const longer = new (array.constructor as new (length: number) => T)(Math.max(size, (array.length * 3) >> 1));
  longer.set(array);
  return longer;
}
