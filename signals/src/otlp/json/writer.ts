/** Leaves out what has its default, as protobuf's JSON mapping does: '', 0, false, empty lists, null and undefined. */
export function withoutDefaults(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === '' || value === false || value === null || value === undefined || Object.is(value, 0)) continue;
    if (Array.isArray(value) && value.length === 0) continue;
    object[name] = value;
  }
  return object;
}

/** A 64-bit integer: a string, so that it survives in every language. Zero is the default. */
export function integerJson(value: bigint): string | undefined {
  return value === 0n ? undefined : String(value);
}

/** A double; what JSON.stringify would lose (NaN, the infinities, the sign of -0) is a string, as the mapping allows. */
export function doubleJson(value: number): number | string {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

/** A double with presence: null is left out, zero is not. */
export function optionalDouble(name: string, value: number | null): Record<string, number | string> {
  return value === null ? {} : { [name]: doubleJson(value) };
}
