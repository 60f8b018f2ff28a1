import type { Turns } from './event-loop.js';

/** Items that are sorted at a time. */
const RUN = 512;

/** A sorted copy, stable, that lets others have their turn meanwhile. What is in order already is copied alone. */
export async function sortedInTurns<T>(items: readonly T[], compare: (a: T, b: T) => number, turns: Turns): Promise<T[]> {
  let from: T[] = [];
  if (await inOrder(items, compare, turns)) return items.slice();
  for (let start = 0; start < items.length; start += RUN) {
    for (const item of items.slice(start, start + RUN).sort(compare)) from.push(item);
    if (turns.due(RUN * 8)) await turns.turn();
  }
  for (let width = RUN; width < from.length; width *= 2) {
    const to: T[] = [];
    for (let start = 0; start < from.length; start += 2 * width) await merge(from, start, width, compare, turns, to);
    from = to;
  }
  return from;
}

async function inOrder<T>(items: readonly T[], compare: (a: T, b: T) => number, turns: Turns): Promise<boolean> {
  for (let i = 1; i < items.length; i++) {
    if (compare(items[i - 1] as T, items[i] as T) > 0) return false;
    if (turns.due()) await turns.turn();
  }
  return true;
}

/** Two neighbouring runs become one; runs that are in order already are taken over as they are. */
async function merge<T>(from: readonly T[], start: number, width: number, compare: (a: T, b: T) => number, turns: Turns, to: T[]): Promise<void> {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let [left, right] = [start, middle];
  const inOrder = middle === end || compare(from[middle - 1] as T, from[middle] as T) <= 0;
  const run = (steps: number): void => {
    for (let i = 0; i < steps && (left < middle || right < end); i++) {
      const takeLeft = right >= end || (left < middle && (inOrder || compare(from[left] as T, from[right] as T) <= 0));
      to.push(from[takeLeft ? left++ : right++] as T);
    }
  };
  while (left < middle || right < end) {
    run(RUN);
    if (turns.due(RUN * 8)) await turns.turn();
  }
}
