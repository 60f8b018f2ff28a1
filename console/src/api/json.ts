/** What JSON.parse may bring. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A field of an answer; `undefined` where there is none, whatever stands in its place. */
export function field(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let at = value;
  for (const key of path) {
    if (at === null || typeof at !== 'object' || Array.isArray(at)) return undefined;
    at = (at as { readonly [key: string]: Json | undefined })[key];
  }
  return at;
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function entriesOf(value: Json | undefined): readonly (readonly [key: string, value: Json])[] {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, Json] => entry[1] !== undefined);
}

/** Text as it is, numbers and booleans as text. */
export function textOf(value: Json | undefined, otherwise = ''): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : otherwise;
}

/** A number, or one written as text, as protobuf's JSON does with 64-bit integers. */
export function numberOf(value: Json | undefined, otherwise = 0): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return otherwise;
  const number = Number(value);
  return Number.isNaN(number) ? otherwise : number;
}

/** Nanoseconds since 1970, exactly. */
export function nanosOf(value: Json | undefined): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}

/** `{ a: 'x' }` as it stands in labels; values that are not text become text. */
export function labelsOf(value: Json | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(entriesOf(value).map(([key, label]) => [key, textOf(label)]));
}
