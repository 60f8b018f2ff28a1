/** Numbers as Go's strconv reads them, with its error texts: what the original APIs answer to a bad parameter. */

export class NumberError extends Error {}

/** strconv.ParseInt(text, 10, bits). Throws NumberError. */
export function parseGoInt(text: string, bits: 32 | 64 = 64, name = 'ParseInt'): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new NumberError(`strconv.${name}: parsing ${goQuote(text)}: invalid syntax`);
  const limit = 1n << BigInt(bits - 1);
  if (text.length > 40) throw new NumberError(`strconv.${name}: parsing ${goQuote(text)}: value out of range`);
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (value >= limit || value < -limit) throw new NumberError(`strconv.${name}: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** strconv.ParseUint(text, 10, bits). Throws NumberError. */
export function parseGoUint(text: string, bits: 32 | 64 = 64): bigint {
  if (!/^\d+$/.test(text)) throw new NumberError(`strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax`);
  const value = text.length > 40 ? 1n << 64n : BigInt(text);
  if (value >= 1n << BigInt(bits)) throw new NumberError(`strconv.ParseUint: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** strconv.ParseFloat, decimal notation, Inf and NaN. Throws NumberError. */
export function parseGoFloat(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === 'nan') return NaN;
    return special[1] === '-' ? -Infinity : Infinity;
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw new NumberError(`strconv.ParseFloat: parsing ${goQuote(text)}: invalid syntax`);
  const value = Number(text);
  if (!Number.isFinite(value)) throw new NumberError(`strconv.ParseFloat: parsing ${goQuote(text)}: value out of range`);
  return value;
}

/** strconv.ParseBool. Throws NumberError. */
export function parseGoBool(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false;
  throw new NumberError(`strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`);
}

/** strconv.Quote for the characters that occur in parameters. */
export function goQuote(text: string): string {
  let out = '"';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (char === '\n') out += '\\n';
    else if (char === '\t') out += '\\t';
    else if (char === '\r') out += '\\r';
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else out += char;
  }
  return `${out}"`;
}
