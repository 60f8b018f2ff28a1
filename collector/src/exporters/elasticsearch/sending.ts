import type { OutcomeTally } from '../outcome.js';
import type { Documents, Selection } from './documents/documents.js';
import type { BulkAnswer } from './requests/bulk.js';

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 200;

/** One batch on its way. */
export class Sending {
  private divisions = 0;
  /** Documents that are there now. */
  private created = 0;
  /** Items with a document that was there, and those with one that was not; filled when not every document was created. */
  private readonly known: Set<number>;
  private readonly fresh = new Set<number>();
  /** Requests of which all was created, for when it matters which items they were of. */
  private readonly whole: Selection[] = [];

  constructor(private readonly tally: OutcomeTally, private readonly documents: Documents, stored: Iterable<number>, private readonly send: (some: Selection) => Promise<BulkAnswer>) {
    this.known = new Set(documents.itemsOf(stored));
  }

  async deliver(some: Selection): Promise<void> {
    const { documents, tally } = this;
    if (some.length === 0) return;
    if (tally.retrying) return tally.retry(documents.itemsOf(some), { reason: 'not tried' });
    const answer = await this.send(some);
    switch (answer.kind) {
      case 'created':
        this.created += some.length;
        this.whole.push(some);
        return;
      case 'items':
        for (const [i, fate] of answer.fates.entries()) {
          const items = documents.items(some[i]);
          if (fate.kind === 'created') for (const item of items) this.fresh.add(item);
          else if (fate.kind === 'duplicate') for (const item of items) this.known.add(item);
          else if (fate.kind === 'retry') tally.retry(items, fate.cause);
          else tally.reject(items, fate.reason);
        }
        return;
      case 'retry':
        return tally.retry(documents.itemsOf(some), answer.cause);
      case 'refused':
        break;
    }
    if (some.length === 1 || this.divisions >= MAX_DIVISIONS) return tally.reject(documents.itemsOf(some), answer.reason);
    this.divisions += 2;
    const middle = Math.ceil(some.length / 2);
    await this.deliver(some.subarray(0, middle));
    await this.deliver(some.subarray(middle));
  }

  /** An item is a duplicate where nothing of it was new. Answers those of which something is there; none where everything was created. */
  finish(): ReadonlySet<number> {
    const { known, fresh } = this;
    if (known.size === 0 && this.created === this.documents.count) return fresh;
    for (const some of this.whole) for (const item of this.documents.itemsOf(some)) fresh.add(item);
    this.tally.duplicate([...known].filter((item) => !fresh.has(item)));
    return new Set([...known, ...fresh]);
  }
}
