import type { Turns } from '../../../event-loop.js';
import { sortedByValue } from '../../functions/instant/sort.js';
import type { StepSeries } from '../values/values.js';
import { FLOAT } from '../values/values.js';

/** From so many members on other work gets its turn meanwhile. */
const MANY = 4000;

/**
 * The `k` series with the greatest (or least) values at a step, NaN behind all others. Of equal values those stay that stay in Go's heap
 * (container/heap, whose root is what goes first), so that ties end as in Prometheus. `ordered`: the best first.
 */
export function bestOf(greatest: boolean, members: readonly StepSeries[], step: number, k: number, ordered: boolean, turns: Turns): readonly StepSeries[] | Promise<readonly StepSeries[]> {
  const heap = new Heap(greatest, step);
  if (ordered || members.length >= MANY) return bestInTurns(heap, members, k, ordered, turns);
  for (let at = 0; at < members.length; at++) heap.offer(members[at] as StepSeries, k);
  return heap.members;
}

async function bestInTurns(heap: Heap, members: readonly StepSeries[], k: number, ordered: boolean, turns: Turns): Promise<readonly StepSeries[]> {
  for (const [at, member] of members.entries()) {
    heap.offer(member, k);
    if (at % MANY === MANY - 1 && turns.due(MANY * 4)) await turns.turn();
  }
  return ordered ? sortedByValue(heap.members, heap.step, heap.greatest ? -1 : 1, turns) : heap.members;
}

/** At its root is what is to go next. */
class Heap {
  readonly members: StepSeries[] = [];

  constructor(readonly greatest: boolean, readonly step: number) {}

  /** Takes a member in where it is a number, in place of the root where there are `k` already and it is better. */
  offer(member: StepSeries, k: number): void {
    if (member.present[this.step] !== FLOAT) return;
    const { members } = this;
    if (members.length < k) {
      members.push(member);
      this.#up(members.length - 1);
      return;
    }
    const [root, value] = [this.#valueAt(0), member.values[this.step] ?? NaN];
    if (!(this.greatest ? root < value : root > value) && !(Number.isNaN(root) && !Number.isNaN(value))) return;
    members[0] = member;
    this.#down();
  }

  #goesBefore(a: number, b: number): boolean {
    return Number.isNaN(a) || (this.greatest ? a < b : a > b);
  }

  #valueAt(index: number): number {
    return this.members[index]?.values[this.step] ?? NaN;
  }

  #swap(a: number, b: number): void {
    const { members } = this;
    [members[a], members[b]] = [members[b] as StepSeries, members[a] as StepSeries];
  }

  #up(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#goesBefore(this.#valueAt(at), this.#valueAt(parent))) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #down(): void {
    const { length } = this.members;
    for (let at = 0; ;) {
      let child = 2 * at + 1;
      if (child >= length) return;
      if (child + 1 < length && this.#goesBefore(this.#valueAt(child + 1), this.#valueAt(child))) child++;
      if (!this.#goesBefore(this.#valueAt(child), this.#valueAt(at))) return;
      this.#swap(at, child);
      at = child;
    }
  }
}
