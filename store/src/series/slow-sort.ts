import type { Turn } from '../duckdb/turn.js';

const RUN = 2048;
const ELEMENTS_PER_LOOK = 1024;
/** A row so many times shorter than the other is inserted, each of its elements by a search for its place. */
const FEW = 16;

/** Sorts in short steps, so that other work gets its turn between them. Stable. */
export async function sortInTurns(values: Uint32Array, compare: (a: number, b: number) => number, turn: Turn): Promise<Uint32Array> {
  let from = values;
  for (let at = 0; at < values.length; at += RUN) {
    from.subarray(at, at + RUN).sort(compare);
    if (turn.due) await turn.give();
  }
  let to: Uint32Array = new Uint32Array(values.length);
  for (let run = RUN; run < values.length; run *= 2) {
    for (let at = 0; at < values.length; at += 2 * run) {
      await mergeInTurns(from.subarray(at, at + run), from.subarray(at + run, at + 2 * run), compare, to.subarray(at, at + 2 * run), turn);
    }
    [from, to] = [to, from];
  }
  return from;
}

/** The same for what is no number; `items` stays as it is. */
export async function sortedInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number, turn: Turn): Promise<T[]> {
  if (items.length <= RUN) return [...items].sort(compare);
  if (await inOrder(items, compare, turn)) return [...items];
  const order = await sortInTurns(ascending(0, items.length), (a, b) => compare(items[a], items[b]), turn);
  const sorted: T[] = [];
  for (let i = 0; i < order.length; i++) sorted.push(items[order[i]]);
  return sorted;
}

async function inOrder<T>(items: readonly T[], compare: (a: T, b: T) => number, turn: Turn): Promise<boolean> {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1], items[i]) > 0) return false;
    if (i % ELEMENTS_PER_LOOK === 0 && turn.due) await turn.give();
  }
  return true;
}

/** `count` numbers from `first` on. */
export function ascending(first: number, count: number): Uint32Array<ArrayBuffer> {
  const numbers = new Uint32Array(count);
  for (let i = 0; i < count; i++) numbers[i] = first + i;
  return numbers;
}

/** Merges two sorted rows into `out`; of equal ones those of `a` come first. */
export async function mergeInTurns(a: Uint32Array, b: Uint32Array, compare: (a: number, b: number) => number, out: Uint32Array, turn: Turn): Promise<void> {
  if (b.length * FEW < a.length) {
    await insertInTurns(a, b, compare, out, turn);
    return;
  }
  let i = 0;
  let j = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = j >= b.length || (i < a.length && compare(a[i], b[j]) <= 0) ? a[i++] : b[j++];
    if (at % ELEMENTS_PER_LOOK === 0 && turn.due) await turn.give();
  }
}

async function insertInTurns(a: Uint32Array, b: Uint32Array, compare: (a: number, b: number) => number, out: Uint32Array, turn: Turn): Promise<void> {
  let copied = 0;
  for (let j = 0; j < b.length; j++) {
    let low = copied;
    let high = a.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(a[middle], b[j]) <= 0) low = middle + 1;
      else high = middle;
    }
    out.set(a.subarray(copied, low), copied + j);
    copied = low;
    out[copied + j] = b[j];
    if (turn.due) await turn.give();
  }
  out.set(a.subarray(copied), copied + b.length);
}
