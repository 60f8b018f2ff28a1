import type { Labels } from '../types.js';

export type Label = readonly [name: string, value: string];

const LEGACY_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/**
 * Checks the labels of a written series as Prometheus' receiver does (storage/remote/write_handler.go), with its texts. Answers
 * what is wrong, or null. `labels` is sorted.
 */
export function labelsProblem(labels: Labels, badText: boolean): string | null {
  let hasName = false;
  let valid = !badText;
  for (const [name, value] of labels) {
    if (name === '') valid = false;
    if (name !== '__name__') continue;
    hasName = true;
    if (value === '') valid = false;
  }
  if (!hasName || !valid) return `invalid metric name or labels, got ${labelsText(labels)}`;
  for (let i = 1; i < labels.length; i++) {
    const name = labels[i]![0];
    if (name === labels[i - 1]![0]) return `invalid labels for series, labels ${labelsText(labels)}, duplicated label ${name}`;
  }
  return null;
}

/** Sorts by name if need be; equal names keep their order. */
export function sortLabels(labels: Label[]): Label[] {
  for (let i = 1; i < labels.length; i++) {
    if (labels[i]![0] < labels[i - 1]![0]) return labels.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0));
  }
  return labels;
}

/** Labels with an empty value are none. */
export function withoutEmpty(labels: Label[]): Label[] {
  return labels.some(([, value]) => value === '') ? labels.filter(([, value]) => value !== '') : labels;
}

/** As Prometheus prints labels: `{__name__="up", job="a"}`, names quoted where they are not of the old form. */
export function labelsText(labels: Labels): string {
  return `{${labels.map(([name, value]) => `${LEGACY_NAME.test(name) ? name : quoted(name)}=${quoted(value)}`).join(', ')}}`;
}

const ESCAPES: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '"': '\\"', '\\': '\\\\' };

/** A text in double quotes, as Go's strconv.Quote has it. */
function quoted(text: string): string {
  const inner = text.replace(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, (char) => {
    const known = ESCAPES[char];
    if (known !== undefined) return known;
    const code = char.codePointAt(0)!;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `"${inner}"`;
}
