import type { Turn } from '../../duckdb/turn.js';

const PER_LOOK = 1024;
/** Of a row so many times shorter than the other, each text is searched for. */
const FEW = 16;

export function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Two rows of texts, each ascending and without repeats, as one of the same kind; `a` itself where `b` has nothing more. */
export function uniteTexts(a: readonly string[], b: readonly string[], turn: Turn): Promise<readonly string[]> {
  if (b.length === 0) return Promise.resolve(a);
  if (a.length === 0) return Promise.resolve(b);
  return b.length * FEW < a.length ? insert(a, b, turn) : merge(a, b, turn);
}

async function insert(a: readonly string[], b: readonly string[], turn: Turn): Promise<readonly string[]> {
  const out: string[] = [];
  let copied = 0;
  for (const text of b) {
    let low = copied;
    let high = a.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (a[middle] < text) low = middle + 1;
      else high = middle;
    }
    if (a[low] === text) continue;
    while (copied < low) out.push(a[copied++]);
    out.push(text);
    if (turn.due) await turn.give();
  }
  if (out.length === 0) return a;
  while (copied < a.length) out.push(a[copied++]);
  return out;
}

async function merge(a: readonly string[], b: readonly string[], turn: Turn): Promise<readonly string[]> {
  const out: string[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push(a[i++]);
      j++;
    } else out.push(a[i] < b[j] ? a[i++] : b[j++]);
    if (out.length % PER_LOOK === 0 && turn.due) await turn.give();
  }
  while (i < a.length) out.push(a[i++]);
  while (j < b.length) out.push(b[j++]);
  return out.length === a.length ? a : out;
}
