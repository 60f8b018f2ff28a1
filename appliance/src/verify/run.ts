import { setTimeout as sleep } from 'node:timers/promises';
import type { Signal } from '@signalbox/signals/model/signal';
import { describeError } from '../errors.js';
import { makeMarked } from './marked.js';
import type { Marked } from './marked.js';
import type { WayIn } from './ways-in.js';
import type { WayOut } from './ways-out.js';

/** One line of the table: one signal sent one way and looked for another. */
export interface Link {
  readonly signal: Signal;
  readonly wayIn: string;
  /** Milliseconds until it was acknowledged. */
  readonly acknowledgedMs: number | null;
  readonly wayOut: string;
  /** Milliseconds from sending until it was found; null when it was not. */
  readonly foundMs: number | null;
  readonly failure: string | null;
}

const FIRST_WAIT_MS = 10;
const MAX_WAIT_MS = 500;

/** Sends through every way in, then looks for each through every way out until it is there or the time is over. */
export async function runVerify(ways: { readonly in: readonly WayIn[]; readonly out: readonly WayOut[] }, options: { token: string | null; timeoutMs: number }): Promise<Link[]> {
  const links: Link[] = [];
  for (const way of ways.in) {
    const marked = makeMarked(BigInt(Date.now()) * 1_000_000n);
    for (const signal of way.signals) {
      const outs = ways.out.filter((o) => o.signal === signal);
      const sentAt = performance.now();
      try {
        await way.send(marked, signal, options);
      } catch (error) {
        const failure = `not accepted: ${describeError(error)}`;
        links.push(...outs.map((out) => ({ signal, wayIn: way.name, acknowledgedMs: null, wayOut: out.name, foundMs: null, failure })));
        continue;
      }
      const acknowledgedMs = performance.now() - sentAt;
      links.push(...(await Promise.all(outs.map(async (out) => ({ signal, wayIn: way.name, acknowledgedMs, wayOut: out.name, ...(await look(out, marked, sentAt, options.timeoutMs)) })))));
    }
  }
  return links;
}

async function look(out: WayOut, marked: Marked, sentAt: number, timeoutMs: number): Promise<{ foundMs: number | null; failure: string | null }> {
  let failure = `accepted, but not found within ${timeoutMs / 1000} s`;
  for (let waitMs = FIRST_WAIT_MS; performance.now() - sentAt < timeoutMs; waitMs = Math.min(waitMs * 2, MAX_WAIT_MS)) {
    try {
      if (await out.find(marked)) return { foundMs: performance.now() - sentAt, failure: null };
      failure = `accepted, but not found within ${timeoutMs / 1000} s`;
    } catch (error) {
      failure = describeError(error);
    }
    await sleep(waitMs);
  }
  return { foundMs: null, failure };
}
