import type { AnyValue, Attributes } from '@signalbox/signals/model/attributes';
import { valueToJson } from '@signalbox/signals/model/attribute-text';

/** Unix nanoseconds as a date with all of its digits, in UTC. */
export function timeText(timeNs: bigint): string {
  if (timeNs === 0n) return '-';
  const seconds = timeNs / 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return `${timeNs}ns`;
  return `${date.toISOString().slice(0, -5)}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** `key=value` with values in JSON, so that control characters do not reach the terminal. */
export function attributesText(attributes: Attributes): string {
  return attributes.map(({ key, value }) => `${printable(key)}=${printable(valueToJson(value))}`).join(' ');
}

export function valueText(value: AnyValue): string {
  return printable(typeof value === 'string' ? value : valueToJson(value));
}

/** Control characters as escapes: what is printed came from outside. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
