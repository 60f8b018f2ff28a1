import type { Batch, Clock, Exporter, Outcome } from '../../component.js';
import type { RateLimitedLog } from '../../telemetry/rate-limited.js';
import { attempt } from './attempt.js';
import type { AttemptMark } from './attempt-mark.js';
import { backoffMs } from './backoff.js';
import type { CircuitBreaker } from './breaker.js';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import type { DeliveryMeter } from '../accounting/meter.js';
import { pause } from './pause.js';
import { selectItems } from '../reading/select.js';
import { undecodable } from '../reading/wire-part.js';
import type { DeliverySettings } from '../settings.js';
import type { TrackedFrame } from '../accounting/settlement.js';

/** A batch and the frames that its parts came from, in the same order. */
export interface TrackedBatch {
  readonly batch: Batch;
  readonly frames: readonly TrackedFrame[];
}

export interface SenderOptions {
  readonly exporter: Exporter;
  readonly settings: DeliverySettings;
  readonly breaker: CircuitBreaker;
  readonly meter: DeliveryMeter;
  readonly clock: Clock;
  readonly log: RateLimitedLog;
  /** Null: what is refused is not kept. */
  readonly deadLetters: DeadLetters | null;
  /** Told before an attempt how far it goes. Null: nobody keeps it. */
  readonly mark: Pick<AttemptMark, 'raise'> | null;
  /** What ends before this position is more than the exporter may leave in the journal. */
  readonly overQuota: (next: number) => boolean;
  /** No new attempt begins. */
  readonly stop: AbortSignal;
  /** Attempts under way end. */
  readonly abort: AbortSignal;
  /** 0 to 1. */
  readonly random: () => number;
}

/** What an attempt left to be sent again. */
interface Remainder {
  readonly items: readonly number[];
  readonly reason: string;
  readonly afterMs: number | undefined;
  readonly unknown: boolean;
}

/** A reason as the ledger keeps it: a word, alone or in front of a colon. Sentences go to the log. */
const WORD = /^([a-z][a-z0-9_]{0,39})(?::|$)/;

const NONE: ReadonlySet<number> = new Set();

/** Sends one batch after the other to an exporter, each until all of its items are settled. */
export class Sender {
  readonly #options: SenderOptions;

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  /** Settles when every item is delivered or dropped, or when it was stopped before. Never rejects. */
  async send(tracked: TrackedBatch): Promise<void> {
    const { exporter, settings, breaker, meter, clock, stop, abort } = this.#options;
    const startedMs = clock.monotonicMs();
    let current = tracked;
    let failures = 0;
    bookBegunBefore(tracked);
    while (await breaker.admit(stop)) {
      this.#mark(current);
      const attemptMs = clock.monotonicMs();
      const result = await attempt(exporter, current.batch, settings.timeout, abort);
      meter.attempt((clock.monotonicMs() - attemptMs) / 1000);
      if (result.kind === 'aborted') {
        breaker.cancel();
        return;
      }
      const decodable = result.kind === 'broken' ? this.#withoutUndecodable(current) : current;
      if (decodable !== current) {
        breaker.cancel();
        if (decodable === null) return;
        current = decodable;
        continue;
      }
      const outcome = result.kind === 'outcome' ? result.outcome : this.#broken(result.error);
      const kept = (outcome.kind === 'settled' && outcome.rejected.length > 0 && (await this.#options.deadLetters?.keep(current.batch, outcome.rejected))) || NONE;
      const remainder = this.#settle(current, outcome, kept);
      const progress = remainder === null || remainder.items.length < current.batch.items;
      this.#note(progress, remainder);
      if (remainder === null) return;
      failures = progress ? 1 : failures + 1;
      current = subset(current, remainder.items);
      if (remainder.unknown) {
        current.frames[0]!.outcomeUnknown += current.batch.items;
        for (const frame of current.frames) frame.attempted = true;
      }
      meter.retried(current.batch.items);

      const { enabled, max_elapsed_time: maxElapsedMs } = settings.retry_on_failure;
      const waitMs = backoffMs(failures, settings.retry_on_failure, remainder.afterMs, this.#options.random());
      if (!enabled) return this.#dropAll(current, 'not_retried', remainder.reason);
      if (maxElapsedMs > 0 && clock.monotonicMs() - startedMs + waitMs > maxElapsedMs) return this.#dropAll(current, 'retries_over', remainder.reason);
      const within = this.#withinQuota(current);
      if (within === null) return;
      current = within;
      await pause(waitMs, stop);
    }
  }

  /** Books what an outcome says; answers what remains, or null. */
  #settle({ batch, frames }: TrackedBatch, outcome: Outcome, kept: ReadonlySet<number>): Remainder | null {
    if (outcome.kind === 'retryable') {
      return { items: Array.from({ length: batch.items }, (_, i) => i), reason: outcome.reason, afterMs: outcome.afterMs, unknown: outcome.unknown === true };
    }
    const { meter, log } = this.#options;
    const left = batch.parts.map((part) => part.items);
    for (const { item, reason } of outcome.rejected) {
      const part = partOf(batch, item);
      left[part]!--;
      const word = WORD.exec(reason)?.[1] ?? 'rejected';
      frames[part]!.drop(kept.has(item) ? `dead_lettered_${word}` : word, 1);
      meter.failed(1, word);
      log.warn(`rejected ${word}`, kept.has(item) ? 'the destination refused an item for good; it is a dead letter' : 'the destination refused an item for good; it is dropped', { code: 'SBX_DELIVERY_REJECTED', reason: reason.slice(0, 500), signal: batch.signal, tenant: batch.tenant, position: batch.parts[part]!.position });
    }
    for (const item of outcome.retry.items) left[partOf(batch, item)]!--;
    left.forEach((items, part) => frames[part]!.deliver(items));
    meter.sent(outcome.delivered + outcome.duplicate);
    const again = left.reduce((sum, items, part) => sum + (frames[part]!.attempted ? items : 0), 0);
    if (again > 0) frames[0]!.redelivered += Math.min(again, outcome.delivered);
    if (outcome.retry.items.length === 0) return null;
    const { items, reason, afterMs, unknown } = outcome.retry;
    return { items: [...items].sort((a, b) => a - b), reason: reason ?? 'part of the batch is to be sent again', afterMs, unknown: unknown === true };
  }

  #note(progress: boolean, remainder: Remainder | null): void {
    const { breaker, meter, log } = this.#options;
    if (progress) {
      if (breaker.success()) {
        meter.circuit(false);
        log.info('circuit', 'the destination takes data again');
      }
      return;
    }
    const opened = breaker.failure(remainder?.afterMs);
    if (opened) meter.circuit(true);
    const message = opened ? 'the destination takes nothing; what arrives waits in the journal, and one batch at a time tries it' : 'a batch was not taken and is sent again';
    log.warn(opened ? 'circuit open' : 'retry', message, { code: 'SBX_DELIVERY_RETRY', reason: remainder?.reason.slice(0, 500) });
  }

  /** Without a mark it goes on: it is for counting, and for who asks a destination what it has. */
  #mark({ frames }: TrackedBatch): void {
    try {
      this.#options.mark?.raise(frames.at(-1)!.next);
    } catch (error) {
      this.#options.log.error('mark', 'how far this exporter has begun to send cannot be written; what is sent again after a crash is not counted as such', { code: 'SBX_DELIVERY_MARK', error });
    }
  }

  /** Bytes that nobody has decoded yet can be what an exporter stumbled over: their frames end here. */
  #withoutUndecodable(tracked: TrackedBatch): TrackedBatch | null {
    const problems = tracked.batch.parts.map((part) => (part.wire === undefined ? null : undecodable(part)));
    return this.#without(tracked, 'undecodable', (i) => {
      const problem = problems[i];
      if (!problem) return false;
      const { position, items } = tracked.batch.parts[i]!;
      this.#options.log.error('undecodable', 'a frame of the journal cannot be read as OTLP; its items are dropped for this exporter', { code: 'SBX_DELIVERY_UNDECODABLE', position, items, tenant: tracked.batch.tenant, error: problem.message });
      return true;
    });
  }

  #broken(error: unknown): Outcome {
    this.#options.log.error('broken', 'the exporter failed in a way that it should not, which is an error of this program; the batch is sent again', { code: 'SBX_DELIVERY_EXPORTER', error });
    return { kind: 'retryable', reason: error instanceof Error ? error.message : String(error), unknown: true };
  }

  /** Drops what is more than the exporter may leave in the journal; answers what is left, or null. */
  #withinQuota(tracked: TrackedBatch): TrackedBatch | null {
    return this.#without(tracked, 'over_quota', (_, frame) => this.#options.overQuota(frame.next));
  }

  /** Drops some of the parts; answers the batch itself where it is none of them, or null where it is all. */
  #without(tracked: TrackedBatch, reason: string, gone: (part: number, frame: TrackedFrame) => boolean): TrackedBatch | null {
    const { batch, frames } = tracked;
    const items: number[] = [];
    let first = 0;
    let dropped = 0;
    batch.parts.forEach((part, i) => {
      if (gone(i, frames[i]!)) {
        frames[i]!.drop(reason, part.items);
        dropped += part.items;
      } else for (let item = first; item < first + part.items; item++) items.push(item);
      first += part.items;
    });
    if (dropped === 0) return tracked;
    this.#options.meter.failed(dropped, reason);
    return items.length === 0 ? null : subset(tracked, items);
  }

  #dropAll({ batch, frames }: TrackedBatch, word: string, reason: string): void {
    batch.parts.forEach((part, i) => frames[i]!.drop(word, part.items));
    this.#options.meter.failed(batch.items, word);
    this.#options.log.error(word, 'items were given up and are dropped', { code: 'SBX_DELIVERY_DROPPED', items: batch.items, signal: batch.signal, tenant: batch.tenant, reason: reason.slice(0, 500) });
  }
}

/** What an attempt of an earlier life may have brought is of unknown outcome. */
function bookBegunBefore({ batch, frames }: TrackedBatch): void {
  frames.forEach((frame, i) => {
    if (frame.attempted) frame.outcomeUnknown += batch.parts[i]!.items;
  });
}

/** Index of the part that holds an item. */
function partOf(batch: Batch, item: number): number {
  let part = 0;
  let end = batch.parts[0]!.items;
  while (item >= end) end += batch.parts[++part]!.items;
  return part;
}

function subset({ batch, frames }: TrackedBatch, items: readonly number[]): TrackedBatch {
  if (items.length === batch.items) return { batch, frames };
  const selected = selectItems(batch, items);
  const byPosition = new Map(batch.parts.map((part, i) => [part.position, frames[i]!]));
  return { batch: selected, frames: selected.parts.map((part) => byPosition.get(part.position)!) };
}
