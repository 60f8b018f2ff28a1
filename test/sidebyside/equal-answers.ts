import assert from 'node:assert/strict';
import type { ApiAnswer } from './sides.js';

/** Relative difference up to which two numbers are the same. */
const TOLERANCE = 1e-6;

interface Element {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly histogram?: readonly [number, NativeJson];
  readonly values?: readonly (readonly [number, string])[];
  readonly histograms?: readonly (readonly [number, NativeJson])[];
}

interface NativeJson {
  readonly count: string;
  readonly sum: string;
  readonly buckets?: readonly (readonly [number, string, string, string])[];
}

/** Null where the answers are equal, otherwise where they differ first; notes with the places that they name in the query. */
export function difference(expected: ApiAnswer, actual: ApiAnswer, ordered: boolean): string | null {
  if (expected.status !== actual.status) return `status ${expected.status} (${expected.error ?? ''}) / ${actual.status} (${actual.error ?? ''})`;
  if (expected.status === 'error') {
    const alike = expected.errorType === actual.errorType && withoutSeries(expected.error) === withoutSeries(actual.error);
    return alike ? null : `error ${expected.errorType}: ${expected.error} / ${actual.errorType}: ${actual.error}`;
  }
  for (const kind of ['warnings', 'infos'] as const) {
    const [a, b] = [sorted(expected[kind]), sorted(actual[kind])];
    if (a !== b) return `${kind} ${a} / ${b}`;
  }
  const [a, b] = [expected.data, actual.data] as { resultType: string; result: unknown }[];
  if (a?.resultType !== b?.resultType) return `type ${a?.resultType} / ${b?.resultType}`;
  if (a?.resultType === 'scalar' || a?.resultType === 'string') {
    const [x, y] = [a.result, b?.result] as [number, string][];
    return x?.[0] === y?.[0] && same(x?.[1], y?.[1]) ? null : `${JSON.stringify(x)} / ${JSON.stringify(y)}`;
  }
  return elements(a?.result as Element[], b?.result as Element[], ordered);
}

/** Which of the series that clash are named, and which clash is met first, depends on the order of storage. */
function withoutSeries(error = ''): string {
  if (error.startsWith('multiple matches for labels:') || error.startsWith('found duplicate series')) return 'series clash';
  return error;
}

function elements(expected: readonly Element[], actual: readonly Element[], ordered: boolean): string | null {
  const key = ({ metric }: Element): string => JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
  const [a, b] = [[...expected], [...actual]].map((list) => (ordered ? list : list.sort((x, y) => (key(x) < key(y) ? -1 : key(x) > key(y) ? 1 : 0))));
  assert.ok(a !== undefined && b !== undefined);
  const [keysA, keysB] = [a.map(key), b.map(key)];
  if (keysA.join() !== keysB.join()) {
    const missing = keysA.filter((one) => !keysB.includes(one));
    const more = keysB.filter((one) => !keysA.includes(one));
    return missing.length + more.length === 0 ? `order ${keysA.join(' ')} / ${keysB.join(' ')}` : `missing ${missing.slice(0, 3).join(' ')} (${missing.length}); more ${more.slice(0, 3).join(' ')} (${more.length})`;
  }
  for (let i = 0; i < a.length; i++) {
    const found = points(a[i] as Element, b[i] as Element);
    if (found !== null) return `${keysA[i]}: ${found}`;
  }
  return null;
}

function points(expected: Element, actual: Element): string | null {
  const floats = (element: Element) => element.values ?? (element.value === undefined ? [] : [element.value]);
  const natives = (element: Element) => element.histograms ?? (element.histogram === undefined ? [] : [element.histogram]);
  const [a, b] = [floats(expected), floats(actual)];
  if (a.length !== b.length) return `${a.length} / ${b.length} floats`;
  for (const [i, [time, value]] of a.entries()) {
    const [otherTime, other] = b[i] ?? [NaN, ''];
    if (time !== otherTime || !same(value, other)) return `[${time}, ${value}] / [${otherTime}, ${other}]`;
  }
  const [h, g] = [natives(expected), natives(actual)];
  if (h.length !== g.length) return `${h.length} / ${g.length} histograms`;
  for (const [i, [time, value]] of h.entries()) {
    const [otherTime, other] = g[i] ?? [NaN, { count: '', sum: '' }];
    if (time !== otherTime || !sameHistogram(value, other)) return `[${time}, ${JSON.stringify(value)}] / [${otherTime}, ${JSON.stringify(other)}]`;
  }
  return null;
}

function sameHistogram(a: NativeJson, b: NativeJson): boolean {
  const [x, y] = [a.buckets ?? [], b.buckets ?? []];
  return same(a.count, b.count) && same(a.sum, b.sum) && x.length === y.length
    && x.every((bucket, i) => bucket[0] === y[i]?.[0] && [1, 2, 3].every((at) => same(bucket[at] as string, y[i]?.[at] as string)));
}

/** As Prometheus' own test scripts compare: equal, both NaN, or close in proportion. */
function same(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  const [x, y] = [number(a), number(b)];
  if (x === y || (Number.isNaN(x) && Number.isNaN(y) && a === b)) return true;
  if (x === 0 || y === 0) return Math.abs(x - y) < 1e-12;
  return Math.abs(x - y) / (Math.abs(x) + Math.abs(y)) < TOLERANCE;
}

function number(text = 'x'): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}

/** The count of samples in one note is doubled by Prometheus at each step of a range, so it is left out. */
function sorted(notes: readonly string[] = []): string {
  return [...notes].map((note) => note.replace(/over \d+ samples/, 'over some samples')).sort().join(' | ');
}
