import type { Batch, BatchPart, Processor, SignalData } from '../../component.js';
import { selectItems } from '../../delivery/reading/select.js';

export type ProcessResult = ReturnType<Processor['process']>;

/** Which items of a part go, and why. The first reason given for an item stands. */
export class Dropped {
  #marks: Uint8Array | null = null;
  readonly #reasons = new Map<string, number>();

  constructor(readonly items: number) {}

  drop(item: number, reason: string): void {
    this.#marks ??= new Uint8Array(this.items);
    if (this.#marks[item] === 1) return;
    this.#marks[item] = 1;
    this.#reasons.set(reason, (this.#reasons.get(reason) ?? 0) + 1);
  }

  dropAll(first: number, count: number, reason: string): void {
    for (let item = first; item < first + count; item++) this.drop(item, reason);
  }

  has(item: number): boolean {
    return this.#marks !== null && this.#marks[item] === 1;
  }

  get marks(): Uint8Array | null {
    return this.#marks;
  }

  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons;
  }
}

/** Runs over the parts of a batch; parts that stay as they are are passed on as they are. */
export function processParts(batch: Batch, edit: (data: SignalData, dropped: Dropped, part: BatchPart) => SignalData): ProcessResult {
  const parts: BatchPart[] = [];
  const reasons = new Map<string, number>();
  let changed = false;
  let items = 0;
  for (const part of batch.parts) {
    const dropped = new Dropped(part.items);
    const data = edit(part.data, dropped, part);
    const left = withoutDropped(data === part.data ? part : { ...part, data }, batch, dropped);
    changed ||= left !== part;
    if (left) {
      parts.push(left);
      items += left.items;
    }
    for (const [reason, count] of dropped.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
  }
  return { batch: changed ? { ...batch, parts, items } : batch, dropped: [...reasons].map(([reason, count]) => ({ reason, items: count })) };
}

function withoutDropped(part: BatchPart, { tenant, signal }: Batch, { marks }: Dropped): BatchPart | null {
  if (!marks) return part;
  const kept: number[] = [];
  for (let item = 0; item < marks.length; item++) if (marks[item] === 0) kept.push(item);
  return selectItems({ tenant, signal, parts: [part], items: part.items }, kept).parts[0] ?? null;
}
