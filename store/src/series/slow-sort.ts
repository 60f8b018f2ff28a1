import type { Turn } from '../duckdb/turn.js';

const RUN = 2048;
const ELEMENTS_PER_LOOK = 4096;

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

/** Merges two sorted rows into `out`; of equal ones those of `a` come first. */
export async function mergeInTurns(a: Uint32Array, b: Uint32Array, compare: (a: number, b: number) => number, out: Uint32Array, turn: Turn): Promise<void> {
  let i = 0;
  let j = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = j >= b.length || (i < a.length && compare(a[i], b[j]) <= 0) ? a[i++] : b[j++];
    if (at % ELEMENTS_PER_LOOK === 0 && turn.due) await turn.give();
  }
}
