import type { Value } from '../entry.js';
import { asNumber, textOf } from './expression-values.js';

/** Works on values that are all there; null for what does not fit. `length` is the number of its arguments. */
type ExpressionFunction = (...values: Value[]) => Value;

const ofText = (change: (text: string) => Value): ExpressionFunction => (value: Value) => (typeof value === 'string' ? change(value) : null);
const ofTexts = (change: (text: string, other: string) => Value): ExpressionFunction => (value: Value, other: Value) => (typeof value === 'string' && typeof other === 'string' ? change(value, other) : null);

/** Functions of expressions. */
export const FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = {
  len: (value: Value) => (typeof value === 'string' || Array.isArray(value) ? BigInt(value.length) : value instanceof Map ? BigInt(value.size) : null),
  lower: ofText((text) => text.toLowerCase()),
  upper: ofText((text) => text.toUpperCase()),
  trim: ofText((text) => text.trim()),
  split: ofTexts((text, separator) => text.split(separator)),
  indexOf: ofTexts((text, part) => BigInt(text.indexOf(part))),
  hasPrefix: ofTexts((text, part) => text.startsWith(part)),
  hasSuffix: ofTexts((text, part) => text.endsWith(part)),
  int: (value: Value) => {
    const number = typeof value === 'string' && /^\s*[-+]?\d{1,19}\s*$/.test(value) ? BigInt(value.trim().replace('+', '')) : value;
    return typeof number === 'bigint' ? number : typeof number === 'number' && Number.isFinite(number) ? BigInt(Math.trunc(number)) : null;
  },
  float: (value: Value) => (typeof value === 'string' ? (value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null) : asNumber(value)),
  string: (value: Value) => (value === null ? null : textOf(value)),
  env: ofText((name) => process.env[name] ?? ''),
};
