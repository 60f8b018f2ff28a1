/** Room for an entry in an array of numbers: the array itself, or one twice as long with what was in it. */
export function withRoom<T extends Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>>(array: T, entry: number): T {
  if (entry < array.length) return array;
  const grown = new (array.constructor as new (length: number) => T)(Math.max(entry + 1, 2 * array.length));
  grown.set(array);
  return grown;
}
