import { oneLine, type Verdict } from '../http/verdict.js';
import type { OutcomeTally, RetryCause } from '../outcome.js';
import { isTooLarge, limitOf, type Limit } from './limits.js';
import type { PushEntries } from './push-entries.js';
import { ageReason, namedByRefusal, refusalReason } from './refusal.js';

/** Requests that a refused one may be divided into before the rest of it counts as rejected. */
const MAX_DIVISIONS = 200;

export interface PushAnswer {
  readonly verdict: Verdict;
  readonly text: string;
}

/** Sends as many of the items as fit into a request; one at least. */
export type SendItems = (items: Uint32Array) => Promise<{ readonly taken: number; readonly answer: PushAnswer }>;

/**
 * One batch on its way. Of a refused request Loki keeps what it finds good without saying what, and it drops what it has already; so a
 * refused request is sent again in halves until what is refused stands alone. Its ingesters answer for the last stream of a request
 * alone (loki, pkg/ingester/instance.go, Push): one before it may be lost with 204, so streams go apart.
 */
export class Push {
  private divisions = 0;
  /** Streams that are to be left alone for now, and their items. */
  private readonly limited = new Map<string, { readonly cause: RetryCause; readonly items: number[] }>();

  constructor(private readonly entries: PushEntries, private readonly tally: OutcomeTally, private readonly send: SendItems) {}

  async deliver(items: Uint32Array): Promise<void> {
    for (let left = this.withoutHeld(items); left.length > 0; ) {
      if (this.tally.retrying) return this.tally.retry(left, { reason: 'not tried' });
      const { taken, answer } = await this.send(left);
      await this.answered(left.subarray(0, taken), answer);
      left = this.withoutHeld(left.subarray(taken));
    }
  }

  /** What is held back for the limits of its stream is to be sent again. */
  end(): void {
    for (const { cause, items } of this.limited.values()) this.tally.retry(items, cause);
  }

  private async answered(items: Uint32Array, { verdict, text }: PushAnswer): Promise<void> {
    if (verdict.kind === 'accepted') return;
    if (verdict.kind === 'refused' || isTooLarge(text)) return this.refused(items, text);
    const limit = limitOf(text, items, this.entries);
    return limit === null ? this.tally.retry(items, verdict.cause) : this.over(limit, items, text, verdict.cause);
  }

  private async refused(items: Uint32Array, text: string): Promise<void> {
    const reason = refusalReason(oneLine(text));
    const named = new Set(namedByRefusal(text, items, this.entries));
    this.tally.reject(named, ageReason(text));
    const rest = items.filter((item) => !named.has(item));
    if (named.size > 0) return this.deliver(rest);
    if (rest.length === 1 || this.divisions >= MAX_DIVISIONS) return this.tally.reject(rest, reason);
    return this.inHalves(rest);
  }

  private async over(limit: Limit, items: Uint32Array, text: string, cause: RetryCause): Promise<void> {
    // Beyond its limits Loki keeps nothing of a request or all but some streams, and it does not take an entry twice.
    if (this.divisions >= MAX_DIVISIONS) return this.tally.retry(items, cause);
    const { streams } = limit;
    const isNamed = (item: number): boolean => streams.has(this.entries.labels(item));
    switch (limit.kind) {
      case 'burst': {
        this.divisions++;
        const middle = Math.ceil(items.length / 2);
        await this.deliver(items.subarray(0, middle));
        return this.tally.retry(items.subarray(middle), cause);
      }
      case 'streams':
        if (streams.size === 0) return items.length === 1 ? this.tally.reject(items, refusalReason(oneLine(text))) : this.inHalves(items);
        this.tally.reject(items.filter(isNamed), refusalReason(oneLine(text)));
        break;
      case 'stream-rate': {
        const named = items.filter(isNamed);
        const now = limit.tooMuch ? Math.ceil(named.length / 2) : 0;
        if (now > 0) {
          this.divisions++;
          await this.deliver(named.subarray(0, now));
        }
        for (const stream of streams) if (!this.limited.has(stream)) this.limited.set(stream, { cause, items: [] });
        this.withoutHeld(named.subarray(now));
      }
    }
    this.divisions++;
    return this.deliver(items.filter((item) => !isNamed(item)));
  }

  /** Items whose stream is left alone come behind those that wait already; answers the others. */
  private withoutHeld(items: Uint32Array): Uint32Array {
    if (this.limited.size === 0) return items;
    return items.filter((item) => {
      const limited = this.limited.get(this.entries.labels(item));
      limited?.items.push(item);
      return limited === undefined;
    });
  }

  private async inHalves(items: Uint32Array): Promise<void> {
    this.divisions += 2;
    const middle = Math.ceil(items.length / 2);
    await this.deliver(items.subarray(0, middle));
    await this.deliver(items.subarray(middle));
  }
}
